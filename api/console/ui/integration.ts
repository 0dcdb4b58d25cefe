/** The integration's switch and what is wrong with it, wherever they are shown. */
import type { Integration, IntegrationProblem } from '../../../schema/integration.ts'
import { post } from '../api.ts'
import { h } from '../dom.ts'
import { bySeverity, remedies } from '../pages/integrations/words.ts'
import { may } from '../rights.ts'
import { whileBusy } from './busy.ts'
import { confirm } from './dialog.ts'
import { notice } from './notice.ts'
import { badge } from './state.ts'

export const integrationBadge = ({ status }: Integration) =>
  status === 'active' ? badge('good', 'Active') : badge('plain', 'Inactive')

/** A notice for each, with where to go, or what to do where that page is shown. */
export const problemsView = (problems: readonly IntegrationProblem[], here = '') =>
  bySeverity(problems).map(({ code, detail }) => {
    const { tone, title, action, href, there } = remedies[code]
    return notice(
      tone,
      title,
      h('div', {}, detail),
      href === here ? there && h('div', {}, there) : h('div', {}, h('a', { href }, action)),
    )
  })

/** "Activate" or "Deactivate", for who may. Switching off asks first. `done` hears how it stands then. */
export function switchButton(
  integration: Integration,
  done: (integration: Integration) => void,
  failed: (error: unknown) => void,
): HTMLButtonElement | null {
  if (!may('admin')) return null
  const active = integration.status === 'active'
  const button = h(
    'button',
    {
      type: 'button',
      class: active ? null : 'main',
      onclick: async () => {
        if (active && !(await mayStop(integration.name))) return
        await whileBusy(button, () =>
          post<Integration>(
            `/v1/integrations/${integration.id}/${active ? 'deactivate' : 'activate'}`,
          ).then(done, failed),
        )
      },
    },
    active ? 'Deactivate' : 'Activate',
  )
  return button
}

const mayStop = (name: string) =>
  confirm({
    title: `Deactivate ${name}?`,
    text: [
      h(
        'p',
        {},
        'While it is inactive nobody can get an access token, accounts with OAuth are not validated, and programs are handed no new tokens: within about an hour they can no longer read or send mail.',
      ),
      h(
        'p',
        {},
        'Nothing is deleted. Activate it again, and everything goes on; only after 90 days without use Microsoft asks the mailboxes to sign in again.',
      ),
    ],
    yes: 'Deactivate',
    danger: true,
  })

/** What to say after the switch moved. */
export const switched = ({ name, status, configured }: Integration) =>
  status === 'inactive'
    ? notice('plain', `${name} is inactive`, h('div', {}, 'Everything is still stored.'))
    : notice(
        'good',
        `${name} is active`,
        configured &&
          h('div', {}, h('a', { href: '#/email-accounts' }, 'Connect an email account')),
      )
