/** The last messages of an alert channel or webhook, and "Send test message" with its result. */
import { useState } from 'preact/hooks'
import type { WebhookDelivery } from '../../../../schema/webhook.ts'
import { get, type ListPage, post } from '../../api.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { Progress } from '../../components/progress.tsx'
import { Ago } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'
import { deliveryState, messageName, wasTried } from './labels.ts'

/** Reads the last ten messages, newest first. */
export const readMessages = async (webhookId: string, signal: AbortSignal) =>
  (await get<ListPage<WebhookDelivery>>(`/v1/webhooks/${webhookId}/deliveries?limit=10`, signal))
    .data

/** `onSent` is called after a test message, since the receiver may have switched the webhook off. */
export function Messages(props: {
  webhookId: string
  initial: readonly WebhookDelivery[]
  onSend: () => void
  onSent: () => Promise<unknown>
  signal: AbortSignal
}) {
  const { webhookId, initial, onSend, onSent, signal } = props
  const [messages, setMessages] = useState(initial)
  /** Result of the test message: null before it is known, `late` if it was not tried in time. */
  const [outcome, setOutcome] = useState<WebhookDelivery | 'late' | null>(null)
  const { busy, problem, run } = useAction()

  async function sendTest(): Promise<void> {
    setOutcome(null)
    onSend()
    const { id } = await post<WebhookDelivery>(`/v1/webhooks/${webhookId}/test`)
    let sent: WebhookDelivery | undefined
    for (const end = Date.now() + MAX_WAIT_SECONDS * 1000; !sent && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      if (signal.aborted) return
      const latest = await readMessages(webhookId, signal)
      setMessages(latest)
      sent = latest.find((message) => message.id === id && wasTried(message))
    }
    setOutcome(sent ?? 'late')
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
      <div class="result">{busy && <Progress title="Sending" maxSeconds={MAX_WAIT_SECONDS} />}</div>
      <div role="status">{outcome && <Outcome outcome={outcome} />}</div>
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
const MAX_WAIT_SECONDS = 20
const POLL_MS = 500

/**
 * Announces the result of a message, only to screen readers since the list shows it. A message that is not sent yet
 * gets a visible notice.
 */
function Outcome({ outcome }: { outcome: WebhookDelivery | 'late' }) {
  if (outcome === 'late') {
    const text = 'Other messages are sent first. Check again in a minute.'
    return <Notice tone="ask" title="Not sent yet" text={text} />
  }
  return (
    <span class="unseen">
      {deliveryState(outcome).word}. {resultOf(outcome)}
    </span>
  )
}

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
