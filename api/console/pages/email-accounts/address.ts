/** The address of a list of email accounts: filters, order and page, so that Back restores them. Pure. */
import type { MailAccountSort, Owner } from '../../../../schema/mail-account.ts'
import type { MailProtocol } from '../../../../schema/mail-servers.ts'
import { directionOf } from '../../../../schema/protocols.ts'
import { accountWords } from '../../ui/mail-account.ts'
import { healths } from '../../ui/state.ts'

export type ListView = {
  q: string
  /** Healths, separated by commas; empty for all. */
  health: string
  /** Owner, as ownerKey() returns it; empty for all. */
  owner: string
  /** Name of a customer, empty for what has none; null for all. */
  customer: string | null
  /** Shows only mailboxes that one owner has more than once. */
  duplicate: boolean
  sort: MailAccountSort
  page: number
}

export const wholeList: ListView = {
  q: '',
  health: '',
  owner: '',
  customer: null,
  duplicate: false,
  sort: 'username',
  page: 1,
}

/** "department:Support", "global", or "none" without an owner. */
export function ownerKey(owner: Owner | null): string {
  if (owner === null) return 'none'
  return owner.type === 'global' ? owner.type : `${owner.type}:${owner.id}`
}

const SORTS: readonly MailAccountSort[] = ['username', 'health', 'checked_at', 'created_at']

/** Parses the view from an address, and ignores unknown values. */
export function parseView(query: URLSearchParams): ListView {
  const sort = (query.get('sort') ?? wholeList.sort) as MailAccountSort
  const wanted = (query.get('health') ?? '').split(',')
  return {
    q: (query.get('q') ?? '').slice(0, 100),
    health: wanted.filter((name) => Object.hasOwn(healths, name)).join(','),
    owner: query.get('owner') ?? '',
    customer: query.get('customer'),
    duplicate: query.has('duplicate'),
    sort: SORTS.some((known) => sort === known || sort === `-${known}`) ? sort : wholeList.sort,
    page: Math.max(1, Math.floor(Number(query.get('page'))) || 1),
  }
}

/** Returns the address of a view. */
export function listHref(protocol: MailProtocol, view: Partial<ListView>): string {
  const { q, health, owner, customer, duplicate, sort, page } = { ...wholeList, ...view }
  const query = new URLSearchParams({
    ...(q && { q }),
    ...(health && { health }),
    ...(owner && { owner }),
    ...(customer !== null && { customer }),
    ...(duplicate && { duplicate: 'true' }),
    ...(sort !== wholeList.sort && { sort }),
    ...(page > 1 && { page: String(page) }),
  }).toString()
  return `${accountWords[protocol].listHref}${query && `?${query}`}`
}

export const isFiltered = ({ q, health, owner, customer, duplicate }: ListView) =>
  q !== '' || health !== '' || owner !== '' || customer !== null || duplicate

/** Returns the parameters of the API for the filters of a view, apart from the health. */
export function filtersOf(protocol: MailProtocol, { q, owner, customer, duplicate }: ListView) {
  const [type = '', ...id] = owner.split(':')
  return {
    direction: directionOf(protocol),
    ...(q && { q }),
    ...(customer !== null && { customer }),
    ...(owner && { owner_type: type }),
    ...(id.length > 0 && { owner_id: id.join(':') }),
    ...(duplicate && { duplicate: 'true' }),
  }
}

/** Returns the order that the heading of a column leads to, and the one that it has now. */
export function sortBy(key: MailAccountSort, { sort }: ListView) {
  const reversed = `-${key}` as MailAccountSort
  return {
    next: sort === key ? reversed : key,
    direction:
      sort === key ? ('ascending' as const) : sort === reversed ? ('descending' as const) : null,
  }
}
