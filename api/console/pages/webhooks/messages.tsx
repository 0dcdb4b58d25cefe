/** The last messages of an alert channel or webhook, and "Send test message" with its result. */
import { useState } from 'preact/hooks'
import type { WebhookDelivery } from '../../../../schema/webhook.ts'
import { get, type ListPage, post } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Badge } from '../../components/layout.tsx'
import { ProblemAlert } from '../../components/notice.tsx'
import { Ago } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'
import { deliveryState, messageName } from './labels.ts'

/** Reads the last ten messages, newest first. */
export const readMessages = async (webhookId: string, signal: AbortSignal) =>
  (await get<ListPage<WebhookDelivery>>(`/v1/webhooks/${webhookId}/deliveries?limit=10`, signal))
    .data

/** `onSent` is called after a test message, since the receiver may have switched the webhook off. */
export function Messages(props: {
  webhookId: string
  initial: readonly WebhookDelivery[]
  onSent: () => Promise<unknown>
  signal: AbortSignal
}) {
  const { webhookId, initial, onSent, signal } = props
  const [messages, setMessages] = useState(initial)
  /** The test message, once it was tried. */
  const [sent, setSent] = useState<WebhookDelivery>()
  const { busy, problem, run } = useAction()

  async function sendTest(): Promise<void> {
    setSent(undefined)
    const { id } = await post<WebhookDelivery>(`/v1/webhooks/${webhookId}/test`)
    let tried: WebhookDelivery | undefined
    for (const end = Date.now() + MAX_WAIT_MS; !tried && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      if (signal.aborted) return
      const latest = await readMessages(webhookId, signal)
      setMessages(latest)
      tried = latest.find(
        (message) => message.id === id && deliveryState(message).word !== 'Sending',
      )
    }
    setSent(tried)
    await onSent()
  }
  return (
    <section class="card" aria-label="Messages">
      <div class="row spread">
        <h2>Last messages</h2>
        <Button busy={busy} onClick={() => run(sendTest)}>
          Send test message
        </Button>
      </div>
      <ProblemAlert class="result" problem={problem} />
      {/* Only for screen readers, since the list shows it. */}
      <div role="status" class="unseen">
        {sent && `${deliveryState(sent).word}. ${resultOf(sent)}`}
      </div>
      {messages.length === 0 ? (
        <p class="quiet">None yet. Send a test message to see that it arrives.</p>
      ) : (
        <ol class="messages" aria-label="Messages, newest first">
          {messages.map((message) => (
            <Message key={message.id} message={message} />
          ))}
        </ol>
      )}
    </section>
  )
}

/** A receiver has 15 seconds, and other messages may be sent first. */
const MAX_WAIT_MS = 20_000
const POLL_MS = 500

const resultOf = ({ status, last_error, last_status }: WebhookDelivery) =>
  last_error ??
  (last_status === null
    ? status === 'delivered' && 'The mail server accepted it.'
    : `The receiver responded with ${last_status}.`)

function Message({ message }: { message: WebhookDelivery }) {
  const { type, status, attempts, last_attempt_at: last, next_attempt_at: next } = message
  const { tone, word } = deliveryState(message)
  return (
    <li>
      <Badge tone={tone}>{word}</Badge>
      <div>
        <b>{messageName(type)}</b>{' '}
        <span class="quiet small">
          {resultOf(message)}
          {status === 'pending' && attempts > 0 && next && (
            <>
              {' Next attempt '}
              <Ago time={next} />.
            </>
          )}
        </span>
      </div>
      <span class="quiet small nowrap">{last ? <Ago time={last} /> : 'Not yet'}</span>
    </li>
  )
}
