/** Which addresses are on the public internet. */
import { BlockList, isIP, isIPv6 } from 'node:net'
import { SPECIAL_V4, SPECIAL_V6 } from '../schema/special-addresses.ts'

// A list for each: one list takes an IPv4 address for its mapped form, and so for one in ::/3.
const special = { ipv4: listOf(SPECIAL_V4, 'ipv4'), ipv6: listOf(SPECIAL_V6, 'ipv6') }

function listOf(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network, bits] = range.split('/')
    list.addSubnet(network ?? '', Number(bits), family)
  }
  return list
}

/** False as well for what is no address at all, or names an interface (`fe80::1%eth0`). */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  return !special[family].check(address, family)
}
