/**
 * Mailgrant on your own server, in one process: API, console, schedule and checker, on an SQLite file in DATA_DIR. The
 * only file that imports from both api/ and checker/.
 */
import { join } from 'node:path'
import { limitConnections } from '../../checker/connections.ts'
import { isPublicAddress, lookupAll } from '../../checker/dial.ts'
import { createInProcessChecker } from '../../checker/in-process.ts'
import { createRegistry } from '../../checker/metrics.ts'
import { limitHeap } from '../../checker/process-limits.ts'
import { MINUTE_MS } from '../../schema/durations.ts'
import { createApp } from '../app.ts'
import { describeError } from '../log.ts'
import { createAloneSince, createServices } from '../services.ts'
import { readArguments, USAGE } from './arguments.ts'
import { createAssets } from './assets.ts'
import { isCommand, runFromCommandLine } from './commands.ts'
import { openDatabaseFile } from './database.ts'
import { createDeferredWork } from './deferred-work.ts'
import { checkKeys } from './key-check.ts'
import { describeCrash, processLog as log } from './log.ts'
import type { Migration } from './migrations.ts'
import {
  exitCodeOf,
  listenFailure,
  plainHttpWarning,
  printFailure,
  printNotice,
  printWarning,
  runningNotices,
} from './notices.ts'
import { createOutboundHttp, createTurns, TOKEN_REQUESTS } from './outbound-http.ts'
import { createRateCounters } from './rate-counters.ts'
import { createRevocationRecorder, repeatRevocations } from './revocations.ts'
import { RUN_LIMITS, scheduledTasks, startSchedule } from './schedule.ts'
import {
  copyInProcess,
  createScheduledCopies,
  SCHEDULED_COPY,
  withBackupProblem,
} from './scheduled-copies.ts'
import { startServer } from './server.ts'
import { addCopyMetrics, createRequestMetrics } from './server-metrics.ts'
import { describeSettings, findUnknownSettings, readEnvironment, readSettings } from './settings.ts'
import { createShutdown } from './shutdown.ts'
import { announceStart, prepareStart } from './start-up.ts'
import { passedSocket, reportReady } from './systemd.ts'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
const exit = () => process.exit(0)

/** The bundle is in `dist/`. */
const root = join(import.meta.dirname, '..')

/** The files of schema/d1/migrations as JSON, which api/build.ts puts into the bundle. */
declare const BUNDLED_MIGRATIONS: string
const migrations: readonly Migration[] = JSON.parse(BUNDLED_MIGRATIONS)

/** Returns Node's arguments that run a command of this program. */
const ownCommand = (name: string) => [...process.execArgv, process.argv[1] ?? '', name]

