/** Mailboxes: whether each can be read and sent from, one row for each. */
import { useLayoutEffect, useRef } from 'preact/hooks'
import { get, type Read } from '../api.ts'
import { FlashNotice } from '../components/flash.tsx'
import { IntegrationNotReady } from '../components/integration-not-ready.tsx'
import { LiveStatus } from '../components/live-status.tsx'
import { Notice } from '../components/notice.tsx'
import { PageHead } from '../components/page-head.tsx'
import { useLive } from '../components/use-live.ts'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { mailboxList, newMailboxHref } from '../ui/mail-account.ts'
import { isFiltered, type ListView, listHref, parseView } from './mailboxes/address.ts'
import { CustomerFilter, HealthLinks, MailboxSearch, OwnerFilter } from './mailboxes/filters.tsx'
import { duplicateLabel, rangeLabel } from './mailboxes/labels.ts'
import { accountsPath, type ListData, PER_PAGE, readList } from './mailboxes/read-list.ts'
import { MailboxTable } from './mailboxes/table.tsx'
import { useValidateMany } from './mailboxes/use-validate-many.ts'
import { ValidateAll, ValidationProgress } from './mailboxes/validate-all.tsx'

/** Health values that a mailbox can have after a failed validation. */
const NOT_WORKING = 'reconnect_required,blocked,failing'

type ListProps = {
  view: ListView
  first: ListData
  load: (read: Read) => Promise<ListData>
  signal: AbortSignal
}

export async function mailboxesPage({ query, signal }: Visit): Promise<Page> {
  const view = parseView(query)
  const load = (read: Read) => readList(read, view)
  const list = { view, load, signal, first: await load((path) => get(path, signal)) }
  const title = mailboxList.text
  return { title, key: title, content: <MailboxList {...list} /> }
}

function MailboxList({ view, first, load, signal }: ListProps) {
  const live = useLive(first, load, signal)
  const { summary, found, owners, customers, integration } = live.data
  const rows = live.data.rows.map((mailbox) => ({ ...mailbox, id: mailbox.accounts[0]?.id ?? '' }))
  const many = useValidateMany((account) =>
    live.update((data) => ({
      ...data,
      rows: data.rows.map((mailbox) => ({
        ...mailbox,
        accounts: mailbox.accounts.map((before) =>
          before.id === account.id ? { ...before, ...account } : before,
        ),
      })),
    })),
  )
  const range = useRef<HTMLParagraphElement>(null)
  const shownPage = useRef(view.page)
  useLayoutEffect(() => {
    // The link to another page is below its rows, so the focus moves above them.
    if (shownPage.current !== view.page) range.current?.focus()
    shownPage.current = view.page
  }, [view.page])
  const isNone = summary.total === 0 && !isFiltered(view)
  return (
    <>
      <PageHead title={mailboxList.text}>
        {may('write') && (
          <>
            {rows.length > 0 && <ValidateAll many={many} path={accountsPath(view)} />}
            <a
              class="button main"
              href={newMailboxHref({
                ...(view.owner.includes(':') && { owner: view.owner }),
                ...(view.customer && { customer: view.customer }),
              })}
            >
              Add mailbox
            </a>
          </>
        )}
      </PageHead>
      <FlashNotice />
      {integration && <IntegrationNotReady integration={integration} />}
      {isNone ? (
        <div class="empty">
          <p>No mailbox is connected yet.</p>
        </div>
      ) : (
        <>
          <ValidationProgress
            many={many}
            failedHref={listHref({ ...view, health: NOT_WORKING, page: 1 })}
          />
          <Duplicates view={view} count={summary.duplicates} />
          <HealthLinks view={view} summary={summary} />
          <div class="list-filters">
            <MailboxSearch view={view} signal={signal} />
            <CustomerFilter view={view} customers={customers} />
            <OwnerFilter view={view} owners={owners} />
            <p role="status" class="quiet small" tabIndex={-1} ref={range}>
              {rangeLabel(view.page, PER_PAGE, rows.length, found)}
            </p>
          </div>
          <LiveStatus live={live} />
          {rows.length === 0 ? (
            <NoneFound view={view} found={found} />
          ) : (
            <MailboxTable
              view={view}
              rows={rows}
              hasCustomers={customers.length > 0}
              running={many.state?.running ?? []}
            />
          )}
          <Pages view={view} found={found} />
        </>
      )}
    </>
  )
}

type Viewed = { view: ListView }

function Duplicates({ view, count }: Viewed & { count: number }) {
  if (view.duplicate) {
    return (
      <p>
        Only mailboxes that are entered more than once for the same owner.{' '}
        <a href={listHref({ ...view, duplicate: false, page: 1 })}>Show all</a>
      </p>
    )
  }
  if (count === 0) return null
  return (
    <Notice tone="ask" title={duplicateLabel(count)}>
      <div>
        <a href={listHref({ duplicate: true })}>Show them</a>, and delete what is not needed.
      </div>
    </Notice>
  )
}

const NoneFound = ({ view, found }: Viewed & { found: number }) => (
  <div class="empty">
    {found > 0 ? (
      <p>
        There is no page {view.page} any more.{' '}
        <a href={listHref({ ...view, page: 1 })}>Go to the first page</a>
      </p>
    ) : (
      <p>
        No mailbox matches. <a href={listHref({})}>Clear filters</a>
      </p>
    )}
  </div>
)

function Pages({ view, found }: Viewed & { found: number }) {
  const last = Math.ceil(found / PER_PAGE)
  if (last <= 1) return null
  const href = (page: number) => listHref({ ...view, page })
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
