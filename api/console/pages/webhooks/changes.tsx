/** Actions of a webhook: switch it off or on, delete it. */
import { useState } from 'preact/hooks'
import type { Webhook } from '../../../../schema/webhook.ts'
import { get, put, remove } from '../../api.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { useAction } from '../../components/use-action.ts'
import { clearLeaveGuards, go } from '../../router.ts'
import { setFlash } from '../../ui/flash.ts'
import { webhookName } from './words.ts'

type Change = 'toggle' | 'delete'

export type WebhookChanges = ReturnType<typeof useWebhookChanges>

export function useWebhookChanges(options: {
  webhook: Webhook
  onChange: (webhook: Webhook) => void
}) {
  const { webhook, onChange } = options
  const { running, problem, setProblem, run } = useAction<Change>()
  /** Result of the last change. */
  const [done, setDone] = useState<string | null>(null)
  const [question, confirm] = useConfirm()
  const path = `/v1/webhooks/${webhook.id}`
  /** Takes back the result of the last change. */
  const forget = () => {
    setDone(null)
    setProblem(null)
  }

  const make = (change: Change, work: () => Promise<void>) => {
    forget()
    return run(work, change)
  }
  const toggle = () =>
    make('toggle', async () => {
      // The stored values, not those being typed into the form.
      const { type, url, to, mail_account_id, events, description } = await get<Webhook>(path)
      const enabled = !webhook.enabled
      const input = { type, url, to, mail_account_id, events, description, enabled }
      onChange(await put<Webhook>(path, input))
      setDone(enabled ? 'Switched on' : 'Switched off')
    })
  /** Deletes it, and goes to the list of webhooks. */
  const deleteIt = () =>
    make('delete', async () => {
      if (!(await confirm(deleting(webhook)))) return
      await remove(path)
      clearLeaveGuards()
      setFlash('Deleted', `${webhookName(webhook)} no longer receives messages.`)
      go('#/webhooks')
    })
  return { running, done, problem, question, toggle, deleteIt, forget }
}

const deleting = (webhook: Webhook) => ({
  title: `Delete ${webhookName(webhook)}?`,
  yes: 'Delete',
  danger: true,
  children: <p>Its log of messages is deleted, and pending messages are not sent.</p>,
})
