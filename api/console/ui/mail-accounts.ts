/** Mail accounts in a table, each with how it does. */
import type { MailAccount } from '../../../schema/mail-account.ts'
import { MOST } from '../api.ts'
import { type Children, fill, h } from '../dom.ts'
import { accountHref, ownerName, serverName } from '../pages/email-account/words.ts'
import { hasWords, MANY, searchField } from './search.ts'
import { healthBadge, outcomeBadge } from './state.ts'
import { table } from './table.ts'
import { ago } from './time.ts'

/** As people look for it: "Team 2" before "Team 10". */
export const byName = new Intl.Collator('en', { numeric: true }).compare

const shownAs = ({ name, username }: MailAccount) => name ?? username

/** By what one account is told from another. */
const textOf = ({ name, username, delegate, owner, grant }: MailAccount) =>
  [name, username, delegate, ownerName(owner), grant?.signed_in_as].join('\n')

/** Draws accounts by `show`, and when they are many, those that are searched. */
export function searchable(
  accounts: readonly MailAccount[],
  show: (found: MailAccount[], searched: boolean) => Children,
): HTMLElement {
  const shown = h('div', {})
  const draw = (search: string) => {
    const found = accounts.filter((account) => hasWords(textOf(account), search))
    const searched = search.trim() !== ''
    fill(shown, (found.length > 0 || !searched) && show(found, searched))
    return found.length > 0
  }
  draw('')
  return h(
    'div',
    {},
    accounts.length >= MOST &&
      h('p', { class: 'quiet' }, `Only the newest ${MOST} accounts are shown here.`),
    accounts.length > MANY && searchField('Find an email account', draw),
    shown,
  )
}

export function mailAccountTable(caption: string, accounts: readonly MailAccount[]) {
  const made = table(
    caption,
    [
      {
        name: 'Mailbox',
        cell: (account) => [
          h('a', { href: accountHref(account) }, shownAs(account)),
          account.name !== null && h('div', { class: 'quiet small plain' }, account.username),
          account.delegate !== null &&
            h('div', { class: 'quiet small plain' }, `signs in as ${account.delegate}`),
        ],
      },
      { name: 'Server', cell: (account) => serverName(account) },
      {
        name: 'Authentication',
        cell: ({ authentication }) => {
          if (authentication.type === 'password') return 'Password'
          return authentication.flow === 'app_only' ? 'OAuth (app-only)' : 'OAuth, Microsoft'
        },
      },
      {
        name: 'Health',
        cell: ({ health }) => healthBadge(health),
      },
      {
        name: 'Last validation',
        cell: ({ last_validation: last }) =>
          last
            ? [
                outcomeBadge(last.outcome),
                ' ',
                h('span', { class: 'small quiet nowrap' }, ago(last.checked_at)),
              ]
            : 'None yet',
      },
    ],
    [...accounts].sort((a, b) => byName(shownAs(a), shownAs(b))),
  )
  // One under another, the tables of departments have their columns in line.
  made.classList.add('even')
  return made
}
