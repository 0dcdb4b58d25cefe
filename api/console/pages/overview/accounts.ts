/** All mail accounts with their health; what needs somebody comes first. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { fill, h } from '../../dom.ts'
import { may } from '../../rights.ts'
import { healthBadge, outcomeBadge, whoActs } from '../../ui/state.ts'
import { table } from '../../ui/table.ts'
import { ago } from '../../ui/time.ts'
import { accountHref } from '../email-account/words.ts'
import { byUrgency, countGroups, type Group, groups } from './urgency.ts'

const names: Record<Group, string> = {
  somebody: 'Need attention',
  waiting: 'Waiting for Microsoft',
  untried: 'Not validated',
  works: 'Working',
}
const tones: Record<Group, string> = {
  somebody: 'bad',
  waiting: 'ask',
  untried: 'ask',
  works: 'good',
}

export function countsView(accounts: readonly MailAccount[]): HTMLElement {
  const counts = countGroups(accounts)
  return h(
    'dl',
    { class: 'counts', 'aria-label': 'Email accounts by health' },
    groups.map((group) =>
      h(
        'div',
        { class: counts[group] > 0 ? `count ${tones[group]}` : 'count' },
        h('dt', {}, names[group]),
        h('dd', {}, counts[group]),
      ),
    ),
  )
}

/** As many as are looked at without being asked for. */
const FIRST = 50

export function accountsView(accounts: readonly MailAccount[]): HTMLElement {
  const sorted = byUrgency(accounts)
  const shown = h('div', {}, accountTable(sorted.slice(0, FIRST)))
  if (sorted.length <= FIRST) return shown
  const all = h('button', { type: 'button' }, `Show all ${sorted.length}`)
  all.addEventListener('click', () => {
    fill(shown, accountTable(sorted))
    shown.querySelectorAll<HTMLElement>('tbody th a')[FIRST]?.focus()
  })
  shown.append(all)
  return shown
}

const accountTable = (accounts: readonly MailAccount[]) =>
  table(
    'Email accounts',
    [
      {
        name: 'Mailbox',
        cell: (account) => [
          h('a', { href: accountHref(account) }, account.username),
          h(
            'div',
            { class: 'plain small quiet' },
            [account.name, ownerOf(account)].filter(Boolean).join(', '),
          ),
        ],
      },
      { name: 'Health', cell: health },
      {
        name: 'Last validation',
        cell: ({ last_validation: last }) =>
          last === undefined
            ? h('span', { class: 'quiet' }, 'Never')
            : [
                outcomeBadge(last.outcome),
                ' ',
                h('span', { class: 'small quiet nowrap' }, ago(last.checked_at)),
              ],
      },
      { name: 'Access token ends', cell: expiry },
    ],
    accounts,
  )

function ownerOf({ owner, protocol }: MailAccount): string {
  const kind = protocol.toUpperCase()
  if (owner.type === 'global') return `${kind} for all`
  return `${kind} of ${owner.type} ${owner.id}`
}

const health = (account: MailAccount) => [
  healthBadge(account.health),
  // That the integration is off is said once, above.
  account.problem && account.health !== 'inactive' && whyView(account.problem),
  account.health === 'reconnect_required' &&
    may('write') &&
    h('div', { class: 'small' }, h('a', { href: accountHref(account) }, 'Reconnect')),
]

/** The cause in plain words where it is known; the account's own page has it in full. */
function whyView({ detail, diagnosis }: NonNullable<MailAccount['problem']>) {
  const known = diagnosis?.verdict === 'certain' || diagnosis?.verdict === 'likely'
  const cause = known ? diagnosis.candidates[0] : undefined
  return h(
    'div',
    { class: 'small why' },
    cause?.title ?? detail,
    cause && h('div', { class: 'quiet' }, 'Who must act: ', whoActs[cause.responsible]),
  )
}

function expiry({ authentication, grant }: MailAccount) {
  if (authentication.type === 'password') return h('span', { class: 'quiet' }, 'Password')
  if (authentication.flow === 'app_only') return h('span', { class: 'quiet' }, 'App-only')
  const end = grant?.access_token_expires_at
  if (!end) return h('span', { class: 'quiet' }, 'None')
  if (Date.parse(end) > Date.now()) return h('span', { class: 'nowrap' }, ago(end))
  // A token that has ended is no fault: the next one is fetched when it is asked for.
  return h('span', { class: 'quiet' }, grant.status === 'active' ? 'Renewed when needed' : 'Ended')
}
