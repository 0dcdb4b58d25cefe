/** What is known of a saved account: why it does not work, and what its access token is. */
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { type Children, h } from '../../dom.ts'
import { diagnosisView } from '../../ui/diagnosis.ts'
import { notice } from '../../ui/notice.ts'
import { ago, day } from '../../ui/time.ts'
import { askAgainView } from './ask-again.ts'
import { rightsOf } from './words.ts'

const titles: Record<string, string> = {
  reconnect_required: 'This account needs reconnecting',
  grant_blocked: 'An administrator must act',
  protocol_not_granted: 'Microsoft no longer grants it',
  integration_inactive: 'The Microsoft integration is inactive',
  login_failed: 'The last validation failed',
}

const hrefs: Record<string, [href: string, text: string]> = {
  integration_inactive: ['#/integrations', 'Activate the integration'],
  credential_rejected: ['#/integrations/microsoft', 'Open the Microsoft settings'],
}

/** `reconnect` gets a new access token; null for who may not. Null while the account works. */
export function problemView(
  account: MailAccount,
  saved: Grant | null,
  reconnect: (() => void) | null,
): HTMLElement | null {
  const { problem, health, grant, authentication } = account
  if (!problem) return null
  const person = authentication.type === 'oauth' && authentication.flow === 'delegated'
  const lost = person && (health === 'reconnect_required' || health === 'blocked')
  const way = hrefs[problem.code]
  // The result of the validation stands below, with the same diagnosis in full.
  const diagnosis = problem.code === 'login_failed' ? undefined : problem.diagnosis
  return h(
    'section',
    { class: diagnosis && 'card', 'aria-label': 'What is wrong' },
    notice(
      health === 'cooling_down' ? 'ask' : 'bad',
      titles[problem.code] ??
        (health === 'cooling_down' ? 'Waiting for Microsoft' : 'It does not work'),
      h('div', {}, problem.detail),
      problem.since !== undefined &&
        h('div', { class: 'small quiet' }, 'Since ', ago(problem.since)),
      way && h('div', {}, h('a', { href: way[0] }, way[1])),
      lost &&
        reconnect !== null &&
        h(
          'div',
          { class: 'row after' },
          h('button', { class: 'main', type: 'button', onclick: reconnect }, 'Reconnect'),
          h(
            'span',
            { class: 'small' },
            grant ? `Sign in as ${grant.signed_in_as}, then save.` : 'Sign in, then save.',
          ),
        ),
      reconnect !== null && askAgainView(account, saved),
    ),
    diagnosis && diagnosisView(diagnosis, 'h2'),
  )
}

const lost = ({ status }: Grant) => status === 'reconnect_required' || status === 'blocked'

const fact = (name: string, ...value: Children[]) => [h('dt', {}, name), h('dd', {}, ...value)]

/** The saved access token, by what Microsoft told when it was made. */
export const grantFacts = (grant: Grant, health: MailAccount['health']) =>
  h(
    'dl',
    { class: 'facts' },
    fact('Signed in as', grant.signed_in_as),
    fact('Account', grant.account_type === 'work' ? 'Work or school' : 'Personal'),
    fact('Tenant', h('code', {}, grant.tenant_id)),
    fact('Covers', rightsOf(grant.protocols)),
    fact(
      'Access token ends',
      grant.access_token_expires_at ? ago(grant.access_token_expires_at) : 'None is stored',
      lost(grant)
        ? '. Microsoft gives no new one'
        : health === 'inactive'
          ? '. A new one is fetched once the integration is active'
          : '. Mailgrant fetches a new one when it is needed',
    ),
    grant.retry_at && fact('Next attempt', ago(grant.retry_at)),
    fact('Last renewed', grant.refreshed_at ? ago(grant.refreshed_at) : 'Never'),
    fact('Signed in', day(grant.created_at)),
    grant.warnings.length > 0 && fact('Worth knowing', grant.warnings.join(' ')),
  )

/** The ID by which a program asks for the access token, and how to make it ask. */
export const forMailPrograms = ({ id }: Pick<MailAccount, 'id'>) =>
  h(
    'p',
    { class: 'small after' },
    'Programs fetch it with the ID ',
    h('code', {}, id),
    '. ',
    h('a', { href: '/docs/mail-programs' }, 'Set up a mail program'),
  )
