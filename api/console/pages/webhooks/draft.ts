/** The values of the form of an alert channel or webhook, and the request that they make. Pure. */
import { webhookEvents } from '../../../../schema/events.ts'
import type {
  Webhook,
  WebhookEvent,
  WebhookInput,
  WebhookType,
} from '../../../../schema/webhook.ts'
import type { Errors } from '../../ui/form-state.ts'
import { isRecommended, recommendedEvents } from './labels.ts'

export type WebhookDraft = {
  type: WebhookType
  /** Customer of the stored one. */
  customer: Webhook['customer']
  /** Empty for a stored Slack or Teams URL, which is kept. */
  url: string
  to: string
  mailAccountId: string
  description: string
  /** The recommended events, whatever `events` holds, or those chosen. */
  about: 'recommended' | 'chosen'
  events: readonly WebhookEvent[]
}

/** The fields of the form. `enabled` has its own button. */
export type WebhookFormInput = Omit<WebhookInput, 'enabled'>

/** Returns true if the URL works like a password, which is never shown again. */
export const hasSecretUrl = (type: WebhookType) => type === 'slack' || type === 'teams'

/** Returns the values that would be stored. The order of events does not matter. */
export function tidy(draft: WebhookDraft): WebhookDraft {
  const { type, about } = draft
  const wanted = about === 'recommended' ? recommendedEvents(draft) : draft.events
  return {
    ...draft,
    ...(type === 'email'
      ? { url: '', to: draft.to.trim() }
      : { url: draft.url.trim(), to: '', mailAccountId: '' }),
    description: draft.description.trim(),
    about: isRecommended(draft, wanted) ? 'recommended' : 'chosen',
    events: webhookEvents.filter((event) => wanted.includes(event)),
  }
}

/** Returns the initial values, tidy: the stored ones, or those of a new one of this type. */
export const draftOf = (stored: Webhook | WebhookType): WebhookDraft => {
  if (typeof stored === 'string') return tidy({ ...EMPTY, type: stored })
  const { type, customer, url, to, mail_account_id, description, events } = stored
  return tidy({
    type,
    customer,
    url: type === 'standard' ? url : '',
    to: to ?? '',
    mailAccountId: mail_account_id ?? '',
    description: description ?? '',
    about: 'chosen',
    events,
  })
}

const EMPTY: Omit<WebhookDraft, 'type'> = {
  customer: null,
  url: '',
  to: '',
  mailAccountId: '',
  description: '',
  about: 'recommended',
  events: [],
}

/** Returns what is missing, by JSON pointer. */
export const errorsOf = ({ type, mailAccountId, about, events }: WebhookDraft): Errors => ({
  ...(type === 'email' && mailAccountId === '' && { '/mail_account_id': 'Choose a mailbox.' }),
  ...(about === 'chosen' && events.length === 0 && { '/events': 'Choose at least one.' }),
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
