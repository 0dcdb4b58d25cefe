/** Mailgrant on Node, as a process that is killed and restarted on the same folder, beside a simulated Entra. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createD1 } from '../../api/node/d1.ts'
import { createSealer } from '../../api/store/seal.ts'
import { type Product, startProduct } from '../api/node/product-process.ts'
import { freePorts } from '../sandbox/free-ports.ts'
import { app } from '../sandbox/personas.ts'
import type { DeploymentOptions } from './deployment.ts'
import { startEntraServer } from './entra-server.ts'
import { createProductClient, ROOT_KEY } from './product-client.ts'

const KEY = { kid: 'k1', key: new Uint8Array(32).fill(1) }

export type OwnServer = Awaited<ReturnType<typeof startOwnServer>>

export async function startOwnServer(options: DeploymentOptions) {
  const folder = await mkdtemp(join(tmpdir(), 'mailgrant-own-server-'))
  const [port = 0] = await freePorts(1)
  const publicUrl = `http://localhost:${port}`
  const redirectUris = [`${publicUrl}/oauth/microsoft/callback`]
  const microsoft = await startEntraServer(
    { ...options.entra, app: { ...app, redirectUris } },
    options.front,
  )
  let product: Product | undefined
  const start = async (): Promise<void> => {
    product = await startProduct({
      dataDir: join(folder, 'data'),
      port,
      env: {
        ENCRYPTION_KEYS: `${KEY.kid}:${Buffer.from(KEY.key).toString('base64')}`,
        ROOT_API_KEY: ROOT_KEY,
        ENTRA_AUTHORITY: microsoft.url,
        ALLOW_LOOPBACK_WEBHOOKS: 'true',
        // The schedule would refresh a token beside those that a trial counts.
        VALIDATE_EVERY_HOURS: 'off',
      },
    })
  }
  /** Ends the process at once, as the kernel does when memory runs out. */
  const kill = async (): Promise<void> => {
    closeDatabase()
    await product?.[Symbol.asyncDispose]()
    product = undefined
  }
  let logged = 0
  const log = () => product?.output() ?? ''

  /** Connection to the file beside the process's own, while the process runs. */
  let database: DatabaseSync | undefined
  const openDatabase = (): DatabaseSync => {
    database ??= new DatabaseSync(join(folder, 'data/mailgrant.sqlite'), { timeout: 10_000 })
    return database
  }
  function closeDatabase(): void {
    database?.close()
    database = undefined
  }
  const sealer = createSealer([KEY])

  await start()
  const client = createProductClient({
    publicUrl,
    urlOf: () => `http://127.0.0.1:${port}`,
    entra: microsoft.entra,
    lastLog: () => log().trimEnd().split('\n').at(-1),
  })
  await client.configure()
  return {
    ...client,
    entra: microsoft.entra,
    network: microsoft.network,
    issued: microsoft.issued,
    takeLog(): string {
      const text = log().slice(logged)
      logged += text.length
      return text
    },
    maintain: null,
    db: async () => createD1(openDatabase()),
    start,
    kill,
    /** Runs a statement beside the process, also while it is not running. */
    query<Row = Record<string, string | number | null>>(sql: string): Row[] {
      return openDatabase().prepare(sql).all() as Row[]
    },
    /** Decrypts a token of a grant. */
    open: (sealed: string, grant: string, column: 'access_token' | 'refresh_token') =>
      sealer.open(
        sealed,
        column === 'refresh_token'
          ? { table: 'grants', row: grant, column }
          : { table: 'grant_tokens', row: `${grant}|outlook`, column },
      ),
    async stop(): Promise<void> {
      await kill()
      await microsoft.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
