/** The accounts of a page of the list. */
import type { MailAccount, MailAccountSort } from '../../../../schema/mail-account.ts'
import type { MailProtocol } from '../../../../schema/mail-servers.ts'
import { isMailProtocol, PROTOCOL_NAMES } from '../../../../schema/protocols.ts'
import { Badge, HealthBadge, OutcomeBadge } from '../../components/badge.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { Ago } from '../../components/time.tsx'
import { accountHref, accountName, accountWords, ownerName } from '../../ui/mail-account.ts'
import { type ListView, listHref, ownerKey, sortBy } from './address.ts'
import type { ManyState } from './validate-many.ts'
import { listWords, repeatedIn } from './words.ts'

export function AccountTable(props: {
  protocol: MailProtocol
  view: ListView
  accounts: readonly MailAccount[]
  changed: readonly MailAccount[]
  selected: readonly string[]
  /** True if there are customers: the table then shows their names. */
  hasCustomers: boolean
  /** Selects accounts; null for a read-only key. */
  select: ((ids: readonly string[]) => void) | null
  validating: ManyState | null
}) {
  const { protocol, view, accounts, changed, hasCustomers, selected, select, validating } = props
  const repeated = repeatedIn(accounts)
  const sort = (key: MailAccountSort) => {
    const { next, direction } = sortBy(key, view)
    return { href: listHref(protocol, { ...view, sort: next, page: 1 }), direction }
  }
  const columns: Column<MailAccount>[] = [
    {
      name: 'Mailbox',
      sort: sort('username'),
      cell: (account) => (
        <div class="pick">
          {select && (
            <input
              type="checkbox"
              aria-label={`Select ${accountName(account)}`}
              checked={selected.includes(account.id)}
              onChange={({ currentTarget }) =>
                select(
                  currentTarget.checked
                    ? [...selected, account.id]
                    : selected.filter((id) => id !== account.id),
                )
              }
            />
          )}
          <div>
            <a href={accountHref(account)}>{accountName(account)}</a>
            {account.name !== null && <div class="quiet small plain">{account.username}</div>}
            {account.delegate !== null && (
              <div class="quiet small plain">signs in as {account.delegate}</div>
            )}
            {repeated.has(account.id) && (
              <div>
                <Badge tone="ask">Entered twice</Badge>
              </div>
            )}
          </div>
        </div>
      ),
    },
    {
      name: listWords[protocol].owner,
      cell: ({ owner }) => (
        <a href={listHref(protocol, { ...view, owner: ownerKey(owner), page: 1 })}>
          {ownerName(owner)}
        </a>
      ),
    },
    ...(hasCustomers ? [customerColumn(protocol, view)] : []),
    { name: 'Login', cell: (account) => <Login account={account} /> },
    { name: 'Health', sort: sort('health'), cell: ({ health }) => <HealthBadge health={health} /> },
    {
      name: 'Last validation',
      sort: sort('checked_at'),
      cell: ({ id, last_validation: last }) => {
        if (validating?.running.includes(id)) return <span class="quiet">Validating…</span>
        if (!last) return <span class="quiet">None yet</span>
        return (
          <>
            <OutcomeBadge outcome={last.outcome} />{' '}
            <span class="small quiet nowrap">
              <Ago time={last.checked_at} />
            </span>
          </>
        )
      },
    },
  ]
  return (
    <Table
      caption={accountWords[protocol].list}
      columns={columns}
      rows={accounts}
      changed={changed}
    />
  )
}

const customerColumn = (protocol: MailProtocol, view: ListView): Column<MailAccount> => ({
  name: 'Customer',
  cell: ({ customer }) =>
    customer === null ? (
      <span class="quiet">None</span>
    ) : (
      <a href={listHref(protocol, { ...view, customer, page: 1 })}>{customer}</a>
    ),
})

const Login = ({ account: { authentication, protocol, host } }: { account: MailAccount }) => (
  <>
    {authenticationName(authentication)}
    {/* OAuth always uses a server of Microsoft. */}
    {authentication.type === 'password' && <div class="quiet small">{host}</div>}
    {!isMailProtocol(protocol) && <div class="quiet small">{PROTOCOL_NAMES[protocol]}</div>}
  </>
)

function authenticationName(authentication: MailAccount['authentication']): string {
  if (authentication.type === 'password') return 'Password'
  return authentication.flow === 'app_only' ? 'OAuth (app-only)' : 'OAuth, Microsoft'
}
