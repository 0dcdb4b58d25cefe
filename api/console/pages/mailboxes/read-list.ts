/** Reads a page of the list of mailboxes, with the counts and owners around it. */
import type { CustomerList } from '../../../../schema/customer-list.ts'
import type {
  Health,
  MailAccountOwners,
  MailAccountSummary,
  Mailbox,
} from '../../../../schema/mail-account.ts'
import { type ListPage, problemOf, type Read } from '../../api.ts'
import { filtersOf, type ListView } from './address.ts'

export const PER_PAGE = 50

/** The largest page of the API. */
const MAX_PER_CALL = 200

export type ListData = {
  rows: readonly Mailbox[]
  /** Numbers of mailboxes and accounts that meet all filters but that of the health. */
  summary: MailAccountSummary
  /** Number of mailboxes that meet all filters. */
  found: number
  owners: MailAccountOwners['data']
  /** Names of the first customers; empty if there is none, and for a key that sees only a part. */
  customers: readonly string[]
}

export async function readList(read: Read, view: ListView): Promise<ListData> {
  const within = view.customer === null ? {} : { customer: view.customer }
  const [rows, summary, { data: owners }, customers] = await Promise.all([
    readPage(read, view),
    read<MailAccountSummary>(`/v1/mail-accounts/summary?${filtersOf(view)}`),
    read<MailAccountOwners>(`/v1/mail-accounts/owners?${new URLSearchParams(within)}`),
    readCustomers(read),
  ])
  return { rows, summary, found: countFound(summary, view), owners, customers }
}

/** Returns the names of the first 200 customers, or none for a key that is restricted to accounts or a customer. */
export async function readCustomers(read: Read): Promise<string[]> {
  try {
    const { data } = await read<CustomerList>(`/v1/customers?limit=${MAX_PER_CALL}`)
    return data.map(({ customer }) => customer)
  } catch (error) {
    if (problemOf(error).code === 'key_limited') return []
    throw error
  }
}

const queryOf = (view: ListView) => `${filtersOf(view)}${view.health && `&health=${view.health}`}`

/** Returns the path in the API of all accounts that meet the filters. */
export const accountsPath = (view: ListView) => `/v1/mail-accounts?${queryOf(view)}`

const countFound = ({ mailboxes: { total, health } }: MailAccountSummary, view: ListView) =>
  view.health === ''
    ? total
    : view.health.split(',').reduce((sum, name) => sum + health[name as Health], 0)

/** Cursors of the pages that were read, by query and number, so the next page costs one call. */
const cursors = new Map<string, string>()

/** Reads a page by its number. Without its cursor, as after a reload, it walks there from the first page. */
async function readPage(read: Read, view: ListView): Promise<readonly Mailbox[]> {
  const { page } = view
  const query = queryOf(view)
  const call = (limit: number, cursor: string | undefined, more = '') =>
    read<ListPage<Mailbox>>(
      `/v1/mailboxes?${query}&limit=${limit}${cursor ? `&cursor=${cursor}` : ''}${more}`,
    )
  let cursor = cursors.get(`${page} ${query}`)
  let skipped = cursor === undefined ? 0 : (page - 1) * PER_PAGE
  while (skipped < (page - 1) * PER_PAGE) {
    const limit = Math.min(MAX_PER_CALL, (page - 1) * PER_PAGE - skipped)
    const { next_cursor } = await call(limit, cursor)
    if (next_cursor === null) return []
    cursor = next_cursor
    skipped += limit
  }
  const { data, next_cursor } = await call(PER_PAGE, cursor, '&days=30')
  if (next_cursor !== null) cursors.set(`${page + 1} ${query}`, next_cursor)
  return data
}
