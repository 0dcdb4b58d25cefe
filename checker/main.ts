/**
 * The process: reads the settings, listens, and shuts down gracefully. On SIGTERM it first stays for
 * DRAIN_SECONDS while /readyz returns 503, so that load balancers send callers elsewhere; SIGINT, a person
 * at a terminal, skips this. Then it stops listening, lets running probes finish (15 s at most) and exits
 * with 0. A second signal exits at once.
 */
import type { Server } from 'node:http'
import { getRequestListener, serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { SECOND_MS } from '../schema/durations.ts'
import { PROBE_DEADLINE_MS } from '../schema/probe.ts'
import { createApp, overloaded, type Phase } from './app.ts'
import { limitConnections } from './connections.ts'
import { createChecker } from './create-checker.ts'
import { readSettings } from './env.ts'
import type { Log } from './log.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { limitHeap } from './process-limits.ts'

const parsed = readSettings()
if (!parsed.ok) {
  for (const problem of parsed.problems) console.error(problem)
  process.exit(1)
}
const { settings } = parsed

// A closed log pipe (EPIPE) must not stop the service.
process.stdout.on('error', () => {})
const { queue, probe } = createChecker({
  probesAtOnce: settings.PROBES_AT_ONCE,
  probesPerHost: settings.PROBES_PER_HOST,
  extraServers: settings.EXTRA_OAUTH_MAIL_HOSTS,
  allowPrivateHosts: settings.ALLOW_PRIVATE_HOSTS,
})
const metrics = createMetrics(queue)
const writeLog = createLog()
const log: Log = (event) => {
  writeLog(event)
  metrics.observe(event)
}
let phase: Phase = 'serving'

const app = createApp({
  ring: settings.CHECKER_KEY ?? [],
  apiKey: settings.CHECKER_API_KEY,
  clientAddress: (c) => getConnInfo(c).remote.address ?? '',
  probe,
  now: () => new Date(),
  log,
  queue,
  metrics: metrics.text,
  phase: () => phase,
})

const server = serve(
  {
    fetch: app.fetch,
    hostname: settings.HOST,
    port: settings.PORT,
    // A request has at most 64 KiB, so a slow one only occupies a connection.
    serverOptions: {
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 2_000,
      keepAliveTimeout: 65_000,
    },
  },
  ({ address, port }) => log({ name: 'listening', host: address, port }),
) as Server
limitHeap()
limitConnections(server, getRequestListener(overloaded))
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

function shutDown(drainSeconds: number) {
  if (phase !== 'serving') exitNow()
  phase = 'draining'
  log({ name: 'draining', running: queue.running })
  setTimeout(close, drainSeconds * SECOND_MS)
}

function close() {
  phase = 'closing'
  log({ name: 'closing', running: queue.running })
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
process.on('SIGTERM', () => shutDown(settings.DRAIN_SECONDS))
process.on('SIGINT', () => shutDown(0))
