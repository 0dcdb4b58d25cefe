/** One webhook: its endpoint and events, its state, and its messages. */
import { useState } from 'preact/hooks'
import type { Webhook } from '../../../../schema/webhook.ts'
import { get, type ListPage, put, remove } from '../../api.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { FlashNotice } from '../../components/flash.tsx'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { usePagedList } from '../../components/paged-list.tsx'
import { Ago } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'
import { clearLeaveGuards, go, type Page, type Visit } from '../../router.ts'
import { setFlash } from '../../ui/flash.ts'
import {
  Deliveries,
  type DeliveryFilter,
  type ListedDelivery,
  loadDeliveries,
} from './deliveries.tsx'
import type { WebhookFormInput } from './draft.ts'
import { WebhookForm } from './form.tsx'
import { webhookName, webhookState } from './labels.ts'
import { Secret } from './secret.tsx'
import { SendingStatus, useSending } from './send.tsx'
import { readSenders, type Sender } from './senders.ts'

export async function webhookPage({ params, signal }: Visit): Promise<Page> {
  const webhook = await get<Webhook>(`/v1/webhooks/${encodeURIComponent(params.id ?? '')}`, signal)
  const deliveries = await loadDeliveries(webhook.id, '', null, signal)
  const senders = webhook.type === 'email' ? await readSenders(signal) : []
  const view = (
    <WebhookDetail initial={webhook} deliveries={deliveries} senders={senders} signal={signal} />
  )
  return { title: webhookName(webhook), content: view }
}

function WebhookDetail(props: {
  initial: Webhook
  deliveries: ListPage<ListedDelivery>
  senders: readonly Sender[]
  signal: AbortSignal
}) {
  const { initial, deliveries, senders, signal } = props
  const { id } = initial
  const path = `/v1/webhooks/${id}`
  const [webhook, setWebhook] = useState(initial)
  const list = usePagedList<ListedDelivery, DeliveryFilter>({
    initial: { filter: '', page: deliveries },
    load: (filter, cursor) => loadDeliveries(id, filter, cursor, signal),
    signal,
  })
  /** Reads the webhook as well: a receiver that answers 410 switches it off. */
  const onSent = () => Promise.all([list.reload(), get<Webhook>(path, signal).then(setWebhook)])
  const sending = useSending({ webhookId: id, onSent, signal })

  async function save(input: WebhookFormInput): Promise<Webhook> {
    // The current switch, not the one when the form was opened.
    const { enabled } = await get<Webhook>(path)
    const saved = await put<Webhook>(path, { ...input, enabled })
    setWebhook(saved)
    return saved
  }
  return (
    <>
      <Head webhook={webhook} onChange={setWebhook} />
      <StateNotice webhook={webhook} />
      {webhook.warnings.map((warning) => (
        <Notice key={warning} tone="ask" title="This webhook does not report everything">
          <div>{warning}</div>
        </Notice>
      ))}
      <Card title="Receiver and events">
        <WebhookForm
          stored={webhook}
          senders={senders}
          button="Save"
          warning="The changes to the webhook are not saved. Leave this page?"
          bare
          send={save}
        />
      </Card>
      <Card title="Test">
        <div class="row">
          <Button
            busy={sending.running.length > 0}
            onClick={() => void sending.send('/test', null)}
          >
            Send test message
          </Button>
        </div>
        <SendingStatus sending={sending} />
      </Card>
      {webhook.type === 'standard' && (
        <Card title="Secret">
          <Secret webhookId={id} />
        </Card>
      )}
      <h2>Messages</h2>
      <Deliveries webhookId={id} list={list} onSent={onSent} signal={signal} />
    </>
  )
}

function StateNotice({ webhook: { enabled, paused_until } }: { webhook: Webhook }) {
  if (!enabled) {
    return (
      <Notice tone="ask" title="This webhook is off">
        <div>
          Pending messages were discarded, and events that happen while it is off are not sent
          later. You can still send a test message.
        </div>
        <div>
          A webhook is switched off automatically when its endpoint answers 410 Gone. Slack and
          Teams answer 404 to a URL that was removed: enter a new one, then switch it on.
        </div>
      </Notice>
    )
  }
  return paused_until === null ? null : (
    <Notice tone="ask" title="Deliveries are paused">
      <div>
        The endpoint keeps failing, or asked for a pause with Retry-After. The next message is sent{' '}
        <Ago time={paused_until} />.
      </div>
      <div>If the endpoint was failing, a successful test message ends the pause.</div>
    </Notice>
  )
}

/** Name and state of the webhook, with the buttons that switch and delete it. */
function Head(props: { webhook: Webhook; onChange: (webhook: Webhook) => void }) {
  const { webhook, onChange } = props
  const { running, problem, run } = useAction<'toggle' | 'delete'>()
  /** Result of the last action. */
  const [done, setDone] = useState<string | null>(null)
  const [question, confirm] = useConfirm()
  const path = `/v1/webhooks/${webhook.id}`
  const { tone, word } = webhookState(webhook)

  const toggle = () =>
    run(async () => {
      setDone(null)
      // The stored values, not those being typed into the form.
      const stored = await get<Webhook>(path)
      const enabled = !webhook.enabled
      onChange(await put<Webhook>(path, { ...stored, enabled }))
      setDone(enabled ? 'Switched on' : 'Switched off')
    }, 'toggle')
  /** Deletes the webhook, and goes to the list of webhooks. */
  const deleteWebhook = () =>
    run(async () => {
      setDone(null)
      if (!(await confirm(deleting(webhook)))) return
      await remove(path)
      clearLeaveGuards()
      setFlash('Deleted', `${webhookName(webhook)} no longer receives messages.`)
      go('#/webhooks')
    }, 'delete')
  return (
    <>
      <PageHead
        back={{ href: '#/webhooks', text: 'Alerts and webhooks' }}
        title={webhookName(webhook)}
        lead={webhook.description === null ? undefined : webhook.url.replace(/^mailto:/, '')}
      >
        <Badge tone={tone}>{word}</Badge>
        <Button busy={running === 'toggle'} onClick={toggle}>
          {webhook.enabled ? 'Switch off' : 'Switch on'}
        </Button>
        <Button busy={running === 'delete'} onClick={deleteWebhook}>
          Delete
        </Button>
        {question}
      </PageHead>
      <FlashNotice />
      <div role="status">{done && <Notice tone="plain" title={done} />}</div>
      <ProblemAlert problem={problem} />
    </>
  )
}

const deleting = (webhook: Webhook) => ({
  title: `Delete ${webhookName(webhook)}?`,
  yes: 'Delete',
  danger: true,
  children: <p>Its log of messages is deleted, and pending messages are not sent.</p>,
})
