/** The HTTP server in front of the app. */
import type { Server } from 'node:http'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import type { createApp } from '../app.ts'

export type ServerOptions = {
  app: ReturnType<typeof createApp>
  /** Passed to the app with each request: keeps work that outlives its response. */
  context: ExecutionContext
  host: string
  port: number
}

export type HttpServer = {
  /** Port that it listens on. */
  port: number
  /** Stops listening and resolves when running requests have ended. */
  close: () => Promise<void>
}

/** Rejects with Node's error if it cannot listen, such as EADDRINUSE. */
export async function startServer({
  app,
  context,
  host,
  port,
}: ServerOptions): Promise<HttpServer> {
  const server = createAdaptorServer({
    fetch: (request, bindings) => {
      const { incoming } = bindings as HttpBindings
      const clientAddress = incoming.socket.remoteAddress ?? 'unknown'
      return app.fetch(request, { clientAddress }, context)
    },
  }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
}
