/** The table of API keys. */
import type { ComponentChildren } from 'preact'
import type { ApiKey } from '../../../../schema/api-key.ts'
import { Badge } from '../../components/layout.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { Ago, Day } from '../../components/time.tsx'
import { count } from '../../ui/phrase.ts'
import { keyPrefix, scopeLabel } from './labels.ts'

export const permissionsColumn: Column<Pick<ApiKey, 'scopes'>> = {
  name: 'Permissions',
  cell: ({ scopes }) => <div class="words">{scopeLabel(scopes)}</div>,
}

/** `action`: button of keys that are not revoked yet. */
export function KeyTable(props: {
  caption: string
  keys: readonly ApiKey[]
  action?: (key: ApiKey) => ComponentChildren
}) {
  const { caption, keys, action } = props
  const columns: Column<ApiKey>[] = [
    { name: 'Name', cell: nameOf },
    permissionsColumn,
    { name: 'Email accounts', cell: limitOf },
    {
      name: 'Last used',
      cell: ({ last_used_at: time }) => (time ? <Ago time={time} /> : 'Never'),
    },
    { name: 'Expires', cell: (key) => <div class="words">{endOf(key)}</div> },
    ...(action ? [{ name: 'Actions', actions: true, cell: action }] : []),
  ]
  return <Table caption={caption} columns={columns} rows={keys} />
}

/** The name, and the visible part of the key, by which its owner recognises it. Only an active key can be changed. */
const nameOf = ({ id, name, status, created_by_name: person }: ApiKey) => (
  <>
    {status === 'active' ? (
      <a href={`#/api-keys/${id}`} aria-label={`Change ${name}`}>
        {name}
      </a>
    ) : (
      name
    )}
    <div class="quiet small plain">
      <span class="mono nowrap" title="Key prefix">
        {keyPrefix(id)}
      </span>
      {person && `, by ${person}`}
    </div>
  </>
)

/** Time before the expiry from which a key is marked "Soon": enough to replace it. */
const SOON_MS = 14 * 86_400_000

function endOf({ status, expires_at: end, revoked_at: revoked }: ApiKey): ComponentChildren {
  if (status === 'ended') return <Badge tone="bad">Ended</Badge>
  const time = revoked ?? end
  if (time === null) return 'Never'
  const isSoon = status === 'active' && Date.parse(time) - Date.now() < SOON_MS
  return (
    <>
      {revoked && 'Revoked '}
      {status === 'expired' && 'Expired '}
      <Day time={time} /> {isSoon && <Badge tone="ask">Soon</Badge>}
    </>
  )
}

/** The accounts that the key covers. The key's page lists them. */
const limitOf = ({ mail_accounts: ids, customer, app_only, scopes }: ApiKey) => (
  <>
    {customer !== null && <div class="whole">Customer {customer}</div>}
    {customer === null && (ids === null ? 'All' : count(ids.length, 'account'))}
    {app_only && scopes.includes('tokens') && (
      <div class="quiet small">Can also fetch app-only tokens</div>
    )}
  </>
)
