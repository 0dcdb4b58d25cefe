/**
 * The own server as a process that is killed and started again on the same folder, beside a simulated Entra
 * that records what it issues, and an endpoint for webhooks.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createSealer } from '../../api/store/seal.ts'
import { type Product, startProduct } from '../api/node/product-process.ts'
import { app, type Person } from '../sandbox/cast.ts'
import { createEntra } from '../sandbox/entra/entra.ts'
import { freePorts } from '../sandbox/free-ports.ts'
import { serveHttp } from '../sandbox/http-server.ts'
import { sleep } from './isolates.ts'
import { createProductClient, ROOT_KEY } from './product-client.ts'

const KEY = { kid: 'k1', key: new Uint8Array(32).fill(1) }
/** Time that Entra takes to answer, so that kills meet requests under way. */
const ENTRA_MS = 20

/** Tokens of one answer of Entra. */
export type IssuedPair = { access: string; refresh: string }

export type OwnServer = Awaited<ReturnType<typeof startOwnServer>>

export async function startOwnServer(people: readonly Person[]) {
  const folder = await mkdtemp(join(tmpdir(), 'mailgrant-own-server-'))
  const [port = 0] = await freePorts(1)
  const publicUrl = `http://localhost:${port}`
  const entra = createEntra({
    people,
    app: { ...app, redirectUris: [`${publicUrl}/oauth/microsoft/callback`] },
  })
  const issued: IssuedPair[] = []
  const microsoft = await serveHttp(async (request) => {
    await sleep(ENTRA_MS / 2)
    const response = await entra.fetch(request)
    const text = await response.text()
    if (response.ok && new URL(request.url).pathname.endsWith('/token')) {
      const { access_token, refresh_token } = JSON.parse(text) as Record<string, string>
      issued.push({ access: access_token ?? '', refresh: refresh_token ?? '' })
    }
    await sleep(ENTRA_MS / 2)
    return new Response(text, response)
  })
  /** Ids of the events whose message has arrived. */
  const notified = new Set<string>()
  const receiver = await serveHttp(async (request) => {
    const { data } = (await request.json()) as { data: { event_id: string } }
    notified.add(data.event_id)
    return new Response(null, { status: 204 })
  })

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
      },
    })
  }
  /** Ends the process at once, as the kernel does when memory runs out. */
  const kill = async (): Promise<void> => {
    await product?.[Symbol.asyncDispose]()
    product = undefined
  }
  const sealer = createSealer([KEY])

  await start()
  const client = createProductClient({
    publicUrl,
    urlOf: () => `http://127.0.0.1:${port}`,
    entra,
    lastLog: () => product?.output().trimEnd().split('\n').at(-1),
  })
  await client.configure()
  const webhookUrl = `${receiver.url}/hooks`
  await client.expectStatus(201, 'POST', '/v1/webhooks', { url: webhookUrl })
  return {
    ...client,
    entra,
    /** Tokens that Entra has issued, oldest first. */
    issued,
    notified,
    webhookUrl,
    start,
    kill,
    /** Runs statements on the file, beside the process. */
    async query<Row = Record<string, string | number | null>>(sql: string): Promise<Row[]> {
      const database = new DatabaseSync(join(folder, 'data/mailgrant.sqlite'), { timeout: 10_000 })
      try {
        return database.prepare(sql).all() as Row[]
      } finally {
        database.close()
      }
    },
    /** Decrypts a column of a grant. */
    open: (sealed: string, row: string, column: string): Promise<string> =>
      sealer.open(sealed, { table: 'grants', row, column }),
    async stop(): Promise<void> {
      await kill()
      await Promise.all([receiver.stop(), microsoft.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}
