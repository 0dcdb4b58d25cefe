/**
 * Mailgrant on a server of one's own, in one process: API, console, schedule and checker, on an SQLite file
 * in DATA_DIR. The only file that imports from both api/ and checker/.
 */

import { join } from 'node:path'
import { createInProcessChecker } from '../../checker/in-process.ts'
import { limitYoungGeneration } from '../../checker/process-limits.ts'
import { createApp } from '../app.ts'
import { consoleLog, describeError } from '../log.ts'
import { createServices } from '../services.ts'
import { type Arguments, readArguments, USAGE } from './arguments.ts'
import { createAssets } from './assets.ts'
import { isCommand, runFromCommandLine } from './commands.ts'
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
import { describeRestore, describeStaleWal, moveStaleWal, settleDatabase } from './restored-copy.ts'
import { createRevocationRecorder } from './revocations.ts'
import { startSchedule } from './schedule.ts'
import { startServer } from './server.ts'
import { readEnvironment, readSettings } from './settings.ts'
import { handOverRootKey, prepareStart } from './start-up.ts'

/** The bundle is in `dist/`. */
const root = join(import.meta.dirname, '..')
const migrationsFolder = join(root, 'schema/d1/migrations')

async function start(args: Arguments) {
  const { node, shared } = readSettings(readEnvironment())
  const { host, port, dataDir, httpsProxy, noProxy } = node
  const { settings, databaseFile, keys, lock, freshRootKey } = prepareStart(node, shared, args)
  const staleWal = moveStaleWal(databaseFile)
  if (staleWal !== null) printWarning(describeStaleWal(staleWal))
  const database = openDatabaseFile(databaseFile, readMigrations(migrationsFolder))
  const outgoing = createOutgoing({
    log: consoleLog,
    privateHosts: settings.webhookPrivateHosts,
    httpsProxy,
    noProxy,
  })
  const checker =
    settings.checkerUrl === null
      ? createInProcessChecker({
          probesAtOnce: node.probesAtOnce,
          probesPerHost: node.probesPerHost,
          extraServers: settings.extraMailServers,
          allowPrivateHosts: settings.allowPrivateHosts,
        })
      : undefined
  const services = createServices(database.d1, settings, {
    fetch: outgoing.fetch,
    fetchWebhook: outgoing.fetchWebhook,
    databaseHealth: database.health,
    assets: createAssets(join(root, '.assets')),
    withinRate: createRateCounters(() => new Date()),
    recordRevocation: createRevocationRecorder(dataDir, () => new Date()),
    ...(checker && { checker }),
  })
  await checkKeys(services.store, keys)
  const restore = await settleDatabase(services, { databaseFile, dataDir })
  if (restore) printWarning(describeRestore(restore))
  const deferred = createDeferredWork((error) =>
    consoleLog('error', 'deferred_work_failed', { error: describeError(error) }),
  )
  const app = createApp(services)
  const server = await startServer({ app, context: deferred.context, host, port }).catch(
    (error) => {
      throw listenFailure(node, error)
    },
  )
  limitYoungGeneration()
  const schedule = startSchedule(services, deferred.context.waitUntil)
  if (freshRootKey !== null) handOverRootKey(dataDir, freshRootKey)
  const warning = plainHttpWarning(node, settings)
  if (warning !== null) printWarning(warning)
  for (const notice of runningNotices(settings, dataDir, keys.source)) printNotice(notice)

  const shutDown = async () => {
    await server.close()
    checker?.close()
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

const [command, ...rest] = process.argv.slice(2)
if (isCommand(command)) {
  process.exit(runFromCommandLine(command, rest, migrationsFolder))
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
