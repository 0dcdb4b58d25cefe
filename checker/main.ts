/**
 * The process: reads settings, listens, and stops in order. SIGTERM or SIGINT ends listening, lets
 * running probes finish (15 s at most) and exits 0; a second signal exits at once.
 */
import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import { PROBE_DEADLINE } from '../schema/probe.ts'
import { createApp } from './app.ts'
import { readSettings } from './env.ts'
import type { Log } from './events.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { createProbe } from './probe.ts'
import { createQueue } from './queue.ts'
import { createTrust } from './secure.ts'

const read = readSettings()
if (!read.ok) {
  for (const problem of read.problems) console.error(problem)
  process.exit(1)
}
const { settings } = read

// A log that nobody reads any more (EPIPE) is no reason to stop serving.
process.stdout.on('error', () => {})
const queue = createQueue()
const metrics = createMetrics(queue)
const write = createLog()
const log: Log = (event) => {
  write(event)
  metrics.observe(event)
}
let draining = false

const probe = createProbe({
  rules: {
    extraServers: settings.EXTRA_OAUTH_MAIL_HOSTS,
    allowPrivateHosts: settings.ALLOW_PRIVATE_HOSTS,
  },
  trust: createTrust(),
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
    // A request is at most 64 KiB, so one that takes long to arrive is there to hold a connection.
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
  else console.error(`HOST and PORT: nothing can listen at ${HOST}, port ${PORT} (${error.code})`)
  process.exit(1)
})

function exit() {
  log({ name: 'stopped', running: queue.running })
  process.exit(0)
}

function stop() {
  if (draining) exit()
  draining = true
  log({ name: 'draining', running: queue.running })
  server.close(exit)
  // A connection that is kept alive would hold the server open after its last answer.
  setInterval(() => server.closeIdleConnections(), 100)
  setTimeout(exit, PROBE_DEADLINE)
}

// Node's own report of a crash would print the message of the error, which may quote a secret.
process.on('uncaughtException', (error) => {
  log({ name: 'crashed', error })
  process.exit(1)
})
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
