/** Reads a page of the list of email accounts, with the counts and owners around it. */
import type { CustomerList } from '../../../../schema/customer-list.ts'
import type { Integration } from '../../../../schema/integration.ts'
import type {
  Health,
  MailAccount,
  MailAccountOwners,
  MailAccountSummary,
} from '../../../../schema/mail-account.ts'
import type { MailProtocol } from '../../../../schema/mail-servers.ts'
import { directionOf } from '../../../../schema/protocols.ts'
import { type ListPage, problemOf, type Read } from '../../api.ts'
import { otherProtocol } from '../../ui/mail-account.ts'
import { filtersOf, isFiltered, type ListView } from './address.ts'

export const PER_PAGE = 50

/** The largest page of the API. */
const MAX_PER_CALL = 200

export type ListData = {
  rows: readonly MailAccount[]
  /** Number of accounts by health that meet the other filters. */
  summary: MailAccountSummary
  /** Number of accounts that meet all filters. */
  found: number
  owners: MailAccountOwners['data']
  /** Names of the first customers; empty if there is none, and for a key that sees only a part. */
  customers: readonly string[]
  /** Number of accounts of the other direction that meet them; 0 unless the list is filtered by health. */
  elsewhere: number
  /** The integration, only if there is no account yet. */
  integration: Integration | null
}

export async function readList(
  read: Read,
  protocol: MailProtocol,
  view: ListView,
): Promise<ListData> {
  const filters = new URLSearchParams(filtersOf(protocol, view)).toString()
  const query = queryOf(protocol, view)
  const within = view.customer === null ? {} : { customer: view.customer }
  const other = new URLSearchParams({
    ...within,
    ...(view.q && { q: view.q }),
    direction: directionOf(otherProtocol(protocol)),
  })
  const ofOwners = new URLSearchParams({ direction: directionOf(protocol), ...within })
  const [rows, summary, { data: owners }, customers, otherSummary] = await Promise.all([
    readPage(read, query, view),
    read<MailAccountSummary>(`/v1/mail-accounts/summary?${filters}`),
    read<MailAccountOwners>(`/v1/mail-accounts/owners?${ofOwners}`),
    readCustomers(read),
    // The counts of the overview include both directions.
    view.health && read<MailAccountSummary>(`/v1/mail-accounts/summary?${other}`),
  ])
  const isEmpty = summary.total === 0 && !isFiltered(view)
  const integration = isEmpty ? await read<Integration>('/v1/integrations/microsoft') : null
  const elsewhere = otherSummary ? countFound(otherSummary, view) : 0
  const found = countFound(summary, view)
  return { rows, summary, found, owners, customers, elsewhere, integration }
}

/** Returns the names of the first customers, which a key with a limit cannot list. */
export async function readCustomers(read: Read): Promise<string[]> {
  try {
    const { data } = await read<CustomerList>(`/v1/customers?limit=${MAX_PER_CALL}`)
    return data.map(({ customer }) => customer)
  } catch (error) {
    if (problemOf(error).code === 'key_limited') return []
    throw error
  }
}

const queryOf = (protocol: MailProtocol, view: ListView) =>
  `${new URLSearchParams(filtersOf(protocol, view))}&sort=${view.sort}${view.health && `&health=${view.health}`}`

/** Returns the path in the API of all accounts that meet the filters. */
export const wholeListPath = (protocol: MailProtocol, view: ListView) =>
  `/v1/mail-accounts?${queryOf(protocol, view)}`

const countFound = ({ total, health }: MailAccountSummary, view: ListView) =>
  view.health === ''
    ? total
    : view.health.split(',').reduce((sum, name) => sum + health[name as Health], 0)

/** Cursors of the pages that were read, by query and number: the next page costs one call. */
const cursors = new Map<string, string>()

/** Reads a page by its number. Without its cursor, as after a reload, it walks there from the first page. */
async function readPage(
  read: Read,
  query: string,
  { page }: ListView,
): Promise<readonly MailAccount[]> {
  const call = (limit: number, cursor: string | undefined) =>
    read<ListPage<MailAccount>>(
      `/v1/mail-accounts?${query}&limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`,
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
  const { data, next_cursor } = await call(PER_PAGE, cursor)
  if (next_cursor !== null) cursors.set(`${page + 1} ${query}`, next_cursor)
  return data
}
