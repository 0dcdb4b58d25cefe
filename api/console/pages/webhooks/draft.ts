/** The form of a webhook: what was typed, and what it means to the API. Pure. */
import type { Webhook, WebhookEvent, WebhookInput } from '../../../../schema/webhook.ts'
import { webhookEvents } from './words.ts'

export type WebhookDraft = { url: string; description: string; events: readonly WebhookEvent[] }

/** The state of the switch is no part of the form. */
export type WebhookFormInput = Omit<WebhookInput, 'enabled'>

/** Returns the initial form: a new webhook receives all events. */
export const draftOf = (stored: Webhook | null): WebhookDraft => ({
  url: stored?.url ?? '',
  description: stored?.description ?? '',
  events: stored?.events ?? (Object.keys(webhookEvents) as WebhookEvent[]),
})

/** Returns what is missing, by JSON pointer. */
export const errorsOf = ({ events }: WebhookDraft): Record<string, string> =>
  events.length === 0 ? { '/events': 'Choose at least one.' } : {}

export function inputOf(draft: WebhookDraft): WebhookFormInput {
  const description = draft.description.trim()
  return {
    url: draft.url.trim(),
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
