/** The address of the list of mailboxes: filters and page, so that Back restores them. Pure. */
import { mailboxList } from '../../ui/mail-account.ts'
import { count } from '../../ui/phrase.ts'
import { healths } from '../../ui/state.ts'

export type ListView = {
  q: string
  /** Healths, separated by commas; empty for all. */
  health: string
  /** Owner, as ownerKey() returns it; empty for all. */
  owner: string
  /** Name of a customer, empty for what has none; null for all. */
  customer: string | null
  page: number
}

const wholeList: ListView = {
  q: '',
  health: '',
  owner: '',
  customer: null,
  page: 1,
}

/** Parses the view from an address, and ignores unknown values. */
export function parseView(query: URLSearchParams): ListView {
  const wanted = (query.get('health') ?? '').split(',')
  return {
    q: (query.get('q') ?? '').slice(0, 100),
    health: wanted.filter((name) => Object.hasOwn(healths, name)).join(','),
    owner: query.get('owner') ?? '',
    customer: query.get('customer'),
    page: Math.max(1, Math.floor(Number(query.get('page'))) || 1),
  }
}

/** Returns the address of a view. */
export function listHref(view: Partial<ListView>): string {
  const { q, health, owner, customer, page } = { ...wholeList, ...view }
  const query = new URLSearchParams({
    ...(q && { q }),
    ...(health && { health }),
    ...(owner && { owner }),
    ...(customer !== null && { customer }),
    ...(page > 1 && { page: String(page) }),
  }).toString()
  return `${mailboxList.href}${query && `?${query}`}`
}

export const isFiltered = ({ q, health, owner, customer }: ListView) =>
  q !== '' || health !== '' || owner !== '' || customer !== null

/** Returns the parameters of the API for the filters of a view, apart from the health. */
export function filtersOf({ q, owner, customer }: ListView): URLSearchParams {
  const [type = '', ...id] = owner.split(':')
  return new URLSearchParams({
    ...(q && { q }),
    ...(customer !== null && { customer }),
    ...(owner && { owner_type: type }),
    ...(id.length > 0 && { owner_id: id.join(':') }),
  })
}

/** "51–100 of 640 mailboxes" */
export function rangeLabel(page: number, perPage: number, shown: number, found: number): string {
  const first = (page - 1) * perPage + 1
  if (shown === 0) return 'No mailboxes'
  return shown === found
    ? count(found, 'mailbox', 'mailboxes')
    : `${first}–${first + shown - 1} of ${found} mailboxes`
}
