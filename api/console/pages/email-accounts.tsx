/** Email accounts: the mailboxes that are read, and those through which mail is sent. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { MailAccount } from '../../../schema/mail-account.ts'
import type { MailProtocol } from '../../../schema/mail-servers.ts'
import { get, type Read } from '../api.ts'
import { FlashNotice } from '../components/flash.tsx'
import { IntegrationNotReady } from '../components/integration-not-ready.tsx'
import { LiveStatus } from '../components/live-status.tsx'
import { Notice } from '../components/notice.tsx'
import { PageHead } from '../components/page-head.tsx'
import { useChanged, useLive } from '../components/use-live.ts'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { accountWords, newAccountHref, otherProtocol } from '../ui/mail-account.ts'
import { healths } from '../ui/state.ts'
import { isFiltered, type ListView, listHref, parseView } from './email-accounts/address.ts'
import {
  AccountSearch,
  CustomerFilter,
  HealthLinks,
  OrderSelect,
  OwnerFilter,
} from './email-accounts/filters.tsx'
import { type ListData, PER_PAGE, readList, wholeListPath } from './email-accounts/read-list.ts'
import { SelectionBar } from './email-accounts/selection.tsx'
import { AccountTable } from './email-accounts/table.tsx'
import { useValidateMany } from './email-accounts/use-validate-many.ts'
import { duplicateWords, listWords, rangeWords } from './email-accounts/words.ts'

/** Healths that a failed validation may leave. */
const NOT_WORKING = 'reconnect_required,blocked,failing'

type ListProps = {
  protocol: MailProtocol
  view: ListView
  first: ListData
  load: (read: Read) => Promise<ListData>
  signal: AbortSignal
}

export const emailAccountsPage =
  (protocol: MailProtocol) =>
  async ({ query, signal }: Visit): Promise<Page> => {
    const view = parseView(query)
    const load = (read: Read) => readList(read, protocol, view)
    const list = { protocol, view, load, signal, first: await load((path) => get(path, signal)) }
    const { list: title } = accountWords[protocol]
    return { title, key: title, content: <AccountList {...list} /> }
  }

function AccountList({ protocol, view, first, load, signal }: ListProps) {
  const live = useLive(first, load, signal)
  const { rows, summary, found, owners, customers, elsewhere, integration } = live.data
  const changed = useChanged(rows, look)
  const [selection, select] = useState<readonly string[]>([])
  const many = useValidateMany((account) =>
    live.update((data) => ({
      ...data,
      rows: data.rows.map((row) => (row.id === account.id ? account : row)),
    })),
  )
  const ids = rows.map(({ id }) => id)
  const selected = selection.filter((id) => ids.includes(id))
  const range = useRef<HTMLParagraphElement>(null)
  const shownPage = useRef(view.page)
  useLayoutEffect(() => {
    // The link that was followed lies below the rows of another page.
    if (shownPage.current !== view.page) range.current?.focus()
    shownPage.current = view.page
  }, [view.page])
  const listed = listWords[protocol]
  const isNone = summary.total === 0 && !isFiltered(view)
  return (
    <>
      <PageHead title={accountWords[protocol].list} lead={listed.lead}>
        {may('write') && protocol === 'imap' && (
          <a class="button" href="#/email-accounts/move">
            Move from another product
          </a>
        )}
        {may('write') && (
          <a class="button main" href={newAccountHref(protocol)}>
            {accountWords[protocol].add}
          </a>
        )}
      </PageHead>
      <FlashNotice />
      {integration && <IntegrationNotReady integration={integration} />}
      {isNone ? (
        <div class="empty">
          <p>{listed.none}</p>
          <p>{listed.hint}</p>
        </div>
      ) : (
        <>
          <Duplicates protocol={protocol} view={view} count={summary.duplicates} />
          <HealthLinks protocol={protocol} view={view} summary={summary} />
          <div class="list-filters">
            <AccountSearch protocol={protocol} view={view} signal={signal} />
            <CustomerFilter protocol={protocol} view={view} customers={customers} />
            <OwnerFilter protocol={protocol} view={view} owners={owners} />
            <OrderSelect protocol={protocol} view={view} />
            <AddAnother protocol={protocol} view={view} />
          </div>
          <LiveStatus live={live} news={changed.map(newsOf)} />
          <div class="list-bar">
            <p role="status" class="quiet small" tabIndex={-1} ref={range}>
              {rangeWords(view.page, PER_PAGE, rows.length, found)}
            </p>
            {rows.length > 0 && may('write') && (
              <SelectionBar
                {...{ ids, selected, select, found, many }}
                path={wholeListPath(protocol, view)}
                failedHref={listHref(protocol, { ...view, health: NOT_WORKING, page: 1 })}
              />
            )}
          </div>
          {rows.length === 0 ? (
            <NoneFound protocol={protocol} view={view} found={found} />
          ) : (
            <AccountTable
              protocol={protocol}
              view={view}
              accounts={rows}
              changed={changed}
              hasCustomers={customers.length > 0}
              selected={selected}
              select={may('write') ? select : null}
              validating={many.state}
            />
          )}
          <Pages protocol={protocol} view={view} found={found} />
          {elsewhere > 0 && <Elsewhere protocol={protocol} view={view} count={elsewhere} />}
          <NoSender protocol={protocol} view={view} owners={owners} />
        </>
      )}
    </>
  )
}

