/** Alert channels for people, and webhooks for programs. */
import type { ComponentChildren } from 'preact'
import type { Webhook } from '../../../schema/webhook.ts'
import { get, list, type Read } from '../api.ts'
import { Badge } from '../components/badge.tsx'
import { FlashNotice } from '../components/flash.tsx'
import { Icon } from '../components/icon.tsx'
import { LiveStatus } from '../components/live-status.tsx'
import { PageHead } from '../components/page-head.tsx'
import { type Column, Table } from '../components/table.tsx'
import { useLive } from '../components/use-live.ts'
import type { Page, Visit } from '../router.ts'
import {
  channelTypes,
  eventsChosen,
  kindAndReceiver,
  kinds,
  receiverOf,
  webhookName,
  webhookState,
} from './webhooks/labels.ts'

const readWebhooks = (read: Read) => list<Webhook>('/v1/webhooks', 1000, read)

export async function webhooksPage({ signal }: Visit): Promise<Page> {
  const initial = await readWebhooks((path) => get(path, signal))
  return { title: 'Alerts and webhooks', content: <Webhooks {...{ initial, signal }} /> }
}

function Webhooks({ initial, signal }: { initial: Webhook[]; signal: AbortSignal }) {
  const live = useLive(initial, readWebhooks, signal)
  const channels = live.data.filter(({ type }) => type !== 'standard')
  const webhooks = live.data.filter(({ type }) => type === 'standard')
  return (
    <>
      <PageHead
        title="Alerts and webhooks"
        lead="Find out that a mailbox has stopped working before its users do."
      />
      <FlashNotice />
      <Section
        title="Alert channels"
        text="Messages for people, in Slack, in Microsoft Teams or by email."
        button={
          channels.length > 0 && (
            <a class="button main" href="#/webhooks/new">
              Add alert channel
            </a>
          )
        }
      >
        {channels.length === 0 ? (
          <NoChannels />
        ) : (
          <Table caption="Alert channels" columns={columns} rows={channels} />
        )}
      </Section>
      <Section
        title="Webhooks"
        text="Signed HTTP requests to your own server, for programs."
        button={
          <a class="button" href="#/webhooks/new?type=standard">
            Add webhook
          </a>
        }
      >
        {webhooks.length === 0 ? (
          <p class="empty">No webhooks yet</p>
        ) : (
          <Table caption="Webhooks" columns={columns} rows={webhooks} />
        )}
      </Section>
      <LiveStatus live={live} />
    </>
  )
}

const Section = (props: {
  title: string
  text: string
  button: ComponentChildren
  children: ComponentChildren
}) => (
  <section class="receivers" aria-label={props.title}>
    <div class="row spread">
      <div>
        <h2>{props.title}</h2>
        <p class="quiet">{props.text}</p>
      </div>
      {props.button}
    </div>
    {props.children}
  </section>
)

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
  {
    name: 'Notified of',
    cell: eventsChosen,
  },
  {
    name: 'State',
    cell: (webhook) => {
      const { tone, word } = webhookState(webhook)
      return <Badge tone={tone}>{word}</Badge>
    },
  },
]

const NoChannels = () => (
  <div class="empty">
    <p>No alert channels yet</p>
    <p>Where should alerts go?</p>
    <div class="row choose">
      {channelTypes.map((type) => (
        <a key={type} class="button" href={`#/webhooks/new?type=${type}`}>
          <Icon name={kinds[type].icon} />
          {kinds[type].label}
        </a>
      ))}
    </div>
  </div>
)
