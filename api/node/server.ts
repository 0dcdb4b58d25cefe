/**
 * The HTTP server in front of the app. Node itself refuses what is too large, too slow or ambiguous, before there is a
 * request. This file sets the limits, and lets responses arrive although the request is still being sent.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server'
import { SECOND_MS } from '../../schema/durations.ts'
import type { createApp } from '../app.ts'
import { describeError, type Log } from '../log.ts'
import { type ProblemContent, problemResponse } from '../problem.ts'
import { clientAddress, createAddressList, createOwnHost } from './client-address.ts'
import { CLIENT_CLOSED, type ObserveResponse } from './server-metrics.ts'

export const HTTP_LIMITS = {
  /** Time from the first byte, or the opening of a connection, to the end of the headers. */
  headersTimeout: 10 * SECOND_MS,
  /** Time to the end of the body. Bodies have 64 KiB to 1 MiB. A larger one is discarded for as long. */
  requestTimeout: 30 * SECOND_MS,
  connectionsCheckingInterval: 2 * SECOND_MS,
  /** Longer than proxies keep an idle connection (nginx 60 s, Caddy 120 s), so that they close first. */
  keepAliveTimeout: 125 * SECOND_MS,
  /** Limit for a client that does not read its response; longer than any response takes. */
  idleTimeout: 125 * SECOND_MS,
  maxHeaderSize: 16 * 1024,
  /**
   * Time in which an idle connection gets one more response from a server that closes. A proxy might be sending a
   * request on it, which it must not repeat if the connection just ends.
   */
  lastRequestTimeout: 250,
}

/**
 * Connections that the system keeps until they are accepted, which matters most during a restart. Linux allows up to
 * this many.
 */
const BACKLOG = 4096
const CLOSING_CHECK_MS = 20

export type ServerOptions = {
  app: ReturnType<typeof createApp>
  /** Passed to the app with each request: keeps work that outlives its response. */
  context: ExecutionContext
  log: Log
  host: string
  port: number
  /** File descriptor of a socket to listen on instead of host and port; null without one. */
  socket: number | null
  publicUrl: string
  /** Addresses and ranges whose X-Forwarded-For counts. */
  trustedProxies: readonly string[]
  /** Replaces limits, for tests. */
  limits?: Partial<typeof HTTP_LIMITS>
  /** Limits connections and their requests, and passes requests that exceed them to `overloaded`. */
  limitConnections: (server: Server, overloaded: RequestListener) => void
  observeResponse: ObserveResponse
}

