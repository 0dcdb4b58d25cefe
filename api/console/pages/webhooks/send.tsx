/** "Send test message" and "Send again", with the result. */
import { useState } from 'preact/hooks'
import type { WebhookDelivery } from '../../../../schema/webhook.ts'
import { type Problem, post, problemOf } from '../../api.ts'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { Progress } from '../../components/progress.tsx'
import { Ago } from '../../components/time.tsx'
import { MAX_WAIT_SECONDS, waitForAttempt } from './wait-for-attempt.ts'

export type Sending = {
  /** Sends a message and waits for the attempt. `cursor`: that of the page that lists the message. */
  send: (path: string, cursor: string | null) => Promise<void>
  /** Paths of the messages that are being sent. */
  running: readonly string[]
  /** Result of the last message: null before it is known, `late` if it was not tried in time. */
  outcome: WebhookDelivery | 'late' | null
  problem: Problem | null
}

/** `onSent` is called after every message, also a late one. It may reject with ApiError. */
export function useSending(options: {
  webhookId: string
  onSent: () => Promise<unknown>
  signal: AbortSignal
}): Sending {
  const { webhookId, onSent, signal } = options
  const [running, setRunning] = useState<readonly string[]>([])
  const [outcome, setOutcome] = useState<Sending['outcome']>(null)
  const [problem, setProblem] = useState<Problem | null>(null)

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
    return (
      <Notice tone="ask" title="Not sent yet">
        <div>Other messages are sent first. Check again in a minute.</div>
      </Notice>
    )
  }
  const { status, last_status, last_error, next_attempt_at } = outcome
  return status === 'delivered' ? (
    <Notice tone="good" title="Delivered">
      <div>
        {last_status === null
          ? 'The mail server accepted it.'
          : `The endpoint answered ${last_status}.`}
      </div>
    </Notice>
  ) : (
    <Notice tone="bad" title="Delivery failed">
      <div>{last_error}</div>
      {next_attempt_at !== null && (
        <div>
          Next attempt <Ago time={next_attempt_at} />.
        </div>
      )}
    </Notice>
  )
}
