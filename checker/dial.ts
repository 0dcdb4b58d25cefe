/**
 * Decides which server a probe may contact, and connects to it. A token goes only to a server of the
 * cloud that issued it, or to one listed at deployment. A name is resolved once, and the socket connects
 * to an address of that response, so a DNS record that changes afterwards (DNS rebinding) has no effect.
 */
import type { LookupAddress } from 'node:dns'
import { lookup as systemLookup } from 'node:dns/promises'
import { once } from 'node:events'
import { BlockList, connect, isIP, isIPv6, type Socket } from 'node:net'
import { SECOND_MS } from '../schema/durations.ts'
import { MAIL_PORTS, mayReceiveToken, normalHost } from '../schema/mail-servers.ts'
import type { ProbeRequest } from '../schema/probe.ts'
import type { ExtraServer } from '../schema/settings.ts'
import { createQueue } from './queue.ts'
import { err, type Fault, ok, type Result } from './verdict.ts'

export type Lookup = (host: string) => Promise<LookupAddress[]>
type Connect = (addresses: readonly string[], port: number) => Socket

export type DialRules = {
  extraServers: readonly ExtraServer[]
  allowPrivateHosts: boolean
  /** Default: the system resolver, including /etc/hosts. */
  lookup?: Lookup
  connect?: Connect
}

/** Time limit for each address but the last, so that a dead one leaves time for the others. */
const ATTEMPT_MS = 3 * SECOND_MS
const MAX_ADDRESSES = 16

/**
 * Returns the host to resolve and to verify in TLS, or a fault if it is not allowed. Tokens need an exact
 * match in the list of servers. Passwords may go to any plain name or IP literal, on a mail port.
 */
export function checkHost(request: ProbeRequest, rules: DialRules): Result<string> {
  const { host, port, credential } = request
  const name = normalHost(host)
  if (!rules.allowPrivateHosts && !MAIL_PORTS.includes(port)) {
    return notAllowed(
      `Port ${port} is not a mail port (${MAIL_PORTS.join(', ')}). Only ALLOW_PRIVATE_HOSTS allows others.`,
    )
  }
  if (credential.type === 'oauth') {
    if (name !== null && mayReceiveToken(request, credential.cloud, rules.extraServers)) {
      return ok(name)
    }
    return notAllowed(
      "Access tokens of this account must not be sent to this server: it is neither Microsoft's nor in EXTRA_OAUTH_MAIL_HOSTS.",
    )
  }
  if (name !== null) return ok(name)
  // A zone (`%eth0`) would select a local network interface.
  if (isIP(host) !== 0 && !host.includes('%')) return ok(host)
  return notAllowed('This is neither a host name nor an IP address.')
}

const notAllowed = (detail: string) => err({ kind: 'host_not_allowed', detail })

/** Returns the addresses to try, in order. A single private address among them refuses the host. */
export async function resolveAddresses(host: string, rules: DialRules): Promise<Result<string[]>> {
  const addresses = isIP(host) !== 0 ? [host] : await resolve(host, rules.lookup ?? lookupAll)
  if (!Array.isArray(addresses)) return err(addresses)
  if (!rules.allowPrivateHosts && !addresses.every(isPublicAddress)) {
    // Does not contain the address, since the report must not reveal the layout of a private network.
    return err({
      kind: 'private_address',
      detail: `${host} resolves to an address that is not public, so it was not contacted.`,
    })
  }
  return ok(addresses)
}

async function resolve(host: string, lookup: Lookup): Promise<string[] | Fault> {
  try {
    const addresses = (await lookup(host)).map((entry) => entry.address)
    if (addresses.length > 0) return addresses.slice(0, MAX_ADDRESSES)
    return { kind: 'dns', code: 'ENODATA', detail: `${host} has no address.` }
  } catch (error) {
    const code = errorCode(error)
    const detail =
      code === 'ENOTFOUND' ? `The host ${host} does not exist.` : `${host} could not be looked up.`
    return { kind: 'dns', code, detail }
  }
}

/**
 * getaddrinfo blocks a thread for as long as a name server is silent, and libuv runs 32 at once (half of
 * UV_THREADPOOL_SIZE). Look-ups of names that callers chose leave some of them free, for example for Microsoft's hosts.
 */
const LOOKUP_LIMITS = { running: 24, perHost: 12, waiting: 128, maxWaitMs: 5 * SECOND_MS }

/** Limits how many look-ups run at once. One that waits too long rejects with EAI_AGAIN. */
export function limitLookups(lookup: Lookup): Lookup {
  const queue = createQueue(LOOKUP_LIMITS)
  const { signal } = new AbortController()
  return async (host) => {
    const result = await queue.run(() => lookup(host), signal, { host, caller: host })
    if (result.ok) return result.value
    throw Object.assign(new Error('too many look-ups'), { code: 'EAI_AGAIN' })
  }
}

/** Looks up names that callers of the API chose, with the system resolver. */
export const lookupAll = limitLookups((host) => systemLookup(host, { all: true }))

/**
 * Connects to the first address that responds, IPv6 and IPv4 alternately (RFC 8305). Node gets the addresses as the
 * result of its look-up, and looks up nothing itself.
 */
const connectToAny: Connect = (addresses, port) =>
  connect({
    host: 'resolved.invalid',
    port,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
    lookup: (_host, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: isIP(address) })),
      ),
  })

/**
 * Connects to one of the addresses. The caller owns the socket that it returns; one that does not connect is destroyed
 * here, and so is any when `signal` aborts.
 */
export async function connectFirst(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
  open: Connect = connectToAny,
): Promise<Result<Socket>> {
  if (signal.aborted) return refused(port, null)
  const socket = open(addresses, port)
  socket.on('error', ignoreError)
  signal.addEventListener('abort', () => socket.destroy(), { once: true })
  try {
    await once(socket, 'connect', { signal })
    return ok(socket)
  } catch (error) {
    socket.destroy()
    return refused(port, errorCode(error))
  }
}

const refused = (port: number, code: string | null) =>
  err({
    kind: 'connect',
    code,
    detail: `Could not connect to port ${port}${code === null ? '' : ` (${code})`}.`,
  })

/**
 * Ignores errors for the whole life of a socket: an `error` event without a listener would end the
 * process. One shared function, because a closure would keep its scope, the token included, in memory
 * until the socket is freed, which happens late.
 */
export function ignoreError() {}

/** Returns Node's error code (ECONNREFUSED, ...), or null. */
export function errorCode(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : null
}

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

// One list per family, since a single list also compares an IPv4 address in its mapped form, inside ::/3.
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

/**
 * Returns true for an address of the public internet. Returns false also for text that is not an address, or that
 * contains an interface (`fe80::1%eth0`).
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  return !special[family].check(address, family)
}
