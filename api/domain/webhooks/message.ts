/** Bodies of the messages to webhooks. Pure. */
import type { EventRecord } from '../../model/event.ts'
import type { PendingEvent, WebhookRecord } from '../../model/webhook.ts'

/** Returns the details of an event. The problem of a sign-in is an object, as in the API. */
function detailsOf({ type, data }: EventRecord) {
  if (type !== 'authorization.failed') return data
  const { code, detail, ...others } = data
  return { ...others, problem: { code, detail } }
}

export const eventMessage = ({ event, mailAccountIds }: PendingEvent): string =>
  JSON.stringify({
    type: event.type,
    timestamp: event.at.toISOString(),
    data: {
      ...detailsOf(event),
      customer: event.customer,
      event_id: event.id,
      subject: event.subject ?? '',
      mail_accounts: mailAccountIds,
    },
  })

/** Returns the body of a `webhook.test` message. */
export const testMessage = (
  event: Pick<EventRecord, 'id' | 'at'>,
  { id, customer }: Pick<WebhookRecord, 'id' | 'customer'>,
): string =>
  JSON.stringify({
    type: 'webhook.test',
    timestamp: event.at.toISOString(),
    data: { event_id: event.id, customer, subject: id, mail_accounts: [] },
  })
