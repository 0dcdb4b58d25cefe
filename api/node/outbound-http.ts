/** Outbound HTTP: undici's fetch with its own agents, which Node's fetch does not accept. */
import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import {
  type Dispatcher,
  EnvHttpProxyAgent,
  Pool,
  type RequestInit,
  fetch as undiciFetch,
} from 'undici'
import { SECOND_MS } from '../../schema/durations.ts'
import type { NetworkCode } from '../../schema/failure.ts'
import { withTimeout } from '../deadline.ts'
import { webhookHost } from '../domain/webhooks/address.ts'
import type { Log } from '../log.ts'
import { WebhookNotSent } from '../model/webhook.ts'
import type { RuntimeDependencies } from '../services.ts'

export type Lookup = (host: string) => Promise<LookupAddress[]>

export type OutboundHttpOptions = {
  log: Log
  /** Hosts that webhooks may reach whatever they resolve to, as `webhookHost` returns them. */
  privateHosts: readonly string[]
  /** Proxy for https:// addresses, credentials included. */
  httpsProxy: string | null
  /** Hosts that are reached without the proxy: names with their subdomains, addresses, or `*`. */
  noProxy: readonly string[]
  /** Resolves the hosts of webhooks. */
  lookup: Lookup
  /** Returns true for an IP address on the public internet. */
  isPublic: (address: string) => boolean
  connectTimeoutMs?: number
}

/** Timeout of a connection, name resolution included. Shorter than any caller's wait for a response. */
const CONNECT_TIMEOUT_MS = 5 * SECOND_MS
/** Time limits for callers that set none. The longest of them waits 18 s. */
const RESPONSE_TIMEOUT_MS = 30 * SECOND_MS
/** Connections to one origin, each with one request at a time. */
const CONNECTIONS = 64
/** Token requests at a time. The other connections are for sign-ins, for which a person waits. */
export const TOKEN_REQUESTS = CONNECTIONS - 8
const WEBHOOK_CONNECTIONS = 16

/** The proxy responded to CONNECT with another status than 200. */
class ProxyRefused extends Error {
  override name = 'ProxyRefused'
  readonly code: NetworkCode = 'PROXY_REFUSED'
  readonly status: number
  constructor(status: number) {
    super(`the proxy responded with ${status}`)
    this.status = status
  }
}

/** No connection to the proxy, which without this code looks like one that the host refused. */
class ProxyUnreachable extends Error {
  override name = 'ProxyUnreachable'
  readonly code: NetworkCode = 'PROXY_UNREACHABLE'
}

type ConnectOptions = Omit<Dispatcher.ConnectOptions, 'origin'>

/** Connections through the proxy. `chooseAddress` returns the address to which the proxy connects for a host. */
class Tunnels extends Pool {
  readonly #chooseAddress: (host: string) => Promise<string>

  constructor(
    proxy: string,
    options: Pool.Options,
    chooseAddress: (host: string) => Promise<string> = async (host) => host,
  ) {
    super(proxy, { ...options, headersTimeout: RESPONSE_TIMEOUT_MS })
    this.#chooseAddress = chooseAddress
  }

  override async connect(options: ConnectOptions): Promise<Dispatcher.ConnectData> {
    const { hostname, port } = new URL(`tunnel://${options.path}`)
    const address = await this.#chooseAddress(hostname)
    const path = `${isIP(address) === 6 ? `[${address}]` : address}:${port}`
    // RFC 9112 section 3.2: Host repeats the target, or else the proxy might resolve the name after all.
    const headers = { ...options.headers, host: path }
    const tunnel = await super.connect({ ...options, path, headers }).catch((cause) => {
      throw new ProxyUnreachable('no connection to the proxy', { cause })
    })
    if (tunnel.statusCode === 200) return tunnel
    tunnel.socket.on('error', () => {}).destroy()
    throw new ProxyRefused(tunnel.statusCode)
  }
}

