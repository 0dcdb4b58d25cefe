/** The tables of API keys: active ones, and expired or revoked ones. */
import type { ComponentChildren } from 'preact'
import type { ApiKey } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { directionOf } from '../../../../schema/protocols.ts'
import { Badge } from '../../components/badge.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { Ago, Day } from '../../components/time.tsx'
import { accountHref, accountName } from '../../ui/mail-account.ts'
import { count } from '../../ui/phrase.ts'
import { creatorName, keyPrefix, scopeLabel } from './labels.ts'

export type Accounts = ReadonlyMap<string, MailAccount>

/** `keys`: all keys, to name those that created others. */
const nameColumn = (keys: readonly ApiKey[]): Column<ApiKey> => ({
  name: 'Name',
  cell: (key) => (
    <>
      {key.name}
      <KeyPrefix id={key.id} />
      <div class="quiet small plain">Created by {creatorName(key, keys)}</div>
    </>
  ),
})

/** The visible part of a key, by which its owner recognises it. */
export const KeyPrefix = ({ id }: { id: string }) => (
  <div class="mono quiet plain nowrap" title="Key prefix">
    {keyPrefix(id)}
  </div>
)

export const permissionsColumn: Column<Pick<ApiKey, 'scopes'>> = {
  name: 'Permissions',
  cell: ({ scopes }) => <div class="words">{scopeLabel(scopes)}</div>,
}

export const lastUsedColumn: Column<Pick<ApiKey, 'last_used_at'>> = {
  name: 'Last used',
  cell: ({ last_used_at: time }) => (time ? <Ago time={time} /> : 'Never'),
}

export function CurrentKeys(props: {
  keys: readonly ApiKey[]
  all: readonly ApiKey[]
  accounts: Accounts
  actions: (key: ApiKey) => ComponentChildren
}) {
  const { keys, all, accounts, actions } = props
  const columns: Column<ApiKey>[] = [
    nameColumn(all),
    permissionsColumn,
    { name: 'Limited to', cell: (key) => <AccountLimit apiKey={key} accounts={accounts} /> },
    lastUsedColumn,
    {
      name: 'Expires',
      cell: ({ status, expires_at: time }) => (
        <div class="words">
          {status === 'ended' ? (
            <Badge tone="bad">Ended</Badge>
          ) : time ? (
            <Expiry time={time} />
          ) : (
            'Never'
          )}
        </div>
      ),
    },
    { name: 'Actions', actions: true, cell: actions },
  ]
  return <Table caption="API keys" columns={columns} rows={keys} />
}

const inactiveColumns = (all: readonly ApiKey[]): Column<ApiKey>[] => [
  nameColumn(all),
  permissionsColumn,
  {
    name: 'State',
    cell: ({ status }) => (
      <Badge tone="plain">{status === 'revoked' ? 'Revoked' : 'Expired'}</Badge>
    ),
  },
  {
    name: 'Since',
    cell: ({ revoked_at, expires_at }) => {
      const time = revoked_at ?? expires_at
      return time && <Day time={time} />
    },
  },
  lastUsedColumn,
]

export const InactiveKeys = (props: { keys: readonly ApiKey[]; all: readonly ApiKey[] }) => (
  <details>
    <summary class="quiet">Expired or revoked: {props.keys.length}</summary>
    <Table
      caption="Expired or revoked API keys"
      columns={inactiveColumns(props.all)}
      rows={props.keys}
    />
  </details>
)

/** Time before the expiry from which a key is marked "Soon": enough to replace it. */
const SOON_MS = 14 * 86_400_000

function Expiry({ time }: { time: string }) {
  const soon = Date.parse(time) - Date.now() < SOON_MS
  return (
    <>
      <Day time={time} /> {soon && <Badge tone="ask">Soon</Badge>}
    </>
  )
}

/** Number of names that are shown without a disclosure. */
const MAX_NAMES = 3

function AccountLimit({ apiKey, accounts }: { apiKey: ApiKey; accounts: Accounts }) {
  const { mail_accounts: ids, customer } = apiKey
  if (customer !== null) {
    return (
      <>
        <div class="whole">Customer {customer}</div>
        <AppOnlyNote apiKey={apiKey} />
      </>
    )
  }
  if (ids === null) return <>All email accounts</>
  const names = <AccountNames ids={ids} accounts={accounts} />
  return (
    <>
      {ids.length <= MAX_NAMES ? (
        names
      ) : (
        <details>
          <summary>{count(ids.length, 'account')}</summary>
          {names}
        </details>
      )}
      <AppOnlyNote apiKey={apiKey} />
    </>
  )
}

function AccountNames({ ids, accounts }: { ids: readonly string[]; accounts: Accounts }) {
  const existing = ids.flatMap((id) => accounts.get(id) ?? [])
  const deleted = ids.length - existing.length
  return (
    <>
      {existing.map((account) => (
        <div key={account.id} class="whole">
          <a href={accountHref(account)}>{accountName(account)}</a>
          <span class="quiet small">
            {directionOf(account.protocol) === 'read' ? ' incoming' : ' outgoing'}
          </span>
        </div>
      ))}
      {deleted > 0 && <div class="quiet">{count(deleted, 'deleted account')}</div>}
    </>
  )
}

/** Notes that the limit does not cover app-only tokens. */
function AppOnlyNote({ apiKey: { app_only, scopes } }: { apiKey: ApiKey }) {
  return app_only && scopes.includes('tokens') ? (
    <div class="quiet small">Can also fetch app-only tokens</div>
  ) : null
}