/** Rejects with Node's error if it cannot listen, such as EADDRINUSE. */
export async function startServer(options: ServerOptions) {
  const { app, context, log, publicUrl } = options
  const { idleTimeout, lastRequestTimeout, ...limits } = {
    ...HTTP_LIMITS,
    ...options.limits,
  }
  const trusted =
    options.trustedProxies.length > 0 ? createAddressList(options.trustedProxies) : null
  let isOwnHost = createOwnHost(publicUrl, options.port)
  /** The responses of each connection that are not sent to the end. */
  const connections = new Map<Socket, Set<ServerResponse>>()
  let accepted = 0
  let closing = false

  /** Responds to a request that does not reach the app. */
  function refuse(problem: ProblemContent, path = '/'): Response {
    const requestId = crypto.randomUUID()
    const response = problemResponse(problem, { publicUrl, path, requestId })
    response.headers.set('x-request-id', requestId)
    const { code } = problem
    log('info', 'request', { request_id: requestId, status: response.status, code })
    return response
  }

  const listener = getRequestListener(
    (request, bindings) => {
      const { incoming } = bindings as HttpBindings
      // Otherwise the adapter builds a stream and a second request to find out whether there is a body.
      if (!hasBody(incoming)) Object.defineProperty(request, 'body', { value: null })
      const { headers, socket } = incoming
      const forwarded = headers['x-forwarded-for'] as string | undefined
      const facts = {
        clientAddress: clientAddress(socket.remoteAddress, forwarded, trusted),
        foreignHost: !isOwnHost(hostOf(incoming)),
      }
      const response = app.fetch(request, facts, context)
      return incoming.complete || !closesAfter(incoming) ? response : afterRest(incoming, response)
    },
    {
      // Stands for the Host header, which HTTP/1.0 lacks. The app only reads the path and query of this URL, and
      // refuses a missing header except for health checks.
      hostname: 'localhost',
      // The library's own cleanup stops after 500 ms, and the client loses the response.
      autoCleanupIncoming: false,
      errorHandler(error) {
        if (error instanceof RequestError) {
          return refuse({
            code: 'bad_request',
            detail: 'The address or the Host header is malformed.',
          })
        }
        log('error', 'internal_error', { error: describeError(error) })
        return refuse({ code: 'internal_error', detail: 'Try again.' })
      },
    },
  )

  const overloaded = getRequestListener(
    ({ url }) =>
      refuse(
        {
          code: 'overloaded',
          detail: 'This server is handling as many requests as it can. Try again in a moment.',
        },
        new URL(url).pathname,
      ),
    { hostname: 'localhost', autoCleanupIncoming: false },
  )

  /** Keeps account of the responses that are not sent to the end. */
  const tracked =
    (listen: typeof listener): RequestListener =>
    (incoming, outgoing) => {
      const started = performance.now()
      const responses = connections.get(incoming.socket)
      responses?.add(outgoing)
      if (closing) outgoing.setHeader('connection', 'close')
      outgoing.once('close', () => {
        const status = outgoing.headersSent ? outgoing.statusCode : CLIENT_CLOSED
        options.observeResponse(status, (performance.now() - started) / SECOND_MS)
        responses?.delete(outgoing)
        if (!incoming.complete) discardRest(incoming)
      })
      void listen(incoming, outgoing)
    }

  const server = createServer(
    // Joins repeated headers. Two Host headers then make a host that does not exist, while Node would take the
    // first.
    { ...limits, joinDuplicateHeaders: true, insecureHTTPParser: false },
    tracked(listener),
  )
  server.on('connection', (socket: Socket) => {
    accepted += 1
    connections.set(socket, new Set())
    socket.once('close', () => {
      // Node emits no `close` for responses that waited for an earlier one, so they are removed with the connection.
      connections.delete(socket)
    })
  })
  options.limitConnections(server, tracked(overloaded))
  server.timeout = idleTimeout
  // Node would drop headers beyond `maxHeadersCount`, and those that a proxy adds come last. `maxHeaderSize` limits
  // their size.
  server.maxHeadersCount = 0

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    const { socket, host, port } = options
    if (socket === null) server.listen(port, host, BACKLOG, resolve)
    else server.listen({ fd: socket }, BACKLOG, resolve)
  })
  // The system could not accept a connection, for example because there are no file descriptors left.
  server.on('error', (error) =>
    log('error', 'connection_not_accepted', { error: describeError(error) }),
  )
  const { address: host, port } = server.address() as AddressInfo
  isOwnHost = createOwnHost(publicUrl, port)

  /** Resolves when all connections have ended. Those without a request stay for `lastRequestTimeout`. */
  async function endConnections(): Promise<void> {
    const startedAt = performance.now()
    while (connections.size > 0) {
      if (performance.now() - startedAt >= lastRequestTimeout)
        for (const [socket, responses] of connections) if (responses.size === 0) socket.destroy()
      await setTimeout(CLOSING_CHECK_MS)
      // Lets the event loop read the sockets before they count as idle, since a request might have arrived.
      await setImmediate()
    }
  }

  /**
   * Resolves when no connection waits to be accepted. The system resets those that do when the server stops listening.
   * Under a flood it gives up.
   */
  async function acceptWaiting(): Promise<void> {
    for (let turn = 0; turn < 100; turn += 1) {
      const before = accepted
      await setImmediate()
      if (accepted === before) return
    }
  }

  return {
    /** Address and port that it listens on. */
    host,
    port,
    server,
    /** Stops listening, closes each connection after its next response, and resolves when running requests have ended. */
    async close() {
      closing = true
      for (const outgoing of [...connections.values()].flatMap((responses) => [...responses]))
        if (!outgoing.headersSent) outgoing.setHeader('connection', 'close')
      await acceptWaiting()
      // The `close` of node:http would cut idle connections at once.
      NetServer.prototype.close.call(server)
      await endConnections()
      server.close()
    },
  }
}

/** Returns the host of the request target, or of the header if the target is a path (RFC 9112, 3.2.2). */
function hostOf({ url = '', headers }: IncomingMessage): string {
  return url.startsWith('/') ? (headers.host ?? '') : (URL.parse(url)?.host ?? '')
}

/** Returns whether Node closes the connection after the response. */
const closesAfter = ({ headers, httpVersionMinor }: IncomingMessage) =>
  httpVersionMinor === 0 || /\bclose\b/i.test(headers.connection ?? '')

/**
 * Returns the response once its request has been received, although it may be ready before, as for a body that is too
 * large. Closing a connection with unread data discards what was sent last, and the client would lose the response.
 */
async function afterRest(
  incoming: IncomingMessage,
  response: Response | Promise<Response>,
): Promise<Response> {
  const answer = await response
  if (!incoming.complete && !incoming.destroyed) {
    discardRest(incoming)
    await new Promise((resolve) => incoming.once('close', resolve))
  }
  return answer
}

/**
 * Reads and discards the rest of a request whose response is known, since many clients read only after they have sent
 * everything. `requestTimeout` ends it.
 */
function discardRest(incoming: IncomingMessage): void {
  // The stream of the app pauses the request once it holds enough.
  incoming.removeAllListeners('data')
  incoming.resume()
}

/** RFC 9112 section 6.3. */
const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
