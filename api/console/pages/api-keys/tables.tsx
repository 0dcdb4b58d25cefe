/** The tables of API keys: active ones, and expired or revoked ones. */
import type { ComponentChildren } from 'preact'
import type { ApiKey } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { Badge } from '../../components/badge.tsx'
import { Notice } from '../../components/notice.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { Ago, Day } from '../../components/time.tsx'
import { accountHref, accountName } from '../../ui/mail-account.ts'
import { count } from '../../ui/words.ts'
import { keyBegins, makerWords, scopeWords } from './words.ts'

export type Accounts = ReadonlyMap<string, MailAccount>

/** `keys`: all, to name the makers of others. */
const nameColumn = (keys: readonly ApiKey[]): Column<ApiKey> => ({
  name: 'Name',
  cell: (key) => (
    <>
      {key.name}
      {key.needs_review && (
        <>
          {' '}
          <Badge tone="bad">Needs review</Badge>
        </>
      )}
      <div class="mono quiet plain nowrap" title="Key prefix">
        {keyBegins(key.id)}
      </div>
      <div class="quiet small plain">Created by {makerWords(key, keys)}</div>
    </>
  ),
})

const may: Column<ApiKey> = {
  name: 'Permissions',
  cell: ({ scopes }) => <div class="words">{scopeWords(scopes)}</div>,
}

export function WorkingKeys(props: {
  keys: readonly ApiKey[]
  all: readonly ApiKey[]
  accounts: Accounts
  actions: (key: ApiKey) => ComponentChildren
}) {
  const { keys, all, accounts, actions } = props
  const columns: Column<ApiKey>[] = [
    nameColumn(all),
    may,
    { name: 'Limited to', cell: (key) => <Limit apiKey={key} accounts={accounts} /> },
    {
      name: 'Last used',
      cell: ({ last_used_at: used }) => (used ? <Ago time={used} /> : 'Never'),
    },
    {
      name: 'Expires',
      cell: ({ expires_at: end }) => <div class="words">{end ? <End time={end} /> : 'Never'}</div>,
    },
    { name: 'Actions', actions: true, cell: actions },
  ]
  return <Table caption="API keys" columns={columns} rows={keys} />
}

const endedColumns = (all: readonly ApiKey[]): Column<ApiKey>[] => [
  nameColumn(all),
  may,
  {
    name: 'State',
    cell: ({ status }) => (
      <Badge tone="plain">{status === 'revoked' ? 'Revoked' : 'Expired'}</Badge>
    ),
  },
  {
    name: 'Since',
    cell: ({ revoked_at: revoked, expires_at: expired }) => {
      const end = revoked ?? expired
      return end && <Day time={end} />
    },
  },
  {
    name: 'Last used',
    cell: ({ last_used_at: used }) => (used ? <Ago time={used} /> : 'Never'),
  },
]

export const EndedKeys = (props: { keys: readonly ApiKey[]; all: readonly ApiKey[] }) => (
  <details>
    <summary class="quiet">Expired or revoked: {props.keys.length}</summary>
    <Table
      caption="Expired or revoked API keys"
      columns={endedColumns(props.all)}
      rows={props.keys}
    />
  </details>
)

/** Time before the expiry from which a key is marked "Soon": enough to replace it. */
const SOON_MS = 14 * 86_400_000

function End({ time }: { time: string }) {
  const soon = Date.parse(time) - Date.now() < SOON_MS
  return (
    <>
      <Day time={time} /> {soon && <Badge tone="ask">Soon</Badge>}
    </>
  )
}

/** Number of names that are shown without a disclosure. */
const FEW = 3

function Limit({ apiKey, accounts }: { apiKey: ApiKey; accounts: Accounts }) {
  const { mail_accounts: limit } = apiKey
  if (limit === null) return <>All email accounts</>
  const names = <LimitNames limit={limit} accounts={accounts} />
  return (
    <>
      {limit.length <= FEW ? (
        names
      ) : (
        <details>
          <summary>{count(limit.length, 'account')}</summary>
          {names}
        </details>
      )}
      <AppOnlyNote apiKey={apiKey} />
    </>
  )
}

function LimitNames({ limit, accounts }: { limit: readonly string[]; accounts: Accounts }) {
  const known = limit.flatMap((id) => accounts.get(id) ?? [])
  const gone = limit.length - known.length
  return (
    <>
      {known.map((account) => (
        <div key={account.id} class="whole">
          <a href={accountHref(account)}>{accountName(account)}</a>
          <span class="quiet small">{account.protocol === 'imap' ? ' incoming' : ' outgoing'}</span>
        </div>
      ))}
      {gone > 0 && <div class="quiet">{count(gone, 'deleted account')}</div>}
    </>
  )
}

/** Says that the limit does not cover app-only tokens; as a warning for a key from before `app_only`. */
function AppOnlyNote({ apiKey: { app_only, scopes, warnings } }: { apiKey: ApiKey }) {
  if (warnings.length > 0) {
    return (
      <>
        {warnings.map((text) => (
          <Notice key={text} tone="ask" title="Has access to other mailboxes">
            {text}
          </Notice>
        ))}
      </>
    )
  }
  return app_only && scopes.includes('tokens') ? (
    <div class="quiet small">Can also fetch app-only tokens</div>
  ) : null
}
