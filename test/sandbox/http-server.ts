/** Serves a `fetch` handler over HTTP on 127.0.0.1 until it is stopped. */
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'

export type HttpServer = {
  /** Origin: `http://127.0.0.1:8789`. */
  url: string
  port: number
  /** Closes open connections and frees the port. */
  stop: () => Promise<void>
}

/** Starts the server; port 0 means a free port. Rejects with Node's `EADDRINUSE` if the port is in use. */
export async function serveHttp(
  fetch: (request: Request) => Response | Promise<Response>,
  port = 0,
): Promise<HttpServer> {
  const server = createAdaptorServer({
    // Drops the second argument (Node's own objects), which `fetch` would take for a RequestInit.
    fetch: (request) => fetch(request),
    overrideGlobalObjects: false,
  }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
