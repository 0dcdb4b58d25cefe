/** What to do when nothing is set up yet: three steps, ticked off as they are done. */
import type { Integration } from '../../../../schema/integration.ts'
import { h } from '../../dom.ts'

export function firstSteps({ status, configured }: Integration): HTMLElement {
  const active = status === 'active'
  const steps = [
    {
      done: active,
      title: 'Activate Microsoft',
      text: 'It is off until you switch it on.',
      href: '#/integrations',
    },
    {
      done: configured,
      title: 'Register an app and enter it',
      text: 'Once at Microsoft, for all mailboxes. Every value is there to copy.',
      href: '#/integrations/microsoft',
    },
    {
      done: false,
      title: 'Connect the first email account',
      text: 'Sign in as the mailbox, validate, save.',
      href: '#/email-accounts/new',
    },
  ]
  const next = steps.find(({ done }) => !done)
  return h(
    'div',
    { class: 'card' },
    h('h2', {}, 'Three steps to the first mailbox'),
    h(
      'ol',
      { class: 'first-steps' },
      steps.map((step, index) =>
        h(
          'li',
          { class: step.done ? 'done' : null },
          h('span', { class: 'number', 'aria-hidden': 'true' }, step.done ? '✓' : index + 1),
          h(
            'div',
            {},
            h('a', { href: step.href }, step.title),
            step.done && h('span', { class: 'quiet' }, ' Done'),
            h('div', { class: 'quiet' }, step.text),
          ),
          step === next && h('a', { class: 'button main', href: step.href }, 'Start'),
        ),
      ),
    ),
  )
}
