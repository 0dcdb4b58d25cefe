/** Switching a webhook off and on, and deleting it. */
import { useState } from 'preact/hooks'
import type { Webhook } from '../../../../schema/webhook.ts'
import { get, type Problem, put, remove } from '../../api.ts'
import { useAction } from '../../components/use-action.ts'
import { go, type Visit } from '../../router.ts'
import { tellNext } from '../../ui/told.ts'
import { webhookName } from './words.ts'

type Change = 'toggle' | 'delete'

export type WebhookChanges = {
  running: Change | null
  /** Result of the last change. */
  done: string | null
  problem: Problem | null
  toggle: () => Promise<void>
  /** Deletes it, and goes to the list of webhooks. */
  deleteIt: () => Promise<void>
  /** Takes back what was said about the last change. */
  forget: () => void
}

export function useWebhookChanges(options: {
  webhook: Webhook
  onChange: (webhook: Webhook) => void
  beforeLeaving: Visit['beforeLeaving']
}): WebhookChanges {
  const { webhook, onChange, beforeLeaving } = options
  const { running, problem, setProblem, run } = useAction<Change>()
  const [done, setDone] = useState<string | null>(null)
  const path = `/v1/webhooks/${webhook.id}`
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
      // As it is stored, without what is being typed into the form.
      const { url, events, description } = await get<Webhook>(path)
      const enabled = !webhook.enabled
      const input = { url, events, ...(description !== null && { description }), enabled }
      onChange(await put<Webhook>(path, input))
      setDone(enabled ? 'Switched on' : 'Switched off')
    })
  const deleteIt = () =>
    make('delete', async () => {
      await remove(path)
      beforeLeaving(() => null)
      tellNext('Deleted', `${webhookName(webhook)} no longer receives messages.`)
      go('#/webhooks')
    })
  return { running, done, problem, toggle, deleteIt, forget }
}
