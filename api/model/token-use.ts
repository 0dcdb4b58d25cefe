/** Uses of access tokens: who fetched one, when, and from where. */
import type { tokenUses } from '../../schema/d1/tables.ts'

/** The caller that fetches tokens of an account. `keyId`: an API key, or `root`. `customer`: that of the account. */
export type TokenUser = {
  mailAccountId: string
  customer: string | null
  keyId: string
  address: string
}

/** The uses of one day. */
export type TokenUse = Omit<typeof tokenUses.$inferSelect, 'id' | 'mailAccountId' | 'day'> & {
  keyName: string | null
  /** The customer that the key is limited to. */
  keyCustomer: string | null
}

/**
 * Returns the network half of an IPv6 address, since one client can have 2^64 addresses with the same (RFC 4291 section
 * 2.5.4). `::` is not expanded, so that at worst neighbours share a counter.
 */
export const networkOf = (address: string) => address.replace(/::.*/, '').split(':', 4).join(':')

/** Returns an IPv4 address as it is, and the network of an IPv6 address, such as `2001:db8:0:1::/64`. */
export function clientOf(address: string): string {
  const network = address.includes(':') ? networkOf(address) : ''
  return network === '' ? address : `${network}::/64`
}
