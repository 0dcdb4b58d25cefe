/** One webhook: its endpoint and events, its state, and its messages. */
import { useState } from 'preact/hooks'
import type { Webhook } from '../../../../schema/webhook.ts'
import { get, type ListPage, put } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { FlashNotice } from '../../components/flash.tsx'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { usePagedList } from '../../components/paged-list.tsx'
import type { Page, Visit } from '../../router.ts'
import {
  Deliveries,
  type DeliveryFilter,
  type ListedDelivery,
  loadDeliveries,
} from './deliveries.tsx'
import type { WebhookFormInput } from './draft.ts'
import { WebhookForm } from './form.tsx'
import { Secret } from './secret.tsx'
import { SendingStatus, useSending } from './send.tsx'
import { readSenders, type Sender } from './senders.ts'
import { StateActions, StateNotice } from './state.tsx'
import { useWebhookActions } from './use-webhook-actions.tsx'
import { webhookName } from './words.ts'

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
  const actions = useWebhookActions(webhook, setWebhook)
  const list = usePagedList<ListedDelivery, DeliveryFilter>({
    initial: { filter: '', page: deliveries },
    load: (filter, cursor) => loadDeliveries(id, filter, cursor, signal),
    signal,
  })
  /** Reads the webhook as well: a receiver that answers 410 switches it off. */
  const onSent = () => Promise.all([list.reload(), get<Webhook>(path, signal).then(setWebhook)])

  async function save(input: WebhookFormInput): Promise<Webhook> {
    // The current switch, not the one when the form was opened.
    const { enabled } = await get<Webhook>(path)
    const saved = await put<Webhook>(path, { ...input, enabled })
    setWebhook(saved)
    return saved
  }
  return (
    <>
      <PageHead
        back={{ href: '#/webhooks', text: 'Alerts and webhooks' }}
        title={webhookName(webhook)}
        lead={webhook.description === null ? undefined : webhook.url.replace(/^mailto:/, '')}
      >
        <StateActions webhook={webhook} actions={actions} />
      </PageHead>
      <FlashNotice />
      <div role="status">{actions.done && <Notice tone="plain" title={actions.done} />}</div>
      <ProblemAlert problem={actions.problem} />
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
      <Test webhookId={id} onStart={actions.clearResult} onSent={onSent} signal={signal} />
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

function Test(props: {
  webhookId: string
  onStart: () => void
  onSent: () => Promise<unknown>
  signal: AbortSignal
}) {
  const { onStart, ...options } = props
  const sending = useSending(options)
  return (
    <Card title="Test">
      <div class="row">
        <Button
          busy={sending.running.length > 0}
          onClick={() => {
            onStart()
            void sending.send('/test', null)
          }}
        >
          Send test message
        </Button>
      </div>
      <SendingStatus sending={sending} />
    </Card>
  )
}
