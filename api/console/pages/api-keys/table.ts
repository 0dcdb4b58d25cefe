/** The list of API keys: those that work, and further down those that have ended. */
import type { ApiKey } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { h } from '../../dom.ts'
import { notice } from '../../ui/notice.ts'
import { badge } from '../../ui/state.ts'
import { type Column, table } from '../../ui/table.ts'
import { ago, day } from '../../ui/time.ts'
import { accountHref } from '../email-account/words.ts'
import { accountName, keyBegins, scopeWords } from './words.ts'

export type Accounts = ReadonlyMap<string, MailAccount>

const name: Column<ApiKey> = {
  name: 'Name',
  cell: ({ id, name, needs_review }) => [
    name,
    needs_review && [' ', badge('bad', 'Needs review')],
    h(
      'div',
      { class: 'mono quiet plain nowrap', title: 'What the key begins with' },
      keyBegins(id),
    ),
  ],
}
const may: Column<ApiKey> = {
  name: 'May',
  cell: ({ scopes }) => h('div', { class: 'words' }, scopeWords(scopes)),
}

export const workingKeys = (
  keys: readonly ApiKey[],
  accounts: Accounts,
  actions: (key: ApiKey) => (HTMLElement | false)[],
) =>
  table(
    'API keys',
    [
      name,
      may,
      { name: 'Limited to', cell: (key) => [limitedTo(key, accounts), appOnlyNote(key)] },
      {
        name: 'Last used',
        cell: ({ last_used_at: used }) => (used ? ago(used) : 'Not yet'),
      },
      {
        name: 'Ends',
        cell: ({ expires_at: end }) =>
          h('div', { class: 'words' }, end ? [day(end), soon(end)] : 'When revoked'),
      },
      { name: 'Actions', actions: true, cell: actions },
    ],
    keys,
  )

export const endedKeys = (keys: readonly ApiKey[]) =>
  h(
    'details',
    {},
    h('summary', { class: 'quiet' }, `Ended: ${keys.length}`),
    table(
      'Ended API keys',
      [
        name,
        may,
        {
          name: 'State',
          cell: ({ status }) => badge('plain', status === 'revoked' ? 'Revoked' : 'Expired'),
        },
        {
          name: 'Ended',
          cell: ({ revoked_at: revoked, expires_at: expired }) => {
            const end = revoked ?? expired
            return end ? day(end) : ''
          },
        },
        { name: 'Last used', cell: ({ last_used_at: used }) => (used ? ago(used) : 'Never') },
      ],
      keys,
    ),
  )

/** Enough time to put another key in its place. */
const SOON = 14 * 86_400_000

const soon = (end: string) => Date.parse(end) - Date.now() < SOON && [' ', badge('ask', 'Soon')]

/** Says that the limit does not cover app-only tokens; as a warning for a key from before `app_only`. */
function appOnlyNote({ mail_accounts: limit, app_only, scopes, warnings }: ApiKey) {
  if (warnings.length > 0)
    return warnings.map((text) => notice('ask', 'Opens other mailboxes', text))
  const holds = limit !== null && app_only && scopes.includes('tokens')
  return holds && h('div', { class: 'quiet small' }, 'May also fetch app-only tokens')
}

/** So many names are read at a glance. */
const FEW = 3

function limitedTo({ mail_accounts: limit }: ApiKey, accounts: Accounts) {
  if (limit === null) return 'All email accounts'
  const known = limit.flatMap((id) => accounts.get(id) ?? [])
  const gone = limit.length - known.length
  const names = [
    known.map((account) =>
      h(
        'div',
        { class: 'whole' },
        h('a', { href: accountHref(account) }, accountName(account)),
        h(
          'span',
          { class: 'quiet small' },
          account.protocol === 'imap' ? ' incoming' : ' outgoing',
        ),
      ),
    ),
    gone > 0 &&
      h(
        'div',
        { class: 'quiet' },
        gone === 1 ? 'One that was deleted' : `${gone} that were deleted`,
      ),
  ]
  return limit.length <= FEW
    ? names
    : h('details', { class: 'entry-names' }, h('summary', {}, `${limit.length} accounts`), names)
}
