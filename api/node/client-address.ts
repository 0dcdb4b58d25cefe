/** The address of the client, for counting failed authentications, and the values of the Host header that name this server. */
import { BlockList, isIP, SocketAddress } from 'node:net'

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Builds the list of addresses and ranges such as `10.0.0.0/8`. Throws for any other text. */
export function createAddressList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    if (prefix === undefined) list.addAddress(address, familyOf(address))
    else list.addSubnet(address, Number(prefix), familyOf(address))
  }
  return list
}

/**
 * Returns the rightmost address that is not a trusted proxy, since each proxy appends the address of its caller, and
 * addresses further left could be invented. `forwarded` is the value of X-Forwarded-For. An entry that is no address
 * ends the search at the proxy that passed it on.
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwarded: string | undefined,
  trusted: BlockList | null,
): string {
  if (socketAddress === undefined) return 'unknown'
  let client = withoutMapping(socketAddress)
  if (!trusted || forwarded === undefined) return client
  for (const entry of forwarded.split(',').reverse()) {
    if (!trusted.check(client, familyOf(client))) return client
    const previous = parseAddress(entry)
    if (previous === null) return client
    client = previous
  }
  return client
}

/** Returns the one spelling of an address that may have a port; null for anything else. */
function parseAddress(text: string): string | null {
  const [, inBrackets, beforePort] =
    /^\[([^\]]+)\](?::\d{1,5})?$|^([\d.]+):\d{1,5}$/.exec(text.trim()) ?? []
  const address = inBrackets ?? beforePort ?? text.trim()
  if (isIP(address) === 0) return null
  return withoutMapping(new SocketAddress({ address, family: familyOf(address) }).address)
}

/** A socket for both families shows IPv4 clients as ::ffff:192.0.2.1. */
const withoutMapping = (spelling: string) => spelling.replace(/^::ffff:(?=\d+\.)/, '')

/** Returns a function that checks whether a Host header is that of PUBLIC_URL, or this machine with its port. */
export function createOwnHost(publicUrl: string, port: number): (host: string) => boolean {
  const { protocol, hostname, host } = new URL(publicUrl)
  const own = new Set([host])
  // Clients may omit the port that their protocol implies, and URL always does.
  if (host === hostname) own.add(`${host}:${protocol === 'https:' ? 443 : 80}`)
  for (const local of ['localhost', '127.0.0.1', '[::1]']) {
    own.add(`${local}:${port}`)
    if (port === 80) own.add(local)
  }
  return (value) => own.has(value.toLowerCase())
}
