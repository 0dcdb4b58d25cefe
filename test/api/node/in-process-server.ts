/** The app on its HTTP server and an empty database in memory. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createApp } from '../../../api/app.ts'
import type { Settings } from '../../../api/env.ts'
import { createAssets } from '../../../api/node/assets.ts'
import { createD1 } from '../../../api/node/d1.ts'
import { createDeferredWork } from '../../../api/node/deferred-work.ts'
import { createLog } from '../../../api/node/log.ts'
import { createRateCounters } from '../../../api/node/rate-counters.ts'
import { type ServerOptions, startServer } from '../../../api/node/server.ts'
import { readSettings } from '../../../api/node/settings.ts'
import { createServices, type RuntimeDependencies } from '../../../api/services.ts'
import { type CONNECTION_LIMITS, limitConnections } from '../../../checker/connections.ts'
import { MIGRATIONS } from './database-folder.ts'

const root = join(import.meta.dirname, '../../..')

export const ROOT_KEY = 'mg_root_in-process-in-process-in-process'

type Options = Partial<Pick<ServerOptions, 'trustedProxies' | 'limits' | 'observeResponse'>> & {
  publicUrl?: string
  connections?: Partial<typeof CONNECTION_LIMITS>
  outside?: Partial<RuntimeDependencies>
}

export async function startInProcess(options: Options = {}) {
  const { publicUrl = 'https://mail.example.com', trustedProxies = [], limits = {} } = options
  const { observeResponse = () => {} } = options
  const { shared } = readSettings({ PUBLIC_URL: publicUrl, ROOT_API_KEY: ROOT_KEY })
  const settings: Settings = {
    ...shared,
    encryptionKeys: [{ kid: 'k1', key: new Uint8Array(32).fill(1) }],
    rootKeyHash: shared.rootKeyHash ?? '',
  }
  const lines: string[] = []
  const log = createLog(
    (line) => void lines.push(line),
    () => new Date(),
  )
  const database = new DatabaseSync(':memory:')
  for (const { sql } of MIGRATIONS) database.exec(sql)
  const services = createServices(createD1(database), settings, {
    fetch: () => Promise.reject(new TypeError('the network is off')),
    assets: createAssets(join(root, '.assets')),
    withinRate: createRateCounters(() => 0),
    log,
    checker: {
      readiness: async () => 'ready',
      probe: () => Promise.reject(new Error('no login')),
    },
    ...options.outside,
  })
  const { context, idle } = createDeferredWork((error) => void lines.push(String(error)))
  const server = await startServer({
    app: createApp(services),
    context,
    log,
    host: '127.0.0.1',
    port: 0,
    socket: null,
    publicUrl,
    trustedProxies,
    limits,
    limitConnections: (http, overloaded) => limitConnections(http, overloaded, options.connections),
    observeResponse,
  })
  const url = `http://127.0.0.1:${server.port}`
  return {
    ...server,
    url,
    lines,
    async [Symbol.asyncDispose]() {
      await server.close()
      await idle()
      database.close()
    },
  }
}
