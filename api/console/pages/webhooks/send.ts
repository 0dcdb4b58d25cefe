/** "Send test message" and "Send again": off it goes, and how it went. */
import type { WebhookDelivery } from '../../../../schema/webhook.ts'
import { ApiError, post } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { notice, problemNotice } from '../../ui/notice.ts'
import { showProgress } from '../../ui/progress.ts'
import { ago } from '../../ui/time.ts'
import { follow, MOST } from './follow.ts'

export type Sender = {
  element: HTMLElement
  /** `cursor` leads to the page of messages that holds it. Resolves when it is known how it went. */
  send: (path: string, cursor: string | null) => Promise<void>
}

/** `done` hears of every message that was sent, tried or not. */
export function sender(webhookId: string, signal: AbortSignal, done: () => unknown): Sender {
  const progress = h('div', { class: 'result' })
  const result = h('div', { role: 'status', class: 'result' })
  const wrong = h('div', { role: 'alert', class: 'result' })

  async function send(path: string, cursor: string | null): Promise<void> {
    fill(result)
    fill(wrong)
    const stop = showProgress(progress, 'Sending', MOST)
    try {
      const { id } = await post<WebhookDelivery>(`/v1/webhooks/${webhookId}${path}`)
      fill(result, verdict(await follow(webhookId, id, signal, cursor)))
      await done()
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ApiError)) throw error
      fill(wrong, problemNotice(error.problem))
    } finally {
      stop()
    }
  }
  return { element: h('div', {}, progress, wrong, result), send }
}

function verdict(delivery: WebhookDelivery | null) {
  if (delivery === null) {
    return notice('ask', 'Not sent yet', h('div', {}, 'It waits its turn. Look again in a minute.'))
  }
  const { status, last_status, last_error, next_attempt_at } = delivery
  return status === 'delivered'
    ? notice('good', 'Delivered', h('div', {}, `The receiver answered ${last_status}.`))
    : notice(
        'bad',
        'It was not taken',
        h('div', {}, last_error),
        next_attempt_at !== null && h('div', {}, 'It is sent again ', ago(next_attempt_at), '.'),
      )
}
