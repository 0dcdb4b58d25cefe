/**
 * Which server a probe may reach, and at which address. A token goes only to a server of the cloud
 * that issued it, or to one named at deployment. Names are resolved once, and the socket goes to an
 * address from that one answer: a name that changes its mind afterwards changes nothing.
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { connect, isIP, type Socket } from 'node:net'
import { MAIL_PORTS, mayReceiveToken, normalHost } from '../schema/mail-servers.ts'
import type { ProbeRequest } from '../schema/probe.ts'
import type { ExtraServer } from '../schema/settings.ts'
import { isPublicAddress } from './addresses.ts'
import { type Fault, fail, ok, type Result } from './verdict.ts'

export type Lookup = (host: string) => Promise<LookupAddress[]>
export type Connect = (address: string, port: number) => Socket

export type DialRules = {
  extraServers: readonly ExtraServer[]
  allowPrivateHosts: boolean
  /** Default: the system's resolver, /etc/hosts included. Replaced by tests. */
  lookup?: Lookup
  connect?: Connect
}

/** One address that does not answer must not use up the time of the others, milliseconds. */
const ATTEMPT = 3_000

/**
 * The host as it is looked up and named in TLS, or why it may not be asked. OAuth: an exact match
 * in the list of servers. Passwords: any plain name or literal address on a port for mail.
 */
export function chooseHost(request: ProbeRequest, rules: DialRules): Result<string> {
  const { host, port, credential } = request
  const name = normalHost(host)
  if (!rules.allowPrivateHosts && !MAIL_PORTS.includes(port)) {
    return refused(`Port ${port} is not a port of mail servers.`)
  }
  if (credential.type === 'oauth') {
    if (name !== null && mayReceiveToken(request, credential.cloud, rules.extraServers)) {
      return ok(name)
    }
    return refused('This server is not one that may be sent an access token of this account.')
  }
  if (name !== null) return ok(name)
  // A zone (`%eth0`) would pick one of our own interfaces.
  if (isIP(host) !== 0 && !host.includes('%')) return ok(host)
  return refused('This is neither a host name nor an IP address.')
}

const refused = (detail: string) => fail({ kind: 'host_not_allowed', detail })

/** The addresses that may be connected to, in the order to try. One private answer refuses all. */
export async function resolvePinned(host: string, rules: DialRules): Promise<Result<string[]>> {
  const found = isIP(host) !== 0 ? [host] : await resolve(host, rules.lookup ?? lookupAll)
  if (!Array.isArray(found)) return fail(found)
  if (!rules.allowPrivateHosts && !found.every(isPublicAddress)) {
    // Which address it was stays unsaid: the answer must not map a network for whoever asks.
    return fail({
      kind: 'private_address',
      detail: `${host} has an address that is not on the public internet, so it was not contacted.`,
    })
  }
  return ok(alternate(found))
}

async function resolve(host: string, lookup: Lookup): Promise<string[] | Fault> {
  try {
    const addresses = (await lookup(host)).map((entry) => entry.address)
    if (addresses.length > 0) return addresses.slice(0, 16)
    return { kind: 'dns', code: 'ENODATA', detail: `${host} has no address.` }
  } catch (error) {
    const code = codeOf(error)
    const detail =
      code === 'ENOTFOUND' ? `There is no host named ${host}.` : `${host} could not be looked up.`
    return { kind: 'dns', code, detail }
  }
}

const lookupAll: Lookup = (host) =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true, order: 'verbatim' }, (error, addresses) =>
      error ? reject(error) : resolve(addresses),
    )
  })

/** Families in turn, as RFC 8305 has it: a broken IPv6 path costs one attempt, not all of them. */
function alternate(addresses: string[]): string[] {
  const family = isIP(addresses[0] ?? '')
  const first = addresses.filter((address) => isIP(address) === family)
  const second = addresses.filter((address) => isIP(address) !== family)
  return first
    .flatMap((address, at) => [address, ...second.slice(at, at + 1)])
    .concat(second.slice(first.length))
}

/**
 * A connected socket to the first address that answers. The caller owns it; until then, and at any
 * time that `signal` aborts, it is destroyed here.
 */
export async function connectFirst(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
  open: Connect = (host, onPort) => connect({ host, port: onPort }),
): Promise<Result<Socket>> {
  let code: string | null = null
  for (const [at, address] of addresses.entries()) {
    if (signal.aborted) break
    const last = at === addresses.length - 1
    const outcome = await attempt(open(address, port), last ? null : ATTEMPT, signal)
    if (typeof outcome !== 'string') return ok(outcome)
    code = outcome
  }
  const detail = `No connection to port ${port} could be made${code === null ? '' : ` (${code})`}.`
  return fail({ kind: 'connect', code, detail })
}

/** The socket once it is connected, or the code of why it is not. */
function attempt(
  socket: Socket,
  patience: number | null,
  signal: AbortSignal,
): Promise<Socket | string> {
  socket.setNoDelay(true)
  socket.on('error', ignore)
  signal.addEventListener('abort', () => socket.destroy(), { once: true })
  return new Promise((resolve) => {
    function settle(outcome: Socket | string) {
      clearTimeout(timer)
      socket.off('connect', connected)
      socket.off('error', refused)
      socket.off('close', closed)
      if (typeof outcome === 'string') socket.destroy()
      resolve(outcome)
    }
    const connected = () => settle(socket)
    const refused = (error: Error) => settle(codeOf(error) ?? 'ECONNREFUSED')
    const closed = () => settle('ETIMEDOUT')
    const timer = patience === null ? undefined : setTimeout(closed, patience)
    socket.on('connect', connected)
    socket.on('error', refused)
    socket.on('close', closed)
  })
}

/**
 * For the whole life of a socket: an error that comes after everyone has let go of it would end the
 * process. (One function for all sockets. A closure would tie what it knows, the token too, to the
 * socket, and a socket is freed late.)
 */
export function ignore() {}

export function codeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : null
}
