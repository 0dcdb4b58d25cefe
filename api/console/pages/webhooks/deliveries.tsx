/** The log of a webhook: each message, its result and payload, and "Send again". */
import { useRef } from 'preact/hooks'
import type { WebhookDelivery } from '../../../../schema/webhook.ts'
import { get, type ListPage } from '../../api.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { SelectField } from '../../components/fields.tsx'
import { ProblemAlert } from '../../components/notice.tsx'
import { OlderButton, type PagedList } from '../../components/paged-list.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { Ago } from '../../components/time.tsx'
import { deliveryState, messageName } from './labels.ts'
import { type Sending, SendingStatus, useSending } from './send.tsx'

export type DeliveryFilter = WebhookDelivery['status'] | ''

/** A message, with the cursor of the page that lists it. */
export type ListedDelivery = WebhookDelivery & { cursor: string | null }

const filters: { value: DeliveryFilter; label: string }[] = [
  { value: '', label: 'All messages' },
  { value: 'failed', label: 'Failed' },
  { value: 'pending', label: 'Pending' },
  { value: 'delivered', label: 'Delivered' },
]

/** Reads one page of the log; `filter` is empty for all messages. */
export async function loadDeliveries(
  webhookId: string,
  filter: DeliveryFilter,
  cursor: string | null,
  signal: AbortSignal,
): Promise<ListPage<ListedDelivery>> {
  const query = new URLSearchParams({
    limit: '20',
    ...(filter && { status: filter }),
    ...(cursor && { cursor }),
  })
  const path = `/v1/webhooks/${webhookId}/deliveries?${query}`
  const page = await get<ListPage<WebhookDelivery>>(path, signal)
  return { ...page, data: page.data.map((delivery) => ({ ...delivery, cursor })) }
}

/** `onSent` is called after every message that was sent again. */
export function Deliveries(props: {
  webhookId: string
  list: PagedList<ListedDelivery, DeliveryFilter>
  onSent: () => Promise<unknown>
  signal: AbortSignal
}) {
  const { webhookId, list, onSent, signal } = props
  const { shown, problem } = list
  const sending = useSending({ webhookId, onSent, signal })
  const place = useRef<HTMLDivElement>(null)
  return (
    <div>
      <div class="row spread filters">
        <SelectField label="Show" options={filters} value={list.filter} onChange={list.setFilter} />
      </div>
      <ProblemAlert problem={problem} />
      <SendingStatus sending={sending} />
      <div tabIndex={-1} ref={place}>
        {shown?.items.length === 0 && <NoDeliveries isFiltered={shown.filter !== ''} />}
        {shown && shown.items.length > 0 && (
          <DeliveryTable deliveries={shown.items} sending={sending} />
        )}
      </div>
      <OlderButton list={list} onEnd={() => place.current?.focus()} />
    </div>
  )
}

const NoDeliveries = ({ isFiltered }: { isFiltered: boolean }) => (
  <div class="empty">{isFiltered ? 'No messages with this status.' : 'No messages yet.'}</div>
)

function DeliveryTable(props: { deliveries: readonly ListedDelivery[]; sending: Sending }) {
  const { deliveries, sending } = props
  const actions: Column<ListedDelivery> = {
    name: 'Actions',
    actions: true,
    cell: ({ id, type, cursor }) => {
      const path = `/deliveries/${id}/redeliver`
      return (
        <Button
          aria-label={`Send again: ${messageName(type)}`}
          busy={sending.running.includes(path)}
          onClick={() => sending.send(path, cursor)}
        >
          Send again
        </Button>
      )
    },
  }
  return <Table caption="Messages" columns={[...columns, actions]} rows={deliveries} />
}

const columns: Column<ListedDelivery>[] = [
  {
    name: 'Message',
    cell: ({ type, payload }) => (
      <>
        {messageName(type)}
        <details class="plain small payload">
          <summary>Payload</summary>
          <Copyable text={payload} name="payload" lines />
        </details>
      </>
    ),
  },
  { name: 'State', cell: (delivery) => <State delivery={delivery} /> },
  { name: 'Attempts', cell: ({ attempts }) => attempts },
  {
    name: 'Last sent',
    cell: ({ last_attempt_at: last }) => (
      <span class="nowrap">{last ? <Ago time={last} /> : 'Not yet'}</span>
    ),
  },
]

function State({ delivery }: { delivery: WebhookDelivery }) {
  const { status, attempts, last_error, last_status, next_attempt_at: next } = delivery
  const { tone, word } = deliveryState(delivery)
  return (
    <>
      <Badge tone={tone}>{word}</Badge>
      <div class="small quiet">
        {last_error ?? (last_status !== null && `The endpoint answered ${last_status}.`)}
        {status === 'pending' && attempts > 0 && next && (
          <>
            {' Next attempt '}
            <Ago time={next} />.
          </>
        )}
      </div>
    </>
  )
}
