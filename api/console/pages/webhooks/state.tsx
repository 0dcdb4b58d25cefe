/** Shows whether a webhook receives messages, with the buttons that change it. */
import type { Webhook } from '../../../../schema/webhook.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { Ago } from '../../components/time.tsx'
import type { WebhookActions } from './use-webhook-actions.tsx'
import { webhookState } from './words.ts'

export function StateActions(props: { webhook: Webhook; actions: WebhookActions }) {
  const { webhook, actions } = props
  const { tone, word } = webhookState(webhook)
  return (
    <>
      <Badge tone={tone}>{word}</Badge>
      <Button busy={actions.running === 'toggle'} onClick={actions.toggle}>
        {webhook.enabled ? 'Switch off' : 'Switch on'}
      </Button>
      <Button busy={actions.running === 'delete'} onClick={actions.deleteWebhook}>
        Delete
      </Button>
      {actions.question}
    </>
  )
}

export function StateNotice({ webhook: { enabled, paused_until } }: { webhook: Webhook }) {
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
