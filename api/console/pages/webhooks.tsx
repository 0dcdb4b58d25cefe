/** Alert channels for people, and webhooks for programs. */
import type { Webhook } from '../../../schema/webhook.ts'
import { get, list, type Read } from '../api.ts'
import { FlashNotice } from '../components/flash.tsx'
import { Icon } from '../components/icon.tsx'
import { Badge, PageHead } from '../components/layout.tsx'
import { LiveStatus } from '../components/live-status.tsx'
import { type Column, Table } from '../components/table.tsx'
import { useLive } from '../components/use-live.ts'
import type { Page, Visit } from '../router.ts'
import {
  eventsChosen,
  kindAndReceiver,
  kinds,
  receiverOf,
  webhookName,
  webhookState,
} from './webhooks/labels.ts'

/** Reads all of them, those for people first. */
const readWebhooks = async (read: Read) =>
  (await list<Webhook>('/v1/webhooks', 1000, read)).sort(
    (a, b) => Number(a.type === 'standard') - Number(b.type === 'standard'),
  )

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
        lead="Find out that a mailbox has stopped working before its users do."
      >
        <a class="button" href="#/webhooks/new?type=standard">
          Add webhook
        </a>
        <a class="button main" href="#/webhooks/new">
          Add alert channel
        </a>
      </PageHead>
      <FlashNotice />
      {live.data.length === 0 ? (
        <div class="empty">
          <p>No alert channels yet</p>
          <p>
            An alert channel sends messages to people, in Slack, in Microsoft Teams or by email. A
            webhook sends signed HTTP requests to your own server.
          </p>
        </div>
      ) : (
        <Table
          caption="Alert channels and webhooks"
          class="receivers"
          columns={columns}
          rows={live.data}
        />
      )}
      <LiveStatus live={live} />
    </>
  )
}

const columns: Column<Webhook>[] = [
  {
    name: 'Receiver',
    cell: (webhook) => (
      <div class="receiver">
        <span class="tile">
          <Icon name={kinds[webhook.type].icon} />
        </span>
        <div>
          <a class="cut" href={`#/webhooks/${webhook.id}`} title={webhookName(webhook)}>
            {webhookName(webhook)}
          </a>
          <div class="quiet small plain cut" title={receiverOf(webhook)}>
            {kindAndReceiver(webhook)}
          </div>
        </div>
      </div>
    ),
  },
  { name: 'Notified of', cell: eventsChosen },
  {
    name: 'State',
    cell: (webhook) => {
      const { tone, word } = webhookState(webhook)
      return <Badge tone={tone}>{word}</Badge>
    },
  },
]
