/** The secret that signs: shown once, and replaced without losing a message. */
import type { WebhookWithSecret } from '../../../../schema/webhook.ts'
import { ApiError, post } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { whileBusy } from '../../ui/busy.ts'
import { confirm } from '../../ui/dialog.ts'
import { problemNotice } from '../../ui/notice.ts'
import { type ShownOnce, shownOnce } from '../../ui/shown-once.ts'
import { moment } from '../../ui/time.ts'

export const secretOnce = (
  title: string,
  { secret, previous_secret_expires_at: until }: WebhookWithSecret,
): ShownOnce =>
  shownOnce({
    title,
    secret,
    name: 'signing secret',
    more: h(
      'p',
      { class: 'after small' },
      until === null
        ? 'Give it to the receiver, which checks the signature of every message with it. Messages follow Standard Webhooks.'
        : ['Give it to the receiver before ', moment(until), ': until then both secrets sign.'],
    ),
  })

export type SecretPart = { element: HTMLElement; objection: () => string | null }

export function secretPart(id: string): SecretPart {
  const result = h('div', { role: 'status', class: 'result' })
  const wrong = h('div', { role: 'alert', class: 'result' })
  const button = h('button', { type: 'button' }, 'New secret')
  let objection: () => string | null = () => null

  async function rotate(): Promise<void> {
    if (!(await confirm(question))) return
    fill(wrong)
    try {
      const made = await post<WebhookWithSecret>(`/v1/webhooks/${id}/rotate-secret`)
      const once = secretOnce('The new secret', made)
      objection = once.objection
      fill(result, once.element)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      fill(wrong, problemNotice(error.problem))
    }
  }
  button.addEventListener('click', () => void whileBusy(button, rotate))

  return {
    element: h(
      'div',
      {},
      h(
        'p',
        {},
        'The receiver checks with it that a message comes from here. It was shown when it was made.',
      ),
      h('div', { class: 'row' }, button),
      wrong,
      result,
    ),
    objection: () => objection(),
  }
}

const question = {
  title: 'Make a new secret?',
  text: [
    h(
      'p',
      {},
      'For 24 hours every message carries two signatures, one by each secret: give the new one to the receiver in that time, and no message is lost. After that only the new one signs.',
    ),
    h('p', {}, 'If this is done twice within 24 hours, only the last two secrets sign.'),
  ],
  yes: 'Make a new secret',
}
