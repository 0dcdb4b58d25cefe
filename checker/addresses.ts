/** Decides whether an IP address is on the public internet. */
import { BlockList, isIP, isIPv6 } from 'node:net'
import { SPECIAL_V4, SPECIAL_V6 } from '../schema/special-addresses.ts'

// One list per family: a single list also compares an IPv4 address in its mapped form, inside ::/3.
const special = {
  ipv4: createBlockList(SPECIAL_V4, 'ipv4'),
  ipv6: createBlockList(SPECIAL_V6, 'ipv6'),
}

function createBlockList(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network, bits] = range.split('/')
    list.addSubnet(network ?? '', Number(bits), family)
  }
  return list
}

/** Returns false also for text that is not an address or names an interface (`fe80::1%eth0`). */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  return !special[family].check(address, family)
}
