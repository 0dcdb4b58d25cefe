/** Serves a `fetch` handler over HTTP on 127.0.0.1, and lets go of the port when told to. */
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'

export type HttpServer = {
  /** Origin: `http://127.0.0.1:8789`. */
  url: string
  port: number
  /** Cuts open connections and frees the port. */
  stop: () => Promise<void>
}

/** Port 0 takes a free one. Rejects with Node's `EADDRINUSE` when the port is taken. */
export async function serveHttp(
  fetch: (request: Request) => Response | Promise<Response>,
  port = 0,
): Promise<HttpServer> {
  const server = createAdaptorServer({
    // Node's own objects go along as a second argument, which must not be taken for a RequestInit.
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
