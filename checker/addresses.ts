/** Decides whether an IP address is on the public internet. */
import { BlockList, isIP, isIPv6 } from 'node:net'

/**
 * Addresses outside the public internet: loopback, private, link-local (cloud metadata), shared, test,
 * multicast, and IPv6 forms that embed an IPv4 address, since those reach the same machines. Source: the
 * IANA special-purpose registries of both families (RFC 6890).
 */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
] as const

// Only 2000::/3 is allocated to the public internet (RFC 4291 section 2.4), so the three prefixes around
// it cover everything else: mapped (::ffff:0:0/96), translated (64:ff9b::/96), unique local, link-local
// and multicast addresses.
const SPECIAL_V6 = [
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23', // protocol assignments, with Teredo (2001::/32) and ORCHID
  '2001:db8::/32',
  '2002::/16', // 6to4
  '2620:4f:8000::/48',
  '3fff::/20',
] as const

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
