/**
 * Mailgrant on a server of one's own, in one process: API, console, schedule and checker, on an SQLite file
 * in DATA_DIR. The only file that imports from both api/ and checker/.
 */
import { join } from 'node:path'
import { createProbe } from '../../checker/probe.ts'
import { createQueue } from '../../checker/queue.ts'
import { createTlsContext } from '../../checker/secure.ts'
import { createApp } from '../app.ts'
import type { CheckerClient } from '../checker-client.ts'
import type { Settings } from '../env.ts'
import { consoleLog, describeError } from '../log.ts'
import { createServices } from '../services.ts'
import { type Arguments, readArguments, USAGE } from './arguments.ts'
import { createAssets } from './assets.ts'
import { openDatabaseFile } from './database.ts'
import { createDeferredWork } from './deferred-work.ts'
import { checkKeys } from './key-check.ts'
import { readMigrations } from './migrations.ts'
import {
  listenFailure,
  plainHttpWarning,
  printFailure,
  printNotice,
  printWarning,
  runningNotices,
} from './notices.ts'
import { createOutgoing } from './outgoing.ts'
import { createRateCounters } from './rate-counters.ts'
import { startSchedule } from './schedule.ts'
import { startServer } from './server.ts'
import { readEnvironment, readSettings } from './settings.ts'
import { handOverRootKey, prepareStart } from './start-up.ts'

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

async function start(args: Arguments) {
  const { node, shared } = readSettings(readEnvironment())
  const { host, port, dataDir, httpsProxy, noProxy } = node
  const { settings, databaseFile, keys, lock, freshRootKey } = prepareStart(node, shared, args)
  const database = openDatabaseFile(
    databaseFile,
    readMigrations(join(root, 'schema/d1/migrations')),
  )
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
  await checkKeys(services.store, keys)
  const deferred = createDeferredWork((error) =>
    consoleLog('error', 'deferred_work_failed', { error: describeError(error) }),
  )
  const app = createApp(services)
  const server = await startServer({ app, context: deferred.context, host, port }).catch(
    (error) => {
      throw listenFailure(node, error)
    },
  )
  const schedule = startSchedule(services, deferred.context.waitUntil)
  if (freshRootKey !== null) handOverRootKey(dataDir, freshRootKey)
  const warning = plainHttpWarning(node, settings)
  if (warning !== null) printWarning(warning)
  for (const notice of runningNotices(settings, dataDir, keys.source)) printNotice(notice)

  const shutDown = async () => {
    await server.close()
    await schedule.stop()
    await deferred.idle()
    await outgoing.close()
    database.close()
    lock.release()
    process.exit(0)
  }
  process.on('SIGTERM', shutDown)
  process.on('SIGINT', shutDown)
}

const args = readArguments(process.argv.slice(2))
if (args === null || args.help) {
  console[args ? 'log' : 'error'](USAGE)
  process.exit(args ? 0 : 2)
}
try {
  await start(args)
} catch (error) {
  printFailure(error)
  process.exit(1)
}
