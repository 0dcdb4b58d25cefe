/** The app on a database file, in this process. */
import { createApp } from '../../../api/app.ts'
import { hashSecret } from '../../../api/hash.ts'
import type { Log } from '../../../api/log.ts'
import { openDatabaseFile } from '../../../api/node/database.ts'
import { createDeferredWork } from '../../../api/node/deferred-work.ts'
import { readSettings } from '../../../api/node/settings.ts'
import { createServices } from '../../../api/services.ts'
import { MIGRATIONS } from './database-folder.ts'

const PUBLIC_URL = 'http://localhost:8787'
const ROOT_KEY = 'mg_root_file-file-file-file-file-file-file'

/** Opens the file, or creates it, and starts the app on it. */
export function startOnFile(path: string) {
  const lines: string[] = []
  const log: Log = (_level, event, { error, detail } = {}) =>
    void lines.push(`${event} ${error ?? detail}`)
  const { d1, health, close } = openDatabaseFile(path, MIGRATIONS, { busyTimeoutMs: 10, log })
  const { shared } = readSettings({})
  const services = createServices(
    d1,
    {
      ...shared,
      encryptionKeys: [{ kid: 'k1', key: new Uint8Array(32) }],
      rootKeyHash: hashSecret(ROOT_KEY),
    },
    {
      pause: async () => {},
      log,
      checker: { probe: () => Promise.reject(new Error()), readiness: async () => 'ready' },
      databaseHealth: health,
    },
  )
  const app = createApp(services)
  const deferred = createDeferredWork((error) => void lines.push(`deferred ${error}`))
  const call = async (method: string, at: string, body?: object) => {
    const response = await app.request(
      PUBLIC_URL + at,
      {
        method,
        headers: {
          authorization: `Bearer ${ROOT_KEY}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      },
      { clientAddress: '192.0.2.1' },
      deferred.context,
    )
    await deferred.idle()
    return response
  }
  return {
    d1,
    health,
    close,
    /** Event and error or detail of each log line. */
    lines,
    call,
    /** Stores an API key and its event in one transaction. */
    createKey: (name: string) => call('POST', '/v1/api-keys', { name, scopes: ['read'] }),
  }
}
