/** The mailboxes of a page of the list. */
import type { Mailbox, MailboxAccount } from '../../../../schema/mail-account.ts'
import { type Direction, directionOf } from '../../../../schema/protocols.ts'
import { RecentDays } from '../../components/history-strip.tsx'
import { HealthBadge } from '../../components/layout.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { accountHref, mailboxList, ownerKey, ownerName } from '../../ui/mail-account.ts'
import { healths } from '../../ui/state.ts'
import { type ListView, listHref } from './address.ts'

type Row = Mailbox & { id: string }

export function MailboxTable(props: {
  view: ListView
  rows: readonly Row[]
  /** True if there are customers. The table then shows their names. */
  hasCustomers: boolean
  /** Ids of the accounts that are being validated. */
  running: readonly string[]
}) {
  const { view, rows, hasCustomers, running } = props
  const columns: Column<Row>[] = [
    { name: 'Mailbox', cell: (mailbox) => <Name mailbox={mailbox} /> },
    { name: 'Owner', cell: ({ accounts }) => <Owners accounts={accounts} view={view} /> },
    ...(hasCustomers ? [customerColumn(view)] : []),
    directionColumn('Read', 'read', running),
    directionColumn('Send', 'send', running),
  ]
  return <Table caption={mailboxList.text} class="mailboxes" columns={columns} rows={rows} />
}

function Name({ mailbox: { id, username, accounts } }: { mailbox: Row }) {
  const names = unique(accounts.flatMap(({ name }) => name ?? [])).join(', ')
  return (
    <div>
      <a class="cut" href={accountHref({ id })} title={username}>
        {username}
      </a>
      {names && (
        <span class="cut quiet small plain" title={ifLong(names)}>
          {names}
        </span>
      )}
    </div>
  )
}

/** Returns the title of a text that may be cut. */
const ifLong = (text: string) => (text.length > 12 ? text : undefined)

const unique = (texts: readonly string[]) => [...new Set(texts)]

/** Owners that a row shows, so that it stays low. */
const MAX_OWNERS = 2

function Owners({ accounts, view }: { accounts: readonly MailboxAccount[]; view: ListView }) {
  const owners = new Map(accounts.map(({ owner }) => [ownerKey(owner), ownerName(owner)]))
  // Most mailboxes have an owner for one direction only.
  if (owners.size > 1) owners.delete('none')
  return (
    <>
      {[...owners].slice(0, MAX_OWNERS).map(([owner, name]) => (
        <a
          key={owner}
          class="cut"
          href={listHref({ ...view, owner, page: 1 })}
          title={ifLong(name)}
        >
          {name}
        </a>
      ))}
      {owners.size > MAX_OWNERS && (
        <span class="quiet small nowrap">and {owners.size - MAX_OWNERS} more</span>
      )}
    </>
  )
}

const customerColumn = (view: ListView): Column<Row> => ({
  name: 'Customer',
  cell: ({ customer }) =>
    customer === null ? (
      <span class="quiet">None</span>
    ) : (
      <a class="cut" href={listHref({ ...view, customer, page: 1 })} title={ifLong(customer)}>
        {customer}
      </a>
    ),
})

const URGENCY = Object.keys(healths)

/** The state of the accounts for one direction: of several, the most urgent one. */
const directionColumn = (
  name: string,
  direction: Direction,
  running: readonly string[],
): Column<Row> => ({
  name,
  cell: (mailbox) => {
    const accounts = mailbox.accounts.filter(({ protocol }) => directionOf(protocol) === direction)
    const [account] = accounts.toSorted(
      (a, b) => URGENCY.indexOf(a.health) - URGENCY.indexOf(b.health),
    )
    if (!account) return <span class="quiet">–</span>
    if (accounts.some(({ id }) => running.includes(id))) {
      return <span class="quiet">Validating…</span>
    }
    return (
      <>
        <HealthBadge health={account.health} />
        <RecentDays states={account.days ?? []} />
      </>
    )
  },
})
