/** One webhook: what it is told, whether it takes messages, and what became of them. */
import type { Webhook } from '../../../../schema/webhook.ts'
import { ApiError, get, put, remove } from '../../api.ts'
import { type Children, fill, h } from '../../dom.ts'
import { go, type Page, type Visit } from '../../router.ts'
import { whileBusy } from '../../ui/busy.ts'
import { confirm } from '../../ui/dialog.ts'
import { notice, problemNotice } from '../../ui/notice.ts'
import { badge } from '../../ui/state.ts'
import { head } from '../../ui/table.ts'
import { ago } from '../../ui/time.ts'
import { tellNext } from '../../ui/told.ts'
import { deliveriesPart } from './deliveries.ts'
import { webhookForm } from './form.ts'
import { secretPart } from './secret.ts'
import { sender } from './send.ts'
import { webhookName, webhookState } from './words.ts'

export async function webhookPage(visit: Visit): Promise<Page> {
  const { signal } = visit
  const id = visit.params.id ?? ''
  const path = `/v1/webhooks/${encodeURIComponent(id)}`
  let webhook = await get<Webhook>(path, signal)
  const deliveries = await deliveriesPart(webhook.id, signal, renew)
  const test = sender(webhook.id, signal, () => Promise.all([deliveries.reload(), renew()]))
  const secret = secretPart(webhook.id)
  const state = h('div', { class: 'row' })
  const off = h('div', {})
  const said = h('div', { role: 'status' })
  const wrong = h('div', { role: 'alert' })
  const form = webhookForm({
    stored: webhook,
    action: 'Save',
    send: async (input) => {
      // What it is switched to now, not when the form was opened.
      const { enabled } = await get<Webhook>(path)
      webhook = await put<Webhook>(path, { ...input, enabled })
      show()
      return webhook
    },
  })
  visit.beforeLeaving(
    () =>
      secret.objection() ??
      (form.changed() ? 'The changes to the webhook are not saved. Leave them?' : null),
  )

  /** Runs what a button is for, and tells what stands against it. */
  const button = (text: string, run: () => Promise<void>) => {
    const made = h('button', { type: 'button' }, text)
    const tell = (error: unknown) => {
      if (!(error instanceof ApiError)) throw error
      fill(wrong, problemNotice(error.problem))
    }
    made.addEventListener('click', () => {
      fill(said)
      fill(wrong)
      void whileBusy(made, () => run().catch(tell))
    })
    return made
  }

  async function turn(): Promise<void> {
    const { url, events, description } = await get<Webhook>(path)
    webhook = await put<Webhook>(path, {
      url,
      events,
      ...(description !== null && { description }),
      enabled: !webhook.enabled,
    })
    show()
    state.querySelector('button')?.focus()
    fill(said, notice('plain', webhook.enabled ? 'It is told again' : 'It is switched off'))
  }

  async function deleteIt(): Promise<void> {
    if (!(await confirm(deleting(webhook)))) return
    await remove(path)
    visit.beforeLeaving(() => null)
    tellNext('Deleted', `${webhookName(webhook)} is told nothing any more.`)
    go('#/webhooks')
  }

  /** A receiver that answers 410 has switched it off. */
  async function renew(): Promise<void> {
    webhook = await get<Webhook>(path, signal)
    show()
  }

  function show(): void {
    const { tone, word } = webhookState(webhook)
    fill(
      state,
      badge(tone, word),
      button(webhook.enabled ? 'Switch off' : 'Switch on', turn),
      button('Delete', deleteIt),
    )
    fill(off, webhook.enabled ? pauseNotice(webhook) : offNotice())
  }

  show()
  const testButton = button('Send test message', () => test.send('/test', null))
  return {
    title: webhookName(webhook),
    content: h(
      'div',
      {},
      h('a', { class: 'back', href: '#/webhooks' }, 'Webhooks'),
      head(webhookName(webhook), webhook.description === null ? undefined : webhook.url, state),
      said,
      wrong,
      off,
      card('What it is told, and where', form.element),
      card('Test', h('div', { class: 'row' }, testButton), test.element),
      card('Secret', secret.element),
      h('h2', {}, 'Messages'),
      deliveries.element,
    ),
  }
}

const card = (title: string, ...children: Children[]) =>
  h('section', { class: 'card', 'aria-label': title }, h('h2', {}, title), ...children)

const offNotice = () =>
  notice(
    'ask',
    'It is switched off',
    h(
      'div',
      {},
      'Messages that waited were given up, and what happens meanwhile is not told later. A test message is still sent.',
    ),
    h('div', {}, 'A receiver that answers 410 is switched off by itself.'),
  )

const pauseNotice = ({ paused_until: end }: Webhook) =>
  end !== null &&
  notice(
    'ask',
    'Deliveries are paused',
    h(
      'div',
      {},
      'The endpoint keeps failing, or asked for a pause with Retry-After. The next message is sent ',
      ago(end),
      '.',
    ),
    h('div', {}, 'If it was failing, a test message that it accepts ends the pause.'),
  )

const deleting = (webhook: Webhook) => ({
  title: `Delete ${webhookName(webhook)}?`,
  text: h(
    'p',
    {},
    'Its log and its secret go with it, and messages that wait to be sent are dropped.',
  ),
  yes: 'Delete',
  danger: true,
})
