/** Search, filters and order of the list. All of them are kept in the address. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type {
  Health,
  MailAccountSort,
  MailAccountSummary,
} from '../../../../schema/mail-account.ts'
import type { MailProtocol } from '../../../../schema/mail-servers.ts'
import { SelectField } from '../../components/fields.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { go, replaceAddress } from '../../router.ts'
import { ownerName } from '../../ui/mail-account.ts'
import { healths } from '../../ui/state.ts'
import { type ListView, listHref, ownerKey } from './address.ts'
import type { ListData } from './read-list.ts'
import { listWords } from './words.ts'

type Viewed = { protocol: MailProtocol; view: ListView }

/** Time without typing after which the list is searched. */
const TYPING_MS = 250

export function AccountSearch({ protocol, view, signal }: Viewed & { signal: AbortSignal }) {
  const [text, setText] = useState(view.q)
  const searched = useRef(view.q)
  // The reader came back to an address with another text.
  useEffect(() => {
    if (view.q === searched.current) return
    searched.current = view.q
    setText(view.q)
  }, [view.q])
  useEffect(() => {
    const q = text.trim()
    if (q === searched.current) return
    const timer = setTimeout(() => {
      // The address is that of the next page already.
      if (signal.aborted) return
      searched.current = q
      replaceAddress(listHref(protocol, { ...view, q, page: 1 }))
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, view])
  return (
    <SearchField
      label="Find an email account"
      value={text}
      onInput={(value) => setText(value.slice(0, 100))}
    />
  )
}

/** The counts by health, each a link to its accounts. */
export function HealthLinks({ protocol, view, summary }: Viewed & { summary: MailAccountSummary }) {
  const chosen = view.health.split(',').filter(Boolean)
  const href = (health: string) => listHref(protocol, { ...view, health, page: 1 })
  return (
    <ul class="chips" aria-label="Email accounts by health">
      <li>
        <a href={href('')} aria-current={chosen.length === 0 ? 'true' : undefined}>
          All <b>{summary.total}</b>
        </a>
      </li>
      {(Object.keys(healths) as Health[])
        .filter((health) => summary.health[health] > 0 || chosen.includes(health))
        .map((health) => (
          <li key={health} class={healths[health][0]}>
            <a href={href(health)} aria-current={chosen.includes(health) ? 'true' : undefined}>
              {healths[health][1]} <b>{summary.health[health]}</b>
            </a>
          </li>
        ))}
    </ul>
  )
}

export function OwnerFilter({ protocol, view, owners }: Viewed & { owners: ListData['owners'] }) {
  const { owner, allOwners } = listWords[protocol]
  const options = owners
    .map((entry) => ({
      value: ownerKey(entry.owner),
      label: `${ownerName(entry.owner)} (${entry.mail_accounts})`,
    }))
    .sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }))
  const isKnown = view.owner === '' || options.some(({ value }) => value === view.owner)
  return (
    <SelectField
      label={owner}
      value={view.owner}
      options={[
        { value: '', label: allOwners },
        ...(isKnown ? [] : [{ value: view.owner, label: view.owner.replace(/^\w+:/, '') }]),
        ...options,
      ]}
      onChange={(chosen) => go(listHref(protocol, { ...view, owner: chosen, page: 1 }))}
    />
  )
}

/** The values of the choice cannot be those of a customer's name. */
export function CustomerFilter({
  protocol,
  view,
  customers,
}: Viewed & { customers: ListData['customers'] }) {
  if (customers.length === 0 && view.customer === null) return null
  const known = new Set([...customers, ...(view.customer ? [view.customer] : [])])
  return (
    <SelectField
      label="Customer"
      value={view.customer === null ? '' : `=${view.customer}`}
      options={[
        { value: '', label: 'All customers' },
        { value: '=', label: 'Without a customer' },
        ...[...known].sort().map((name) => ({ value: `=${name}`, label: name })),
      ]}
      onChange={(chosen) => {
        const customer = chosen === '' ? null : chosen.slice(1)
        go(listHref(protocol, { ...view, customer, owner: '', page: 1 }))
      }}
    />
  )
}

const orders: { value: MailAccountSort; label: string }[] = [
  { value: 'username', label: 'By mailbox' },
  { value: 'health', label: 'Most urgent first' },
  { value: 'checked_at', label: 'Oldest validation first' },
  { value: 'created_at', label: 'Oldest first' },
  { value: '-created_at', label: 'Newest first' },
]

/** Choice of the order on phones, which show no column headings. */
export const OrderSelect = ({ protocol, view }: Viewed) => (
  <div class="phone-only">
    <SelectField
      label="Order"
      value={view.sort}
      options={
        orders.some(({ value }) => value === view.sort)
          ? orders
          : [...orders, { value: view.sort, label: 'Reversed' }]
      }
      onChange={(sort) => go(listHref(protocol, { ...view, sort, page: 1 }))}
    />
  </div>
)
