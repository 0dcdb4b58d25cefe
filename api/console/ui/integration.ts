/** The integration's switch and what is wrong with it, wherever they are shown. */
import type { Integration, IntegrationProblem } from '../../../schema/integration.ts'
import { post } from '../api.ts'
import { h } from '../dom.ts'
import { may } from '../rights.ts'
import { whileBusy } from './busy.ts'
import { confirm } from './dialog.ts'
import { notice, type Tone } from './notice.ts'
import { badge } from './state.ts'

export const integrationBadge = ({ status }: Integration) =>
  status === 'active' ? badge('good', 'Active') : badge('plain', 'Inactive')

/** `there`: what to do on the page that `href` leads to. */
type Remedy = { tone: Tone; title: string; action: string; href: string; there?: string }

const SETTINGS = '#/integrations/microsoft'

const remedies: Record<IntegrationProblem['code'], Remedy> = {
  not_configured: {
    tone: 'ask',
    title: 'Microsoft is not set up yet',
    action: 'Enter the app registration',
    href: SETTINGS,
  },
  secret_expiring: {
    tone: 'ask',
    title: 'The client secret or certificate ends soon',
    action: 'Replace it',
    href: SETTINGS,
    there: 'Use "Change the credential without a gap", at the end of this page.',
  },
  secret_expired: {
    tone: 'bad',
    title: 'The client secret or certificate has ended',
    action: 'Replace it',
    href: SETTINGS,
    there: 'Save the new one in step 2, then verify it.',
  },
  credential_rejected: {
    tone: 'bad',
    title: 'Microsoft rejects the client ID or the credential',
    action: 'Check and verify the settings',
    href: SETTINGS,
  },
  app_refused: {
    tone: 'bad',
    title: 'Microsoft refuses the app',
    action: 'Check the settings',
    href: SETTINGS,
    there: 'Compare the client ID, the tenant and the permissions with the app registration.',
  },
  grants_idle: {
    tone: 'ask',
    title: 'Some access tokens have not been used for long',
    action: 'Look through the email accounts',
    href: '#/email-accounts',
  },
  app_only_keys: {
    tone: 'ask',
    title: 'Some limited API keys open other mailboxes',
    action: 'Look through the API keys',
    href: '#/api-keys',
  },
  api_keys_need_review: {
    tone: 'bad',
    title: 'API keys need a review after a restore',
    action: 'Review the API keys',
    href: '#/api-keys',
  },
}

/** What stops the mail comes before what will. */
const byTone = (a: IntegrationProblem, b: IntegrationProblem) =>
  Number(remedies[b.code].tone === 'bad') - Number(remedies[a.code].tone === 'bad')

/** A notice for each, with where to go, or what to do where that page is shown. */
export const problemsView = (problems: readonly IntegrationProblem[], here = '') =>
  [...problems].sort(byTone).map(({ code, detail }) => {
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
