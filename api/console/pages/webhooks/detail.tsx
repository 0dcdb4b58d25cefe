/** An alert channel or webhook: its state, its last messages, its receiver and events. */
import { useState } from 'preact/hooks'
import type { Webhook, WebhookDelivery } from '../../../../schema/webhook.ts'
import { get, put, remove } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { FlashNotice, setFlash } from '../../components/flash.tsx'
import { Badge, Card, PageHead } from '../../components/layout.tsx'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { Ago } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'
import { clearLeaveGuards, go, type Page, type Visit } from '../../router.ts'
import type { WebhookFormInput } from './draft.ts'
import { WebhookForm } from './form.tsx'
import { kindAndReceiver, nounOf, webhookName, webhookState } from './labels.ts'
import { Messages, readMessages } from './messages.tsx'

export async function webhookPage({ params, signal }: Visit): Promise<Page> {
  const webhook = await get<Webhook>(`/v1/webhooks/${encodeURIComponent(params.id ?? '')}`, signal)
  const messages = await readMessages(webhook.id, signal)
  return {
    title: webhookName(webhook),
    content: <WebhookDetail initial={webhook} {...{ messages, signal }} />,
  }
}

function WebhookDetail(props: {
  initial: Webhook
  messages: readonly WebhookDelivery[]
  signal: AbortSignal
}) {
  const { initial, messages, signal } = props
  const { id } = initial
  const path = `/v1/webhooks/${id}`
  const [webhook, setWebhook] = useState(initial)

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
        <Notice key={warning} tone="ask" title="Not everything is reported" text={warning} />
      ))}
      <Messages
        webhookId={id}
        initial={messages}
        onSent={() => get<Webhook>(path, signal).then(setWebhook)}
        signal={signal}
      />
      <Card title="Receiver and events">
        <WebhookForm stored={webhook} send={save} />
      </Card>
    </>
  )
}

function StateNotice({ webhook: { type, enabled, paused_until } }: { webhook: Webhook }) {
  if (!enabled) {
    return (
      <Notice tone="ask" title={`This ${nounOf(type)} is off`}>
        <div>
          Pending messages were discarded, and events that happen while it is off are not sent
          later. You can still send a test message.
        </div>
        <div>
          {type === 'standard'
            ? 'A webhook is switched off automatically when its endpoint responds with 410 Gone.'
            : 'It is switched off automatically when its URL was removed at Slack or Teams: enter a new one, then switch it on.'}
        </div>
      </Notice>
    )
  }
  return paused_until === null ? null : (
    <Notice tone="ask" title="Deliveries are paused">
      <div>
        The receiver keeps failing, or asked for a pause. The next message is sent{' '}
        <Ago time={paused_until} />.
      </div>
      <div>If the receiver was failing, a successful test message ends the pause.</div>
    </Notice>
  )
}

/** Name and state, with the buttons that switch and delete it. */
function Head(props: { webhook: Webhook; onChange: (webhook: Webhook) => void }) {
  const { webhook, onChange } = props
  const { running, problem, run } = useAction<'toggle' | 'delete'>()
  const [question, confirm] = useConfirm()
  const path = `/v1/webhooks/${webhook.id}`
  const { tone, word } = webhookState(webhook)

  const toggle = () =>
    run(async () => {
      // The stored values, not those being typed into the form.
      const stored = await get<Webhook>(path)
      onChange(await put<Webhook>(path, { ...stored, enabled: !webhook.enabled }))
    }, 'toggle')
  /** Deletes it, and goes to the list. */
  const deleteWebhook = () =>
    run(async () => {
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
        lead={kindAndReceiver(webhook)}
      >
        <span role="status">
          <Badge tone={tone}>{word}</Badge>
        </span>
        <Button busy={running === 'toggle'} onClick={toggle}>
          {webhook.enabled ? 'Switch off' : 'Switch on'}
        </Button>
        <Button busy={running === 'delete'} onClick={deleteWebhook}>
          Delete
        </Button>
        {question}
      </PageHead>
      <FlashNotice />
      <ProblemAlert problem={problem} />
    </>
  )
}

const deleting = (webhook: Webhook) => ({
  title: `Delete ${webhookName(webhook)}?`,
  yes: 'Delete',
  danger: true,
  children: <p>Its message log is deleted, and pending messages are not sent.</p>,
})
