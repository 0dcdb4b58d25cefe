/**
 * Two Workers in one workerd that share a D1 in a folder, as two isolates of a deployment do, and a
 * simulated Entra that ends a grant when a refresh token is used twice.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Miniflare } from 'miniflare'
import { type Bundle, bundle, migrate, NO_ASSETS, workerOptions } from '../bench/workerd.ts'
import type { DeploymentOptions } from './deployment.ts'
import { startEntraServer } from './entra-server.ts'
import { createProductClient, ROOT_KEY } from './product-client.ts'

/** Not a real address: the tests send requests to the isolates directly. */
const PUBLIC_URL = 'http://localhost:8787'

export type Isolates = Awaited<ReturnType<typeof startIsolates>>

const isolateNames = ['first', 'second'] as const

let bundled: Promise<Bundle> | undefined

const KEYS = `k1:${Buffer.alloc(32, 1).toString('base64')}`

export async function startIsolates(options: DeploymentOptions & { keys?: string }) {
  bundled ??= bundle('api/worker.ts')
  const code = await bundled
  const folder = await mkdtemp(join(tmpdir(), 'mailgrant-faults-'))
  const microsoft = await startEntraServer(options.entra ?? {}, options.front)
  const { entra, network } = microsoft
  const logs: string[] = []
  const settings = {
    PUBLIC_URL,
    ENCRYPTION_KEYS: options.keys ?? KEYS,
    ROOT_API_KEY: ROOT_KEY,
    CHECKER_URL: 'http://127.0.0.1:9',
    CHECKER_KEY: `c1:${Buffer.alloc(32, 2).toString('base64')}`,
    ALLOW_PRIVATE_HOSTS: 'true',
    ENTRA_AUTHORITY: microsoft.url,
  }

  let running: Miniflare | undefined
  let urls: string[] = []
  async function start(changed: Record<string, string> = {}): Promise<void> {
    running = new Miniflare({
      cf: false,
      telemetry: { enabled: false },
      resourcePersistencePath: join(folder, 'state'),
      handleStructuredLogs: ({ message }) => void logs.push(message),
      workers: [
        ...isolateNames.map((name) => workerOptions(name, code, { ...settings, ...changed })),
        NO_ASSETS,
      ],
    })
    const current = running
    const origins = isolateNames.map((name) => current.unsafeGetDirectURL(name))
    urls = (await Promise.all(origins)).map(({ origin }) => origin)
  }
  const miniflare = (): Miniflare => {
    if (!running) throw new Error('workerd does not run')
    return running
  }
  const db = () => miniflare().getD1Database('DB', 'first')
  const client = createProductClient({
    publicUrl: PUBLIC_URL,
    urlOf: (at) => urls[at % urls.length] ?? '',
    entra,
    lastLog: () => logs.at(-1),
  })

  await start()
  await migrate({ db })
  await client.configure()

  return {
    entra,
    network,
    takeLog: () => logs.splice(0).join('\n'),
    db,
    /** Sends even-numbered callers to the first isolate. */
    ...client,
    /** Runs the hourly maintenance of an isolate. */
    async maintain(at: number): Promise<void> {
      const worker = await miniflare().getWorker(isolateNames[at % isolateNames.length] ?? 'first')
      await worker.scheduled({ cron: '17 * * * *' })
    },
    /** Ends workerd as a power failure would. */
    async kill(): Promise<void> {
      process.kill(await workerdPid(), 'SIGKILL')
      await running?.dispose().catch(() => {})
      running = undefined
    },
    /** Starts workerd on the same database after a kill, with changed settings. */
    start,
    /** Deploys again, with changed settings. */
    async restart(changed: Record<string, string>): Promise<void> {
      await running?.dispose()
      await start(changed)
    },
    async stop(): Promise<void> {
      await running?.dispose()
      await microsoft.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Returns the process id of the workerd that this process has started. */
async function workerdPid(): Promise<number> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(stat) ?? []
    if (name === 'workerd' && Number(parent) === process.pid) return Number(entry)
  }
  throw new Error('workerd does not run')
}
