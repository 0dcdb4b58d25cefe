/** Webhooks: the list of endpoints, and whether they accept messages. */
import type { Webhook, WebhookDelivery } from '../../../schema/webhook.ts'
import { get, type ListPage, list } from '../api.ts'
import { Badge } from '../components/badge.tsx'
import { FlashNotice } from '../components/flash.tsx'
import { PageHead } from '../components/page-head.tsx'
import { type Column, Table } from '../components/table.tsx'
import { Ago } from '../components/time.tsx'
import type { Page, Visit } from '../router.ts'
import { deliveryState, eventCount, webhookName, webhookState } from './webhooks/words.ts'

type Row = Webhook & { deliveries: readonly WebhookDelivery[] }

/** Number of latest messages that are read per webhook. */
const DELIVERIES = 20

export async function webhooksPage(visit: Visit): Promise<Page> {
  const webhooks = await list<Webhook>('/v1/webhooks')
  const rows = await Promise.all(
    webhooks.map(async (webhook): Promise<Row> => {
      const path = `/v1/webhooks/${webhook.id}/deliveries?limit=${DELIVERIES}`
      const { data } = await get<ListPage<WebhookDelivery>>(path, visit.signal)
      return { ...webhook, deliveries: data }
    }),
  )
  return { title: 'Alerts and webhooks', content: <Webhooks rows={rows} /> }
}

const Webhooks = ({ rows }: { rows: readonly Row[] }) => (
  <>
    <PageHead
      title="Alerts and webhooks"
      lead="Who is notified when a mailbox needs attention or works again."
    >
      <a class="button main" href="#/webhooks/new">
        Add webhook
      </a>
    </PageHead>
    <FlashNotice />
    {rows.length === 0 ? (
      <NoWebhooks />
    ) : (
      <Table caption="Webhooks" columns={columns} rows={rows} />
    )}
  </>
)

const columns: Column<Row>[] = [
  {
    name: 'Webhook',
    cell: (webhook) => (
      <>
        <a href={`#/webhooks/${webhook.id}`}>{webhookName(webhook)}</a>
        <div class="quiet small plain">{webhook.url.replace(/^mailto:/, '')}</div>
      </>
    ),
  },
  {
    name: 'State',
    cell: (webhook) => {
      const { tone, word } = webhookState(webhook)
      return <Badge tone={tone}>{word}</Badge>
    },
  },
  { name: 'Events', cell: ({ events }) => eventCount(events) },
  { name: 'Last message', cell: ({ deliveries }) => <LastMessage deliveries={deliveries} /> },
]

function LastMessage({ deliveries }: { deliveries: readonly WebhookDelivery[] }) {
  const [last] = deliveries
  if (last === undefined) return <>None yet</>
  const { tone, word } = deliveryState(last)
  const failed = deliveries.filter(({ status }) => status === 'failed').length
  return (
    <>
      <Badge tone={tone}>{word}</Badge>{' '}
      <span class="small quiet nowrap">
        <Ago time={last.last_attempt_at ?? last.created_at} />
      </span>
      {failed > 0 && (
        <div class="small quiet">{`${failed} of the last ${deliveries.length} failed`}</div>
      )}
    </>
  )
}

const NoWebhooks = () => (
  <div class="empty">
    <p>No webhooks yet.</p>
    <p>
      Add a Slack or Teams channel, an email address or your own endpoint, to learn that a mailbox
      stopped working before its users do.
    </p>
  </div>
)
