/** Mailboxes: whether each can be read and sent from, one row for each. */
import { useLayoutEffect, useRef } from 'preact/hooks'
import { get, type Read } from '../api.ts'
import { FlashNotice } from '../components/flash.tsx'
import { PageHead } from '../components/layout.tsx'
import { LiveStatus } from '../components/live-status.tsx'
import { useLive } from '../components/use-live.ts'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { mailboxList, newMailboxHref } from '../ui/mail-account.ts'
import { isFiltered, type ListView, listHref, parseView, rangeLabel } from './mailboxes/address.ts'
import { CustomerFilter, HealthLinks, MailboxSearch, OwnerFilter } from './mailboxes/filters.tsx'
import { accountsPath, type ListData, PER_PAGE, readList } from './mailboxes/read-list.ts'
import { MailboxTable } from './mailboxes/table.tsx'
import { useValidateMany, ValidateAll, ValidationProgress } from './mailboxes/validate-all.tsx'
import { attentionLabel, NEEDS_ATTENTION, neededOf } from './overview/urgency.ts'

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
  const { summary, found, owners, customers } = live.data
  const rows = live.data.rows.map((mailbox) => ({ ...mailbox, id: mailbox.accounts[0]?.id ?? '' }))
  const many = useValidateMany(live.refresh)
  const range = useRef<HTMLParagraphElement>(null)
  const shownPage = useRef(view.page)
  useLayoutEffect(() => {
    // The link to another page is below its rows, so the focus moves above them.
    if (shownPage.current !== view.page) range.current?.focus()
    shownPage.current = view.page
  }, [view.page])
  const needed = neededOf(summary)
  const needingHref = listHref({ ...view, health: NEEDS_ATTENTION.join(','), page: 1 })
  const isNone = summary.total === 0 && !isFiltered(view)
  return (
    <>
      <PageHead
        title={mailboxList.text}
        lead={
          needed > 0 && view.health === '' && <a href={needingHref}>{attentionLabel(needed)}</a>
        }
      >
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
      {isNone ? (
        <div class="empty">
          <p>No mailbox is connected yet.</p>
        </div>
      ) : (
        <>
          <ValidationProgress many={many} failedHref={needingHref} />
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

function Pages({ view, found }: { view: ListView; found: number }) {
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
