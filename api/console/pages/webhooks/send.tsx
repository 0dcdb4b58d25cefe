/** "Send test message" and "Send again", with the result. */
import { useState } from 'preact/hooks'
import type { WebhookDelivery } from '../../../../schema/webhook.ts'
import { get, type ListPage, type Problem, post, problemOf } from '../../api.ts'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { Progress } from '../../components/progress.tsx'
import { Ago } from '../../components/time.tsx'
import { wasTried } from './labels.ts'

export type Sending = ReturnType<typeof useSending>

/** `onSent` is called after every message, also a late one. It may reject with ApiError. */
export function useSending(options: {
  webhookId: string
  onSent: () => Promise<unknown>
  signal: AbortSignal
}) {
  const { webhookId, onSent, signal } = options
  /** Paths of the messages that are being sent. */
  const [running, setRunning] = useState<readonly string[]>([])
  /** Result of the last message: null before it is known, `late` if it was not tried in time. */
  const [outcome, setOutcome] = useState<WebhookDelivery | 'late' | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)

  /** Sends a message and waits for the attempt. `cursor`: that of the page that lists the message. */
  async function send(path: string, cursor: string | null): Promise<void> {
    setRunning((others) => [...others, path])
    setOutcome(null)
    setProblem(null)
    try {
      const { id } = await post<WebhookDelivery>(`/v1/webhooks/${webhookId}${path}`)
      setOutcome((await waitForAttempt(webhookId, id, signal, cursor)) ?? 'late')
      await onSent()
    } catch (error) {
      if (signal.aborted) return
      setProblem(problemOf(error))
    } finally {
      setRunning((paths) => paths.filter((each) => each !== path))
    }
  }
  return { send, running, outcome, problem }
}

export const SendingStatus = ({ sending }: { sending: Sending }) => (
  <div>
    <div class="result">
      {sending.running.length > 0 && <Progress title="Sending" maxSeconds={MAX_WAIT_SECONDS} />}
    </div>
    <ProblemAlert class="result" problem={sending.problem} />
    <div role="status" class="result">
      {sending.outcome && <Outcome outcome={sending.outcome} />}
    </div>
  </div>
)

function Outcome({ outcome }: { outcome: WebhookDelivery | 'late' }) {
  if (outcome === 'late') {
    const text = 'Other messages are sent first. Check again in a minute.'
    return <Notice tone="ask" title="Not sent yet" text={text} />
  }
  const { status, last_status, last_error, next_attempt_at } = outcome
  if (status === 'delivered') {
    const text =
      last_status === null
        ? 'The mail server accepted it.'
        : `The endpoint answered ${last_status}.`
    return <Notice tone="good" title="Delivered" text={text} />
  }
  return (
    <Notice tone="bad" title="Delivery failed" text={last_error}>
      {next_attempt_at !== null && (
        <div>
          Next attempt <Ago time={next_attempt_at} />.
        </div>
      )}
    </Notice>
  )
}

/** A receiver has 15 seconds, and other messages may be sent first. */
const MAX_WAIT_SECONDS = 20
const POLL_MS = 500

/** Resolves with the message, or null if it was not tried in time. `cursor`: that of the page that lists it. */
async function waitForAttempt(
  webhookId: string,
  deliveryId: string,
  signal: AbortSignal,
  cursor: string | null = null,
): Promise<WebhookDelivery | null> {
  const query = new URLSearchParams({ limit: '200', ...(cursor && { cursor }) })
  const path = `/v1/webhooks/${webhookId}/deliveries?${query}`
  for (const end = Date.now() + MAX_WAIT_SECONDS * 1000; Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    const page = await get<ListPage<WebhookDelivery>>(path, signal)
    const found = page.data.find(({ id }) => id === deliveryId)
    if (found && wasTried(found)) return found
  }
  return null
}
