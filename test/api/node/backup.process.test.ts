import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { type Product, runProduct, startProduct } from './product-process.ts'

const SLOW = { timeout: 120_000 }
const ROOT_API_KEY = 'mg_root_for-the-test-of-copies-and-restores'

const call = (product: Product, method: string, path: string, key = ROOT_API_KEY, body?: object) =>
  fetch(`${product.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })

async function createKey(product: Product): Promise<{ id: string; key: string }> {
  const body = { name: 'Worker', scopes: ['read'] }
  const response = await call(product, 'POST', '/v1/api-keys', ROOT_API_KEY, body)
  return (await response.json()) as { id: string; key: string }
}

const statusOf = async (product: Product, key: string) =>
  (await call(product, 'GET', '/v1/integrations', key)).status

it('npm run backup resolves FILE where it was typed, not where package.json is', SLOW, async () => {
  await using product = await startProduct()
  const typedIn = createTemporaryFolder()
  const { output } = await runProduct({
    dataDir: product.dataDir,
    env: { INIT_CWD: typedIn },
    args: ['backup', 'copy.sqlite'],
  })
  expect(output).toContain(join(typedIn, 'copy.sqlite'))
  expect(existsSync(join(typedIn, 'copy.sqlite'))).toBe(true)
})

describe('a copy of a running server', SLOW, () => {
  it('is restored by one command, and brings back no revoked key', async () => {
    const dataDir = createTemporaryFolder()
    const env = { ROOT_API_KEY }
    const copy = join(dataDir, 'copy.sqlite')
    const command = (name: string, file: string) => runProduct({ dataDir, env, args: [name, file] })
    const [bad, good] = await (async () => {
      await using product = await startProduct({ dataDir, env })
      const keys = [await createKey(product), await createKey(product)] as const
      expect(await command('backup', copy)).toMatchObject({
        code: 0,
        output: expect.stringContaining('2 API keys'),
      })
      expect(await command('backup', copy)).toMatchObject({
        code: 1,
        output: expect.stringContaining('exists and is not overwritten'),
      })
      expect(await command('restore', copy)).toMatchObject({
        code: 1,
        output: expect.stringContaining('another Mailgrant is running'),
      })
      await call(product, 'DELETE', `/v1/api-keys/${keys[0].id}`)
      // Killed, so that a WAL is left beside the database.
      await product.stop('SIGKILL')
      return keys
    })()
    expect(existsSync(join(dataDir, 'mailgrant.sqlite-wal'))).toBe(true)
    expect(await command('restore', copy)).toMatchObject({ code: 0 })

    await using product = await startProduct({ dataDir, env })
    expect([await statusOf(product, bad.key), await statusOf(product, good.key)]).toEqual([
      401, 200,
    ])
    const { data } = (await (
      await call(product, 'GET', '/v1/events?type=database.restored')
    ).json()) as { data: object[] }
    expect(data).toMatchObject([{ actor: { type: 'system' } }])
  })
})

describe('BACKUP_DIR', SLOW, () => {
  it('gets a copy at the start, made by a process of its own', async () => {
    const folder = join(createTemporaryFolder(), 'copies')
    await using product = await startProduct({ env: { BACKUP_DIR: folder } })
    await product.waitForOutput(/backup_made/)
    expect(readdirSync(folder)).toEqual([
      expect.stringMatching(/^mailgrant-\d{4}-\d\d-\d\d\.sqlite$/),
    ])
  })

  it('that cannot be used is reported by the readiness check, while calls are served', async () => {
    await using product = await startProduct({ env: { BACKUP_DIR: '/dev/null/copies' } })
    await product.waitForOutput(/backup_failed/)
    const response = await fetch(`${product.url}/readyz`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      status: 'degraded',
      checks: { database: { detail: expect.stringContaining('The daily copy') } },
    })
  })
})
