/** The form of a webhook: what was typed, and what it means to the API. Pure. */
import type {
  Webhook,
  WebhookEvent,
  WebhookInput,
  WebhookType,
} from '../../../../schema/webhook.ts'
import { webhookEvents } from './words.ts'

export type WebhookDraft = {
  type: WebhookType
  /** Empty for a stored Slack or Teams URL, which is kept. */
  url: string
  to: string
  mailAccountId: string
  description: string
  events: readonly WebhookEvent[]
}

/** The state of the switch is no part of the form. */
export type WebhookFormInput = Omit<WebhookInput, 'enabled'>

/** A URL of these types is a password: it is not shown again. */
export const hasSecretUrl = (type: WebhookType) => type === 'slack' || type === 'teams'

/** Events that a new webhook receives: people get those that somebody must act on, and their end. */
const initialEvents = (type: WebhookType) =>
  (Object.keys(webhookEvents) as WebhookEvent[]).filter(
    (event) => type === 'standard' || event !== 'admin_consent.completed',
  )

/** Returns the initial form. */
export const draftOf = (stored: Webhook | null): WebhookDraft => ({
  type: stored?.type ?? 'standard',
  url: stored && stored.type === 'standard' ? stored.url : '',
  to: stored?.to ?? '',
  mailAccountId: stored?.mail_account_id ?? '',
  description: stored?.description ?? '',
  events: stored?.events ?? initialEvents('standard'),
})

/** Changes the type of a new webhook, and with it the events, unless they were chosen. */
export const withType = (draft: WebhookDraft, type: WebhookType): WebhookDraft => ({
  ...draft,
  type,
  events: isSame(draft.events, initialEvents(draft.type)) ? initialEvents(type) : draft.events,
})

const isSame = (one: readonly string[], other: readonly string[]) =>
  [...one].sort().join() === [...other].sort().join()

/** Returns what is missing, by JSON pointer. */
export const errorsOf = ({
  type,
  mailAccountId,
  events,
}: WebhookDraft): Record<string, string> => ({
  ...(type === 'email' && mailAccountId === '' && { '/mail_account_id': 'Choose an account.' }),
  ...(events.length === 0 && { '/events': 'Choose at least one.' }),
})

export function inputOf(draft: WebhookDraft): WebhookFormInput & { events: WebhookEvent[] } {
  const { type } = draft
  const [url, description] = [draft.url.trim(), draft.description.trim()]
  return {
    ...(type !== 'standard' && { type }),
    ...(type === 'email'
      ? { to: draft.to.trim(), mail_account_id: draft.mailAccountId }
      : (type === 'standard' || url !== '') && { url }),
    events: [...draft.events],
    ...(description && { description }),
  }
}

/** Returns true if two drafts would store different values. The order of events does not matter. */
export function differs(one: WebhookDraft, other: WebhookDraft): boolean {
  const stored = (draft: WebhookDraft) => {
    const input = inputOf(draft)
    return JSON.stringify({ ...input, events: input.events.sort() })
  }
  return stored(one) !== stored(other)
}
