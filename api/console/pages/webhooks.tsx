/** Webhooks: the list of endpoints, and whether they accept messages. */
import type { Webhook, WebhookDelivery } from '../../../schema/webhook.ts'
import { get, type ListPage, list, type Read } from '../api.ts'
import { Badge } from '../components/badge.tsx'
import { FlashNotice } from '../components/flash.tsx'
import { LiveStatus } from '../components/live-status.tsx'
import { PageHead } from '../components/page-head.tsx'
import { type Column, Table } from '../components/table.tsx'
import { Ago } from '../components/time.tsx'
import { useLive } from '../components/use-live.ts'
import type { Page, Visit } from '../router.ts'
import { deliveryState, eventCount, webhookName, webhookState } from './webhooks/words.ts'

type Row = Webhook & { deliveries: readonly WebhookDelivery[] }

/** Number of latest messages that are read per webhook. */
const DELIVERIES = 20

export async function webhooksPage({ signal }: Visit): Promise<Page> {
  const initial = await readRows((path) => get(path, signal))
  return { title: 'Alerts and webhooks', content: <Webhooks {...{ initial, signal }} /> }
}

async function readRows(read: Read): Promise<Row[]> {
  const webhooks = await list<Webhook>('/v1/webhooks', 1000, read)
  return Promise.all(
    webhooks.map(async (webhook) => {
      const path = `/v1/webhooks/${webhook.id}/deliveries?limit=${DELIVERIES}`
      const { data } = await read<ListPage<WebhookDelivery>>(path)
      return { ...webhook, deliveries: data }
    }),
  )
}

function Webhooks({ initial, signal }: { initial: Row[]; signal: AbortSignal }) {
  const live = useLive(initial, readRows, signal)
  return (
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
      {live.data.length === 0 ? (
        <NoWebhooks />
      ) : (
        <Table caption="Webhooks" columns={columns} rows={live.data} />
      )}
      <LiveStatus live={live} />
    </>
  )
}

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