async function start(newRootKey: boolean) {
  const environment = readEnvironment()
  const { node, shared } = readSettings(environment)
  const { host, port, dataDir, backupDir, trustedProxies, httpsProxy, noProxy } = node
  const { settings, databaseFile, keys, lock, freshRootKey } = prepareStart(
    node,
    shared,
    newRootKey,
  )
  const database = openDatabaseFile(databaseFile, migrations)
  const outboundHttp = createOutboundHttp({
    log,
    privateHosts: settings.webhookPrivateHosts,
    httpsProxy,
    noProxy,
    lookup: lookupAll,
    isPublic: isPublicAddress,
  })
  const registry = createRegistry()
  const checker =
    settings.checkerUrl === null
      ? createInProcessChecker(
          {
            probesAtOnce: node.probesAtOnce,
            probesPerHost: node.probesPerHost,
            extraServers: settings.extraMailServers,
            allowPrivateHosts: settings.allowPrivateHosts,
          },
          { registry },
        )
      : undefined
  const copies =
    backupDir === null
      ? null
      : createScheduledCopies({
          everyMs: node.copyRules.everyMs,
          now: () => new Date(),
          log,
          async makeCopy(ending) {
            // Otherwise, copies of another file would push out those of this database.
            database.health.requireWritable()
            return copyInProcess(ownCommand(SCHEDULED_COPY), backupDir, ending)
          },
        })
  if (copies) addCopyMetrics(registry, copies, node.copyRules.everyMs)
  const services = createServices(database.d1, settings, {
    fetch: outboundHttp.fetch,
    fetchWebhook: outboundHttp.fetchWebhook,
    takeConnection: createTurns(TOKEN_REQUESTS),
    databaseHealth: copies ? withBackupProblem(database.health, copies) : database.health,
    assets: createAssets(join(root, '.assets')),
    withinRate: createRateCounters(),
    runLimits: RUN_LIMITS,
    // The process has the lock of the folder, so no other one uses this database.
    aloneSince: createAloneSince(new Date()),
    recordRevocation: createRevocationRecorder(dataDir, () => new Date()),
    processMetrics: () => registry.metrics(),
    log,
    ...(checker && { checker }),
  })
  const damage = await checkKeys(services.store, keys)
  if (damage !== null) printWarning(damage)
  await repeatRevocations(services, dataDir)
  const deferred = createDeferredWork((error) =>
    log('error', 'deferred_work_failed', { error: describeError(error) }),
  )
  const { publicUrl } = settings
  const app = createApp(services)
  const { context } = deferred
  const server = await startServer({
    app,
    context,
    log,
    host,
    port,
    socket: passedSocket(environment),
    publicUrl,
    trustedProxies,
    limitConnections,
    observeResponse: createRequestMetrics(registry),
  }).catch((error) => {
    throw listenFailure(node, error)
  })
  limitHeap()
  const schedule = startSchedule(
    [
      database.health.task,
      ...scheduledTasks(services, context.waitUntil),
      ...(copies ? [{ name: 'backup', intervalMs: MINUTE_MS, run: copies.run }] : []),
    ],
    log,
  )
  const listening = { ...node, host: server.host, port: server.port }
  const warning = plainHttpWarning(listening, settings)
  if (warning !== null) printWarning(warning)
  const unknown = findUnknownSettings()
  if (unknown.length > 0)
    printWarning(
      `These names in .env have no effect: ${unknown.join(', ')}. Check their spelling with api/operating/settings.md, which lists all settings.`,
    )
  printNotice(describeSettings(environment, listening))
  announceStart(settings, dataDir, freshRootKey)
  for (const notice of runningNotices(settings, dataDir, keys.source)) printNotice(notice)

  const shutDown = createShutdown({
    async drain() {
      await Promise.all([server.close(), schedule.stop()])
      await deferred.idle()
      await services.store.tokenUses.writeAll()
      await outboundHttp.close()
    },
    close() {
      checker?.close()
      database.close()
      lock.release()
    },
    log,
    exit: process.exit,
  })
  // Adds the new listener first. Without any listener, a signal that has just arrived would be lost.
  for (const signal of SIGNALS) process.on(signal, shutDown).off(signal, exit)
  await reportReady(environment)
}

const [command, ...rest] = process.argv.slice(2)
if (isCommand(command)) {
  process.exit(runFromCommandLine(migrations, command, rest))
}
const args = readArguments(process.argv.slice(2))
if (args === null || args.help) {
  console[args ? 'log' : 'error'](USAGE)
  process.exit(args ? 0 : 2)
}
// A closed log pipe (EPIPE) must not stop the service.
process.stdout.on('error', () => {})
process.on('uncaughtException', (error) => {
  log('error', 'crashed', describeCrash(error))
  process.exit(1)
})
// A container's PID 1: the kernel ignores signals for it that have no handler. Others end at once, even in the middle
// of a migration, which is right, since SQLite rolls it back.
if (process.pid === 1) for (const signal of SIGNALS) process.on(signal, exit)

try {
  await start(args.newRootKey)
} catch (error) {
  printFailure(error)
  process.exit(exitCodeOf(error))
}