const look = ({ health, last_validation: last, name, username, owner }: MailAccount) =>
  JSON.stringify([health, last?.outcome, name, username, owner])

const newsOf = ({ username, health }: MailAccount) => `${username}: ${healths[health][1]}.`

type Viewed = { protocol: MailProtocol; view: ListView }

function Duplicates({ protocol, view, count }: Viewed & { count: number }) {
  if (view.duplicate) {
    return (
      <p>
        Only mailboxes that are entered more than once for the same owner.{' '}
        <a href={listHref(protocol, { ...view, duplicate: false, page: 1 })}>Show all</a>
      </p>
    )
  }
  if (count === 0) return null
  return (
    <Notice tone="ask" title={duplicateWords(count)}>
      <div>
        <a href={listHref(protocol, { duplicate: true })}>Show them</a>, and delete what is not
        needed.
      </div>
    </Notice>
  )
}

/** The way to another account of the owner that the list is filtered by. */
function AddAnother({ protocol, view: { owner } }: Viewed) {
  if (owner === '' || !may('write')) return null
  const id = owner.replace(/^\w+:?/, '')
  const name = id || 'all brands'
  return (
    <a class="button" href={newAccountHref(protocol, id ? { owner: id } : {})}>
      Add another for {name}
    </a>
  )
}

const NoneFound = ({ protocol, view, found }: Viewed & { found: number }) => (
  <div class="empty">
    {found > 0 ? (
      <p>
        There is no page {view.page} any more.{' '}
        <a href={listHref(protocol, { ...view, page: 1 })}>Go to the first page</a>
      </p>
    ) : (
      <p>
        No email account matches.{' '}
        <a href={listHref(protocol, { sort: view.sort })}>Clear filters</a>
      </p>
    )}
  </div>
)

function Pages({ protocol, view, found }: Viewed & { found: number }) {
  const last = Math.ceil(found / PER_PAGE)
  if (last <= 1) return null
  const href = (page: number) => listHref(protocol, { ...view, page })
  return (
    <nav class="row" aria-label="Pages of the list">
      {view.page > 1 && (
        <a class="button" href={href(view.page - 1)}>
          Previous
        </a>
      )}
      <span class="quiet">
        Page {view.page} of {last}
      </span>
      {view.page < last && (
        <a class="button" href={href(view.page + 1)}>
          Next
        </a>
      )}
    </nav>
  )
}

/** The way to accounts of the other list with the same health. */
function Elsewhere({ protocol, view: { q, health }, count }: Viewed & { count: number }) {
  const other = otherProtocol(protocol)
  return (
    <p class="quiet">
      {accountWords[other].list} has <a href={listHref(other, { q, health })}>{count} more</a> like
      this.
    </p>
  )
}

/** Says which brands have no account that sends for them. */
function NoSender({ protocol, view, owners }: Viewed & { owners: ListData['owners'] }) {
  if (protocol === 'imap' || isFiltered(view)) return null
  const has = (wanted: boolean) =>
    owners.some(({ owner }) => owner !== null && (owner.type === 'global') === wanted)
  return (
    <>
      {!has(true) && <p class="quiet">No mailbox sends for all brands yet.</p>}
      {!has(false) && (
        <p class="quiet">
          No brand has an outgoing account of its own.{' '}
          {may('write') && (
            <a href={newAccountHref('smtp', { scope: 'brand' })}>Add one for a brand</a>
          )}
        </p>
      )}
    </>
  )
}
