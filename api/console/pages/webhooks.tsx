/** Webhooks: the list of endpoints, and whether they accept messages. */
import type { Webhook } from '../../../schema/webhook.ts'
import { get, list, type Read } from '../api.ts'
import { Badge } from '../components/badge.tsx'
import { FlashNotice } from '../components/flash.tsx'
import { LiveStatus } from '../components/live-status.tsx'
import { PageHead } from '../components/page-head.tsx'
import { type Column, Table } from '../components/table.tsx'
import { useLive } from '../components/use-live.ts'
import type { Page, Visit } from '../router.ts'
import { eventCount, webhookName, webhookState } from './webhooks/labels.ts'

const readWebhooks = (read: Read) => list<Webhook>('/v1/webhooks', 1000, read)

export async function webhooksPage({ signal }: Visit): Promise<Page> {
  const initial = await readWebhooks((path) => get(path, signal))
  return { title: 'Alerts and webhooks', content: <Webhooks {...{ initial, signal }} /> }
}

function Webhooks({ initial, signal }: { initial: Webhook[]; signal: AbortSignal }) {
  const live = useLive(initial, readWebhooks, signal)
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

const columns: Column<Webhook>[] = [
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
]

const NoWebhooks = () => (
  <div class="empty">
    <p>No webhooks yet.</p>
    <p>
      Add a Slack or Teams channel, an email address or your own endpoint, to learn that a mailbox
      stopped working before its users do.
    </p>
  </div>
)
