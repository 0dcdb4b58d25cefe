/** Actions on a webhook: switch it off or on, delete it. */
import { useState } from 'preact/hooks'
import type { Webhook } from '../../../../schema/webhook.ts'
import { get, put, remove } from '../../api.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { useAction } from '../../components/use-action.ts'
import { clearLeaveGuards, go } from '../../router.ts'
import { setFlash } from '../../ui/flash.ts'
import { webhookName } from './words.ts'

export type WebhookActions = ReturnType<typeof useWebhookActions>

export function useWebhookActions(webhook: Webhook, onChange: (webhook: Webhook) => void) {
  const { running, problem, setProblem, run } = useAction<'toggle' | 'delete'>()
  /** Result of the last action. */
  const [done, setDone] = useState<string | null>(null)
  const [question, confirm] = useConfirm()
  const path = `/v1/webhooks/${webhook.id}`
  const clearResult = () => {
    setDone(null)
    setProblem(null)
  }

  const toggle = () =>
    run(async () => {
      setDone(null)
      // The stored values, not those being typed into the form.
      const { type, url, to, mail_account_id, events, description } = await get<Webhook>(path)
      const enabled = !webhook.enabled
      const input = { type, url, to, mail_account_id, events, description, enabled }
      onChange(await put<Webhook>(path, input))
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
  return { running, done, problem, question, toggle, deleteWebhook, clearResult }
}

const deleting = (webhook: Webhook) => ({
  title: `Delete ${webhookName(webhook)}?`,
  yes: 'Delete',
  danger: true,
  children: <p>Its log of messages is deleted, and pending messages are not sent.</p>,
})
