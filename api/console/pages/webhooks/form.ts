/** The fields of a webhook, for a new one and for one that is there. */
import type { Webhook, WebhookEvent, WebhookInput } from '../../../../schema/webhook.ts'
import { ApiError } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { whileBusy } from '../../ui/busy.ts'
import { choices } from '../../ui/choices.ts'
import { textField } from '../../ui/fields.ts'
import { complainAtFields, notice, problemNotice } from '../../ui/notice.ts'
import { tellings } from './words.ts'

export type WebhookForm = { element: HTMLElement; changed: () => boolean }

/** `send` stores it; what it answers is what the form shows from then on. */
export function webhookForm(options: {
  stored: Webhook | null
  action: string
  send: (input: Omit<WebhookInput, 'enabled'>) => Promise<Webhook>
}): WebhookForm {
  const { stored, action, send } = options
  const url = textField({
    label: 'Address',
    type: 'url',
    required: true,
    placeholder: 'https://helpdesk.example.com/hooks/mailgrant',
    help: 'Messages are POSTed here: https, the usual port, a name on the public internet.',
  })
  const description = textField({
    label: 'Description (optional)',
    placeholder: 'Help desk',
    help: 'What it is, in your words.',
  })
  description.input.maxLength = 200
  const events = choices<WebhookEvent>({
    label: 'What it is told',
    help: 'Each change is told once, not each attempt.',
    choices: (Object.keys(tellings) as WebhookEvent[]).map((value) => ({
      value,
      ...tellings[value],
    })),
  })
  const said = h('div', { role: 'status' })
  const wrong = h('div', { role: 'alert' })
  const button = h('button', { class: 'main', type: 'submit' }, action)
  const everything = Object.keys(tellings) as WebhookEvent[]
  let base = ''

  const read = () => ({
    url: url.input.value.trim(),
    events: events.read(),
    ...(description.input.value.trim() && { description: description.input.value.trim() }),
  })
  const show = (webhook: Webhook | null) => {
    url.input.value = webhook?.url ?? ''
    description.input.value = webhook?.description ?? ''
    events.write(webhook?.events ?? everything)
    base = JSON.stringify(read())
  }

  async function save(): Promise<void> {
    const input = read()
    if (input.events.length === 0) {
      events.complain('Choose at least one.')
      return events.input.focus()
    }
    try {
      show(await send(input))
      fill(said, notice('good', 'Saved'))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const fields = { '/url': url, '/description': description, '/events': events }
      if (!complainAtFields(error.problem, fields)) fill(wrong, problemNotice(error.problem))
    }
  }

  show(stored)
  const element = h(
    'form',
    {
      'aria-label': 'Webhook',
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault()
        fill(said)
        fill(wrong)
        void whileBusy(button, save)
      },
    },
    h('div', { class: 'pair' }, url.element, description.element),
    events.element,
    h('div', {}, wrong, said, h('div', { class: 'row' }, button)),
  )
  return { element, changed: () => JSON.stringify(read()) !== base }
}
