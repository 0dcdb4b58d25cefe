/**
 * Limits of an HTTP server's connections, which keep one client from locking the others out, since anyone who reaches
 * the port can open any number, and Node starts all requests that arrive on a connection at once.
 */
import type { RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export const CONNECTION_LIMITS = {
  /** Unfinished responses of one connection. One more closes it. Few clients pipeline at all. */
  unfinished: 4,
  /** Connections with a complete request in progress. A further request gets 503. */
  requests: 1_024,
  /**
   * Connections that wait for their client: on which it has sent nothing, or part of a request, or does not read the
   * response, or that stay open between two requests. Half of the 1,024 files that a process can often open.
   */
  waiting: 512,
  /** Time for which a connection beyond the limit can wait, since its request might be on its way. */
  graceMs: 1_000,
  /** Open connections. With more, the one that has waited longest is closed at once. */
  open: 4_096,
}

type Connection = {
  /** The responses, in the order of the requests. */
  unfinished: Set<ServerResponse>
  /** True while a request is in progress, when the connection does not wait for its client. */
  busy: boolean
  waitingSince: number
}

/** Passes the server's requests on within the limits, and those that get 503 to `refuse`. */
export function limitConnections(
  server: Server,
  refuse: RequestListener,
  replaced: Partial<typeof CONNECTION_LIMITS> = {},
): void {
  const limits = { ...CONNECTION_LIMITS, ...replaced }
  /** Connections that wait for their client are in the order in which they began to wait. */
  const connections = new Map<Socket, Connection>()
  let busy = 0
  let sweep: NodeJS.Timeout | undefined

  function setBusy(socket: Socket, connection: Connection): void {
    const [response] = connection.unfinished
    const isBusy = response?.req.complete === true && !response.writableEnded
    if (isBusy === connection.busy) return
    busy += isBusy ? 1 : -1
    connection.busy = isBusy
    if (isBusy) return
    connection.waitingSince = performance.now()
    connections.delete(socket)
    connections.set(socket, connection)
  }

  function forget(socket: Socket): void {
    const connection = connections.get(socket)
    if (connection?.busy) busy -= 1
    connections.delete(socket)
  }

  function closeLongestWaiting(count: number, waitingBefore: number): void {
    let left = count
    for (const [socket, connection] of connections) {
      if (left <= 0) return
      if (connection.busy) continue
      if (connection.waitingSince > waitingBefore) return
      left -= 1
      forget(socket)
      socket.destroy()
    }
  }

  function planSweep(): void {
    if (sweep !== undefined || connections.size <= limits.waiting) return
    sweep = setTimeout(() => {
      // After the event loop has looked at all sockets again, since requests may have arrived while the process was
      // busy.
      setImmediate(() => {
        sweep = undefined
        const waiting = connections.size - busy
        closeLongestWaiting(waiting - limits.waiting, performance.now() - limits.graceMs)
        planSweep()
      })
    }, limits.graceMs).unref()
  }

  server.on('connection', (socket: Socket) => {
    connections.set(socket, { unfinished: new Set(), busy: false, waitingSince: performance.now() })
    socket.once('close', () => forget(socket))
    closeLongestWaiting(connections.size - limits.open, Number.POSITIVE_INFINITY)
    planSweep()
  })

  const listeners = server.listeners('request') as RequestListener[]
  const admit: RequestListener = (request, response) => {
    const { socket } = request
    const connection = connections.get(socket)
    // Node's parser reads everything that it has received, even after the connection was closed.
    if (connection === undefined) return
    connection.unfinished.add(response)
    if (connection.unfinished.size > limits.unfinished) {
      forget(socket)
      socket.destroy()
      return
    }
    const update = () => {
      if (connections.get(socket) === connection) setBusy(socket, connection)
    }
    response.once('prefinish', update)
    response.once('close', () => {
      connection.unfinished.delete(response)
      update()
    })
    // A health check is never refused, since an orchestrator would restart the process.
    const overloaded = busy >= limits.requests && request.url !== '/healthz'
    // A request without a body is complete when the parser returns.
    process.nextTick(update)
    request.once('end', update)
    for (const listener of overloaded ? [refuse] : listeners) listener(request, response)
  }
  server.removeAllListeners('request')
  server.on('request', admit)
  // Node would handle these itself, without a limit and without a line in the log.
  server.on('checkExpectation', admit)
}
