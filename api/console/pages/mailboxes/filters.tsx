/** Search and filters of the list. All of them are kept in the address. */
import type { Health, MailAccountSummary } from '../../../../schema/mail-account.ts'
import { SelectField } from '../../components/fields.tsx'
import { SearchField, useTypedSearch } from '../../components/search-field.tsx'
import { go, replaceAddress } from '../../router.ts'
import { ownerKey, ownerName } from '../../ui/mail-account.ts'
import { healths } from '../../ui/state.ts'
import { type ListView, listHref } from './address.ts'
import type { ListData } from './read-list.ts'

type Viewed = { view: ListView }

export function MailboxSearch({ view, signal }: Viewed & { signal: AbortSignal }) {
  const search = (q: string) => replaceAddress(listHref({ ...view, q, page: 1 }))
  const [text, setText] = useTypedSearch(view.q, search, signal)
  return (
    <SearchField
      label="Find a mailbox"
      value={text}
      onInput={(value) => setText(value.slice(0, 100))}
    />
  )
}

/** The numbers of mailboxes by health, each a link to them. */
export function HealthLinks({ view, summary }: Viewed & { summary: MailAccountSummary }) {
  const { total, health: counts } = summary.mailboxes
  const chosen = view.health.split(',').filter(Boolean)
  const href = (health: string) => listHref({ ...view, health, page: 1 })
  return (
    <ul class="chips" aria-label="Mailboxes by health">
      <li>
        <a href={href('')} aria-current={chosen.length === 0 ? 'true' : undefined}>
          All <b>{total}</b>
        </a>
      </li>
      {(Object.keys(healths) as Health[])
        .filter((health) => counts[health] > 0 || chosen.includes(health))
        .map((health) => (
          <li key={health} class={healths[health][0]}>
            <a href={href(health)} aria-current={chosen.includes(health) ? 'true' : undefined}>
              {healths[health][1]} <b>{counts[health]}</b>
            </a>
          </li>
        ))}
    </ul>
  )
}

export function OwnerFilter({ view, owners }: Viewed & { owners: ListData['owners'] }) {
  const options = owners
    .map(({ owner }) => ({ value: ownerKey(owner), label: ownerName(owner) }))
    .sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }))
  const isKnown = view.owner === '' || options.some(({ value }) => value === view.owner)
  return (
    <SelectField
      label="Owner"
      value={view.owner}
      options={[
        { value: '', label: 'All owners' },
        ...(isKnown ? [] : [{ value: view.owner, label: view.owner.replace(/^\w+:/, '') }]),
        ...options,
      ]}
      onChange={(owner) => go(listHref({ ...view, owner, page: 1 }))}
    />
  )
}

/** The fixed values of the choice cannot be names of customers. */
export function CustomerFilter({ view, customers }: Viewed & { customers: ListData['customers'] }) {
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
        go(listHref({ ...view, customer, owner: '', page: 1 }))
      }}
    />
  )
}