export function createOutboundHttp(options: OutboundHttpOptions) {
  const { log, privateHosts, lookup, isPublic, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options

  /** Returns all addresses of a webhook's host. A single private one refuses it. */
  async function resolveWebhookHost(host: string): Promise<LookupAddress[]> {
    // A name server that hangs could hold it for minutes.
    const addresses = await withTimeout(connectTimeoutMs, lookup(host))
    if (addresses === null) throw new Error('the name was not resolved in time')
    if (addresses.length === 0) throw new Error('the host has no address')
    if (!isPrivateHost(host) && !addresses.every(({ address }) => isPublic(address))) {
      throw new WebhookNotSent({ reason: 'private_address' })
    }
    return addresses
  }

  const isPrivateHost = (host: string) => privateHosts.includes(host.replace(/\.+$/, ''))

  /**
   * Returns the address that the proxy connects to for a webhook. If the proxy got the name, it would resolve it a
   * second time, possibly to an address in its own network. TLS still verifies the name. A proxy that admits only names
   * gets those that the operator lists in WEBHOOK_PRIVATE_HOSTS.
   */
  async function chooseTunnelAddress(host: string): Promise<string> {
    if (isPrivateHost(host)) return host
    const addresses = await resolveWebhookHost(host)
    // IPv4 first: the proxy may have no other.
    return (addresses.find(({ family }) => family === 4) ?? addresses[0])?.address ?? host
  }

  const common = {
    // Requests without TLS go to the operator's own network. Empty strings keep undici from reading the environment.
    httpProxy: '',
    httpsProxy: options.httpsProxy ?? '',
    noProxy: options.noProxy.join(),
    allowH2: false,
    connectTimeout: connectTimeoutMs,
    headersTimeout: RESPONSE_TIMEOUT_MS,
    bodyTimeout: RESPONSE_TIMEOUT_MS,
  }
  const agent = new EnvHttpProxyAgent({
    ...common,
    connections: CONNECTIONS,
    connect: { timeout: connectTimeoutMs },
    clientFactory: ({ origin }, pool) => new Tunnels(origin, pool),
  })
  const webhookAgent = new EnvHttpProxyAgent({
    ...common,
    connections: WEBHOOK_CONNECTIONS,
    connect: {
      timeout: connectTimeoutMs,
      autoSelectFamily: true,
      // The socket connects to one of these addresses, so a second resolution (DNS rebinding) never happens.
      lookup: (host, _options, callback) => {
        resolveWebhookHost(host).then(
          (addresses) => callback(null, addresses),
          (error) => callback(error, []),
        )
      },
    },
    clientFactory: ({ origin }, pool) => new Tunnels(origin, pool, chooseTunnelAddress),
  })

  async function sendWebhook(url: string, init: RequestInit) {
    const host = webhookHost(new URL(url))
    // An IP address is not looked up, so the agent's `lookup` never checks it.
    const literal = host.replace(/^\[|\]$/g, '')
    if (isIP(literal) !== 0 && !isPrivateHost(host) && !isPublic(literal)) {
      throw new WebhookNotSent({ reason: 'private_address' })
    }
    try {
      return await send(webhookAgent, url, init)
    } catch (error) {
      const cause = error instanceof TypeError ? error.cause : error
      if (cause instanceof WebhookNotSent) throw cause
      if (!(cause instanceof ProxyRefused)) throw error
      throw new WebhookNotSent({ reason: 'proxy_refused', status: cause.status })
    }
  }

  async function sendLoggingProxy(url: string, init: RequestInit) {
    try {
      return await send(agent, url, init)
    } catch (error) {
      // The caller only learns that the host is unreachable. This line tells the operator that the proxy is the
      // cause.
      const cause = error instanceof TypeError ? error.cause : error
      if (cause instanceof ProxyRefused) log('error', 'proxy_refused', { status: cause.status })
      throw error
    }
  }

  return {
    /** Fetches from addresses that the operator or Microsoft chose. */
    // undici's own types of Request and Response differ in name only from those of the app.
    fetch: sendLoggingProxy as unknown as typeof fetch,
    /** Fetches from addresses that a caller of the API chose. */
    fetchWebhook: sendWebhook as unknown as typeof fetch,
    async close() {
      await Promise.all([agent.destroy(), webhookAgent.destroy()])
    },
  }
}

/** Sends a request. Redirects are never followed, whatever the caller asks for. */
const send = (dispatcher: Dispatcher, url: string, init: RequestInit) =>
  undiciFetch(url, { ...init, redirect: 'manual', dispatcher })

// Turns of token requests. One that waits here has sent nothing, so none of its deadlines runs yet.

/** Lets `limit` requests run at a time, and the others in the order in which they came. */
export function createTurns(limit: number): RuntimeDependencies['takeConnection'] {
  const waiting = new Set<() => void>()
  let running = 0

  function end(): void {
    const [next] = waiting
    if (next) next()
    else running -= 1
  }
  const turn = { [Symbol.dispose]: end }

  return async (waitMs) => {
    if (running < limit) {
      running += 1
      return turn
    }
    const { promise, resolve } = Promise.withResolvers<Disposable | null>()
    const leave = (outcome: Disposable | null) => {
      waiting.delete(start)
      clearTimeout(timer)
      resolve(outcome)
    }
    const start = () => leave(turn)
    const timer = setTimeout(() => leave(null), waitMs)
    waiting.add(start)
    return promise
  }
}
