/**
 * The process: reads the settings, listens, and shuts down gracefully. On SIGTERM or SIGINT it stops
 * listening, lets running probes finish (15 s at most) and exits with 0; a second signal exits at once.
 */
import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import { PROBE_DEADLINE_MS } from '../schema/probe.ts'
import { createApp } from './app.ts'
import { readSettings } from './env.ts'
import type { Log } from './events.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { createProbe } from './probe.ts'
import { createQueue } from './queue.ts'
import { createTlsContext } from './secure.ts'

const parsed = readSettings()
if (!parsed.ok) {
  for (const problem of parsed.problems) console.error(problem)
  process.exit(1)
}
const { settings } = parsed

// A closed log pipe (EPIPE) must not stop the service.
process.stdout.on('error', () => {})
const queue = createQueue()
const metrics = createMetrics(queue)
const writeLog = createLog()
const log: Log = (event) => {
  writeLog(event)
  metrics.observe(event)
}
let draining = false

const probe = createProbe({
  rules: {
    extraServers: settings.EXTRA_OAUTH_MAIL_HOSTS,
    allowPrivateHosts: settings.ALLOW_PRIVATE_HOSTS,
  },
  tlsContext: createTlsContext(),
})
const app = createApp({
  ring: settings.CHECKER_KEY,
  probe,
  now: () => new Date(),
  log,
  queue,
  metrics: metrics.text,
  draining: () => draining,
})

const server = serve(
  {
    fetch: app.fetch,
    hostname: settings.HOST,
    port: settings.PORT,
    // A request is at most 64 KiB: a slow one is only occupying a connection.
    serverOptions: {
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 2_000,
      keepAliveTimeout: 65_000,
    },
  },
  ({ address, port }) => log({ name: 'listening', host: address, port }),
) as Server
server.maxConnections = 512
server.on('error', (error: NodeJS.ErrnoException) => {
  const { HOST, PORT } = settings
  if (server.listening) log({ name: 'crashed', error })
  else console.error(`HOST and PORT: cannot listen on ${HOST}, port ${PORT} (${error.code})`)
  process.exit(1)
})

function exitNow() {
  log({ name: 'stopped', running: queue.running })
  process.exit(0)
}

function shutDown() {
  if (draining) exitNow()
  draining = true
  log({ name: 'draining', running: queue.running })
  server.close(exitNow)
  // Idle keep-alive connections would otherwise keep the server open.
  setInterval(() => server.closeIdleConnections(), 100)
  setTimeout(exitNow, PROBE_DEADLINE_MS)
}

// Node's default crash report prints the error's message, which may contain a secret.
process.on('uncaughtException', (error) => {
  log({ name: 'crashed', error })
  process.exit(1)
})
process.on('SIGTERM', shutDown)
process.on('SIGINT', shutDown)
