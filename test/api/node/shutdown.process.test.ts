import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createProductClient, ROOT_KEY } from '../../faults/product-client.ts'
import { createEntra } from '../../sandbox/entra/entra.ts'
import { freePorts } from '../../sandbox/free-ports.ts'
import { serveHttp } from '../../sandbox/http-server.ts'
import { app } from '../../sandbox/personas.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { runProduct, startProduct } from './product-process.ts'
import { openRaw } from './raw-connection.ts'

/** Starting a process may take seconds on a busy machine, and the first one builds. */
const SLOW = { timeout: 60_000 }

/** A product with a connected mailbox, at a simulated Entra whose slow responses wait for `release()`. */
async function startConnected() {
  const [port = 0] = await freePorts(1)
  const publicUrl = `http://localhost:${port}`
  const asked = Promise.withResolvers<void>()
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const entra = createEntra({
    app: { ...app, redirectUris: [`${publicUrl}/oauth/microsoft/callback`] },
    wait() {
      asked.resolve()
      return released
    },
  })
  const microsoft = await serveHttp(entra.fetch)
  onTestFinished(microsoft.stop)
  const dataDir = join(createTemporaryFolder(), 'data')
  const env = { ROOT_API_KEY: ROOT_KEY, ENTRA_AUTHORITY: microsoft.url }
  const start = () => startProduct({ port, dataDir, env })
  const product = await start()
  const client = createProductClient({
    publicUrl,
    urlOf: () => `http://127.0.0.1:${port}`,
    entra,
    lastLog: product.output,
  })
  await client.configure()
  const account = await client.connect()
  const file = new DatabaseSync(join(dataDir, 'mailgrant.sqlite'), { timeout: 10_000 })
  file.exec('UPDATE grant_tokens SET access_token_expires_at = 0')
  file.close()
  const issueToken = (signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${port}${account.path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ROOT_KEY}` },
      ...(signal && { signal }),
    })
  return { product, start, dataDir, port, entra, asked: asked.promise, release, issueToken }
}

/** Makes the process take itself for PID 1, and sends it SIGTERM in the middle of its start. */
const STOPPED_AT_START = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`
    const { pid, umask } = process
    Object.defineProperty(process, 'pid', { value: 1 })
    process.umask = (...mask) => {
      process.kill(pid, 'SIGTERM')
      return umask(...mask)
    }`)}`,
]

it(
  'PID 1, whose signals the kernel ignores without a handler, has one from the beginning',
  SLOW,
  async () => {
    const { code, signal } = await runProduct({ nodeOptions: STOPPED_AT_START })
    expect({ code, signal }).toEqual({ code: 0, signal: null })
  },
)

describe('SIGTERM', SLOW, () => {
  it('in the middle of a refresh: the caller is answered, and the token stored', async () => {
    const { product, start, dataDir, port, entra, asked, release, issueToken } =
      await startConnected()
    await using _product = product
    entra.control.faultNext({ kind: 'slow' })
    const idle = await openRaw(port)
    const responded = issueToken()
    await asked
    const ended = product.stop()
    await product.waitForOutput(/"event":"stopping"/)
    release()
    const response = await responded
    expect(response.status).toBe(200)
    expect(response.headers.get('connection')).toBe('close')
    const body = (await response.json()) as { access_token: string }
    expect(await ended).toMatchObject({ code: 0, signal: null })
    await idle.closed()
    await expect(openRaw(port)).rejects.toThrow('ECONNREFUSED')
    // Closing the file writes the WAL back.
    expect(existsSync(join(dataDir, 'mailgrant.sqlite-wal'))).toBe(false)
    expect(product.output()).toMatch(/"event":"stopping"[\s\S]*"event":"stopped"/)

    await using again = await start()
    expect(again.port).toBe(port)
    const refreshes = entra.counts().token.refresh_token
    expect(await (await issueToken()).json()).toMatchObject({ access_token: body.access_token })
    expect(entra.counts().token.refresh_token).toBe(refreshes)
  })

  it('in the middle of a refresh whose caller has gone: the token is stored', async () => {
    const { product, start, entra, asked, release, issueToken } = await startConnected()
    await using _product = product
    entra.control.faultNext({ kind: 'slow' })
    const gone = new AbortController()
    const caller = issueToken(gone.signal).catch(() => null)
    await asked
    gone.abort()
    const ended = product.stop()
    release()
    await Promise.all([caller, ended])
    await using _again = await start()
    const refreshes = entra.counts().token.refresh_token
    expect((await issueToken()).status).toBe(200)
    expect(entra.counts().token.refresh_token).toBe(refreshes)
  })
})

describe('the process', SLOW, () => {
  it('goes on when the reader of its log is gone', async () => {
    await using product = await startProduct()
    product.closeOutput()
    for (let call = 0; call < 3; call += 1) {
      expect((await fetch(`${product.url}/healthz`)).status).toBe(200)
    }
    expect(await product.stop()).toMatchObject({ code: 0, signal: null })
  })

  it('bounds the connections that wait for their client, and counts by the address of the client', async () => {
    await using product = await startProduct({ env: { TRUSTED_PROXIES: '127.0.0.1' } })
    const waiting = await Promise.all(
      Array.from({ length: 600 }, () => openRaw(product.port).catch(() => null)),
    )
    expect((await fetch(`${product.url}/healthz`)).status).toBe(200)
    const open = () => waiting.filter((one) => one && !one.socket.destroyed).length
    // The end of a connection reaches this side a little later.
    await expect.poll(open).toBeLessThanOrEqual(512)
    for (const one of waiting) one?.socket.destroy()

    const failed = async (address: string) => {
      const headers = { authorization: 'Bearer mg_unknown_x', 'x-forwarded-for': address }
      return (await fetch(`${product.url}/v1/grants`, { headers })).status
    }
    const statuses = await Promise.all(Array.from({ length: 35 }, () => failed('198.51.100.1')))
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0)
    expect(await failed('198.51.100.2')).toBe(401)
  })
})
