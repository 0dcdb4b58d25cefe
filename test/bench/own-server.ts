/**
 * The product in one Node process, from the bundle that `npm start` runs, with a copy of the rows of the
 * product in workerd. It writes its log to a file, as under systemd or Docker.
 */
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { buildAssets, buildServer } from '../../api/build.ts'
import { freePorts, until } from '../interop/ports.ts'
import { createApi } from '../journeys/api.ts'
import { type Delay, type Memory, startChild } from './child.ts'
import type { Product } from './product.ts'
import type { Servers } from './servers.ts'
import { insertsOf } from './workerd.ts'

export type OwnServer = Awaited<ReturnType<typeof startOwnServer>>

let built: Promise<unknown> | undefined

/** Starts the process with an empty folder, and copies all rows of the product into its database. */
export async function startOwnServer(
  product: Product,
  servers: Servers,
  settingsBeside: Record<string, string> = {},
) {
  built ??= Promise.all([buildAssets(), buildServer()])
  await built
  const dataDir = await mkdtemp(join(tmpdir(), 'mailgrant-bench-'))
  const log = await open(join(dataDir, 'log'), 'a')
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const { CHECKER_URL: _url, CHECKER_KEY: _key, ...settings } = product.settings
  const env = {
    ...settings,
    PUBLIC_URL: url,
    PORT: String(port),
    DATA_DIR: dataDir,
    NODE_EXTRA_CA_CERTS: servers.caFile,
    ...settingsBeside,
  }

  const startProcess = () =>
    startChild('../../dist/mailgrant.js', {
      // With TLS 1.3 Postfix waits 40 ms now and then (validation.ts).
      flags: ['--expose-gc', '--tls-max-v1.2'],
      env,
      // Not the folder of the project, whose .env the server would read.
      cwd: dataDir,
      stdout: log.fd,
    })
  let child = startProcess()
  const ready = () =>
    until(
      async () => (await fetch(`${url}/readyz`).catch(() => null))?.status === 200,
      () => 'The own server does not become ready.',
    )
  async function stop() {
    await child.stop()
    await log.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    await ready()
    const database = join(dataDir, 'mailgrant.sqlite')
    await copyInto(database, product)
    return {
      url,
      database,
      encryptionKeys: settings.ENCRYPTION_KEYS,
      api: createApi(url, settings.ROOT_API_KEY),
      watchDelay: () => child.request('watch delay'),
      delay: async () => (await child.request('delay')) as Delay,
      memory: async () => (await child.request('memory')) as Memory,
      /** Stops the process and starts it again. Returns the milliseconds until it is ready. */
      async restart(): Promise<number> {
        await child.stop()
        const started = performance.now()
        child = startProcess()
        await ready()
        return performance.now() - started
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function copyInto(file: string, product: Product): Promise<void> {
  using database = new DatabaseSync(file)
  for await (const { insert, values } of insertsOf(product.workerd)) {
    database.prepare(insert).run(...values)
  }
}
