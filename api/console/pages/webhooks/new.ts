/** "Add webhook": what it is told and where; then its secret, once. */
import type { WebhookWithSecret } from '../../../../schema/webhook.ts'
import { post } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import type { Page, Visit } from '../../router.ts'
import { head } from '../../ui/table.ts'
import { webhookForm } from './form.ts'
import { secretOnce } from './secret.ts'

export async function newWebhookPage(visit: Visit): Promise<Page> {
  const place = h('div', {})
  const form = webhookForm({
    stored: null,
    action: 'Add webhook',
    send: async (input) => {
      const made = await post<WebhookWithSecret>('/v1/webhooks', input)
      const once = secretOnce('The webhook is added', made)
      visit.beforeLeaving(once.objection)
      const status = h('div', { role: 'status', tabindex: '-1' }, once.element)
      fill(
        place,
        status,
        h('a', { class: 'button', href: `#/webhooks/${made.id}` }, 'To the webhook, to test it'),
      )
      status.focus()
      window.scrollTo(0, 0)
      return made
    },
  })
  fill(place, h('div', { class: 'card' }, form.element))
  visit.beforeLeaving(() => (form.changed() ? 'The webhook is not added yet. Leave it?' : null))
  return {
    title: 'Add webhook',
    content: h(
      'div',
      {},
      h('a', { class: 'back', href: '#/webhooks' }, 'Webhooks'),
      head('Add webhook', 'Something of yours that is told when somebody has to act.'),
      place,
    ),
  }
}
