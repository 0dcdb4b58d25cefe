/**
 * The product as shipped, on its own server, composed as api/node/main.ts composes it. Only two things are passed in:
 * the `fetch` that records, and the authorities that the checker trusts.
 */
import { join } from 'node:path'
import { createApp } from '../../../api/app.ts'
import { createAssets } from '../../../api/node/assets.ts'
import { openDatabaseFile } from '../../../api/node/database.ts'
import { createDeferredWork } from '../../../api/node/deferred-work.ts'
import { createLog } from '../../../api/node/log.ts'
import { readMigrations } from '../../../api/node/migrations.ts'
import { createOutboundHttp } from '../../../api/node/outbound-http.ts'
import { createRateCounters } from '../../../api/node/rate-counters.ts'
import { startServer } from '../../../api/node/server.ts'
import { type Environment, readSettings } from '../../../api/node/settings.ts'
import { prepareStart } from '../../../api/node/start-up.ts'
import { createServices } from '../../../api/services.ts'
import { limitConnections } from '../../../checker/connections.ts'
import { isPublicAddress, lookupAll } from '../../../checker/dial.ts'
import { createInProcessChecker } from '../../../checker/in-process.ts'
import { createProbe } from '../../../checker/probe.ts'
import { createTlsContext } from '../../../checker/secure.ts'
import type { Recorder } from './recorder.ts'

const root = join(import.meta.dirname, '../../..')

export type ProductOptions = {
  environment: Environment
  recorder: Recorder
  /** PEM of an authority of the mail servers; by default Node's. */
  ca?: string
  /** Stands before Microsoft, for tests. */
  intercept?: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch
}

export type Product = Awaited<ReturnType<typeof startProduct>>

/** Starts it, and resolves when it listens. Its log goes to the folder of its data. */
export async function startProduct({ environment, recorder, ca, intercept }: ProductOptions) {
  const { node, shared } = readSettings(environment)
  const { settings, databaseFile, lock } = prepareStart(node, shared, false)
  const log = createLog(
    () => {},
    () => new Date(),
  )
  const database = openDatabaseFile(
    databaseFile,
    readMigrations(join(root, 'schema/d1/migrations')),
    { log },
  )
  const outbound = createOutboundHttp({
    log,
    privateHosts: [],
    httpsProxy: node.httpsProxy,
    noProxy: node.noProxy,
    lookup: lookupAll,
    isPublic: isPublicAddress,
  })
  const fetch = recorder.wrap(intercept ? intercept(outbound.fetch) : outbound.fetch)
  const { extraMailServers: extraServers, allowPrivateHosts } = settings
  const checker = createInProcessChecker(
    { probesAtOnce: 4, probesPerHost: 4, extraServers, allowPrivateHosts },
    {
      log: () => {},
      ...(ca && {
        probe: createProbe({
          rules: { extraServers, allowPrivateHosts },
          tlsContext: createTlsContext([ca]),
        }),
      }),
    },
  )
  const services = createServices(database.d1, settings, {
    fetch,
    assets: createAssets(join(root, '.assets')),
    withinRate: createRateCounters(),
    databaseHealth: database.health,
    log,
    checker,
  })
  const deferred = createDeferredWork(() => {})
  const app = createApp(services)
  const { fetch: handle } = app
  const server = await startServer({
    app: Object.assign(app, {
      fetch(request: Request, ...rest: unknown[]) {
        const url = new URL(request.url)
        const isRedirect = /^\/oauth\/microsoft\/(?:callback|admin-consent)$/.test(url.pathname)
        if (isRedirect && url.search !== '') recorder.callback(url)
        return handle(request, ...(rest as []))
      },
    }),
    context: deferred.context,
    log,
    host: node.host,
    port: node.port,
    socket: null,
    publicUrl: settings.publicUrl,
    trustedProxies: [],
    limitConnections,
    observeResponse: () => {},
  })
  return {
    url: settings.publicUrl,
    /** Calls Microsoft as the product does, recorded. */
    fetch,
    async [Symbol.asyncDispose]() {
      await server.close()
      await deferred.idle()
      await outbound.close()
      checker.close()
      database.close()
      lock.release()
    },
  }
}
