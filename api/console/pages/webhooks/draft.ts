/** The values of the webhook form, and the request that they make. Pure. */
import { defaultEvents, webhookEvents } from '../../../../schema/events.ts'
import type {
  Webhook,
  WebhookEvent,
  WebhookInput,
  WebhookType,
} from '../../../../schema/webhook.ts'
import type { Errors } from '../../ui/form-state.ts'

export type WebhookDraft = {
  type: WebhookType
  /** Empty for a stored Slack or Teams URL, which is kept. */
  url: string
  to: string
  mailAccountId: string
  description: string
  events: readonly WebhookEvent[]
}

/** The fields of the form. `enabled` has its own button. */
export type WebhookFormInput = Omit<WebhookInput, 'enabled'>

/** Returns true if the URL works like a password, which is never shown again. */
export const hasSecretUrl = (type: WebhookType) => type === 'slack' || type === 'teams'

const initialEvents = (type: WebhookType) => defaultEvents(type === 'standard', false)

/** Returns the values that would be stored. The order of events does not matter. */
export const tidy = (draft: WebhookDraft): WebhookDraft => ({
  ...draft,
  ...(draft.type === 'email'
    ? { url: '', to: draft.to.trim() }
    : { url: draft.url.trim(), to: '', mailAccountId: '' }),
  description: draft.description.trim(),
  events: webhookEvents.filter((event) => draft.events.includes(event)),
})

/** Returns the initial values, tidy. */
export const draftOf = (stored: Webhook | null): WebhookDraft =>
  tidy({
    type: stored?.type ?? 'standard',
    url: stored?.type === 'standard' ? stored.url : '',
    to: stored?.to ?? '',
    mailAccountId: stored?.mail_account_id ?? '',
    description: stored?.description ?? '',
    events: stored?.events ?? initialEvents('standard'),
  })

/** Changes the type of a new webhook, and its events unless they were changed before. */
export const withType = (draft: WebhookDraft, type: WebhookType): WebhookDraft => ({
  ...draft,
  type,
  events: isSame(draft.events, initialEvents(draft.type)) ? initialEvents(type) : draft.events,
})

const isSame = (a: readonly string[], b: readonly string[]) =>
  [...a].sort().join() === [...b].sort().join()

/** Returns what is missing, by JSON pointer. */
export const errorsOf = ({ type, mailAccountId, events }: WebhookDraft): Errors => ({
  ...(type === 'email' && mailAccountId === '' && { '/mail_account_id': 'Choose an account.' }),
  ...(events.length === 0 && { '/events': 'Choose at least one.' }),
})

export function inputOf(draft: WebhookDraft): WebhookFormInput {
  const { type, url, to, mailAccountId, description, events } = tidy(draft)
  return {
    ...(type !== 'standard' && { type }),
    ...(type === 'email'
      ? { to, mail_account_id: mailAccountId }
      : (type === 'standard' || url !== '') && { url }),
    events: [...events],
    ...(description && { description }),
  }
}
