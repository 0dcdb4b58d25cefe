/**
 * Mailgrant on a server of one's own, in one process: API, console, schedule and checker, on an SQLite file
 * in DATA_DIR. The only file that imports from both api/ and checker/.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createProbe } from '../../checker/probe.ts'
import { createQueue } from '../../checker/queue.ts'
import { createTlsContext } from '../../checker/secure.ts'
import { createApp } from '../app.ts'
import type { CheckerClient } from '../checker-client.ts'
import { BadEnvironment, type Settings } from '../env.ts'
import { consoleLog, describeError } from '../log.ts'
import { createServices } from '../services.ts'
import { createAssets } from './assets.ts'
import { openDatabaseFile } from './database.ts'
import { createDeferredWork } from './deferred-work.ts'
import { loadKeys } from './keys.ts'
import { readMigrations } from './migrations.ts'
import { createOutgoing } from './outgoing.ts'
import { createRateCounters } from './rate-counters.ts'
import { startSchedule } from './schedule.ts'
import { startServer } from './server.ts'
import { readEnvironment, readSettings } from './settings.ts'
import { StartFailure } from './start-failure.ts'

/** The bundle is in `dist/`. */
const root = join(import.meta.dirname, '..')

/** The checker in this process: the same queue and probe, without HTTP and sealing between. */
function createLocalChecker(settings: Settings): CheckerClient {
  const { extraMailServers, allowPrivateHosts } = settings
  const queue = createQueue()
  const probe = createProbe({
    rules: { extraServers: extraMailServers, allowPrivateHosts },
    tlsContext: createTlsContext(),
  })
  return {
    async probe(request, _jti, caller = null) {
      const signal = new AbortController().signal
      const share = { host: request.host, caller: caller ?? '' }
      const result = await queue.run(() => probe(request, signal), signal, share)
      if (result.ok) return { ok: true, value: result.value }
      return { ok: false, error: { kind: 'busy', status: null, retryAfter: 2 } }
    },
    readiness: async () => 'ready',
  }
}

async function start() {
  const { node, shared } = readSettings(readEnvironment())
  const { host, port, dataDir, httpsProxy, noProxy } = node
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const keys = loadKeys(dataDir)
  const settings: Settings = {
    ...shared,
    encryptionKeys: shared.encryptionKeys ?? keys.encryptionKeys,
    rootKeyHash: shared.rootKeyHash ?? keys.rootKeyHash,
  }
  const file = join(dataDir, 'mailgrant.sqlite')
  const database = openDatabaseFile(file, readMigrations(join(root, 'schema/d1/migrations')))
  const outgoing = createOutgoing({
    log: consoleLog,
    privateHosts: settings.webhookPrivateHosts,
    httpsProxy,
    noProxy,
  })
  const services = createServices(database.d1, settings, {
    fetch: outgoing.fetch,
    fetchWebhook: outgoing.fetchWebhook,
    assets: createAssets(join(root, '.assets')),
    withinRate: createRateCounters(() => new Date()),
    ...(settings.checkerUrl === null && { checker: createLocalChecker(settings) }),
  })
  const deferred = createDeferredWork((error) =>
    consoleLog('error', 'deferred_work_failed', { error: describeError(error) }),
  )
  const app = createApp(services)
  const server = await startServer({ app, context: deferred.context, host, port })
  const schedule = startSchedule(services, deferred.context.waitUntil)
  console.log(`Mailgrant is running at ${settings.publicUrl}/console/`)
  if (keys.newRootKey !== null && process.stdout.isTTY) console.log(`Root key: ${keys.newRootKey}`)

  const shutDown = async () => {
    await server.close()
    await schedule.stop()
    await deferred.idle()
    await outgoing.close()
    database.close()
    process.exit(0)
  }
  process.on('SIGTERM', shutDown)
  process.on('SIGINT', shutDown)
}

try {
  await start()
} catch (error) {
  const isExpected = error instanceof BadEnvironment || error instanceof StartFailure
  console.error(isExpected ? error.message : error)
  process.exit(1)
}
