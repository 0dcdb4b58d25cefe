import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../source-files.ts'
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

async function createKey(product: Product, rootKey = ROOT_API_KEY) {
  const body = { name: 'Worker', scopes: ['read'] }
  const response = await call(product, 'POST', '/v1/api-keys', rootKey, body)
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

it('npm run backup needs no .env that its user cannot read, if DATA_DIR is set', SLOW, async () => {
  await using product = await startProduct()
  const home = createTemporaryFolder()
  // Reading a folder fails for every user, root included.
  mkdirSync(join(home, '.env'))
  const args = ['backup', join(product.dataDir, 'copy.sqlite')]
  const options = { dataDir: product.dataDir, cwd: home }
  expect(await runProduct({ ...options, args })).toMatchObject({
    code: 0,
    output: expect.stringMatching(
      /^The file \.env cannot be read \(EISDIR\)[\s\S]*Copied the database/,
    ),
  })
  const noFolder = await runProduct({ ...options, env: { DATA_DIR: '' }, args })
  expect(noFolder).toMatchObject({ code: 1, output: expect.stringContaining('cannot be read') })
  expect(await runProduct(options)).toMatchObject({ code: 78 })
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
        output: expect.stringMatching(/2 API keys[\s\S]*it is useless without their keys/),
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
    expect(data).toMatchObject([{ actor: { type: 'system' }, data: { api_keys_revoked: 0 } }])
  })
})

it.each(['deleted', 'replaced by an older copy'])(
  'files that are %s under the server lose nothing acknowledged',
  SLOW,
  async (change) => {
    // A deleted file can only be copied from /proc.
    if (process.platform !== 'linux') return
    const dataDir = createTemporaryFolder()
    const env = { ROOT_API_KEY }
    const file = join(dataDir, 'mailgrant.sqlite')
    const folder = createTemporaryFolder()
    const older = join(folder, 'older.sqlite')
    const keyBefore = async (product: Product, end: string, damage: () => void) => {
      const { key } = await createKey(product)
      damage()
      const lost = { name: 'Lost', scopes: ['read'] }
      const refused = await call(product, 'POST', '/v1/api-keys', ROOT_API_KEY, lost)
      expect(refused.status).toBe(503)
      expect((await call(product, 'GET', '/readyz')).status).toBe(503)
      expect(product.output()).toContain(`The file mailgrant.sqlite${end} was deleted`)
      return key
    }
    await using first = await startProduct({ dataDir, env })
    expect(await runProduct({ dataDir, env, args: ['backup', older] })).toMatchObject({ code: 0 })
    const keys = [await keyBefore(first, '-wal', () => rmSync(`${file}-wal`))]
    await first.stop()
    await using second = await startProduct({ dataDir, env })
    const damage = () => (change === 'deleted' ? rmSync(file) : renameSync(older, file))
    keys.push(await keyBefore(second, '', damage))
    const guide = readFileSync(join(root, 'api/node/backup.md'), 'utf8')
    const [, rescue = ''] = /^pid=.*\n([^`]+)/m.exec(guide) ?? []
    const commands = rescue
      .replaceAll(/sudo | -o mailgrant/g, '')
      .replaceAll('/tmp/rescued', `${folder}/rescued`)
    execFileSync('sh', ['-ec', commands], { env: { ...process.env, pid: String(second.pid) } })
    await second.stop()
    const args = ['restore', join(folder, 'rescued.sqlite')]
    expect(await runProduct({ dataDir, env, args })).toMatchObject({ code: 0 })
    await using third = await startProduct({ dataDir, env })
    for (const key of keys) expect(await statusOf(third, key)).toBe(200)
  },
)

it('a standby machine takes over with the files that its page fetches', SLOW, async () => {
  const page = readFileSync(join(root, 'api/node/standby.md'), 'utf8')
  const [, included = ''] = /^include = (.* \/revoked .*)$/m.exec(page) ?? []
  const fetched = included.split(' ').filter((path) => /^\/[\w-]+\/?$/.test(path))
  const dataDir = createTemporaryFolder()
  const copy = join('backup', 'mailgrant-2026-11-26T1415Z.sqlite')
  const [revoked, good] = await (async () => {
    const first = createTemporaryFolder()
    await using product = await startProduct({ dataDir: first })
    const rootKey = readFileSync(join(first, 'root-key'), 'utf8').trim()
    const keys = [await createKey(product, rootKey), await createKey(product, rootKey)] as const
    mkdirSync(join(first, 'backup'))
    await runProduct({ dataDir: first, args: ['backup', join(first, copy)] })
    await call(product, 'DELETE', `/v1/api-keys/${keys[0].id}`, rootKey)
    for (const path of fetched) cpSync(join(first, path), join(dataDir, path), { recursive: true })
    return keys
  })()
  expect(await runProduct({ dataDir })).toMatchObject({
    code: 78,
    output: expect.stringContaining('restore a copy of it'),
  })
  const args = ['restore', join(dataDir, copy)]
  expect(await runProduct({ dataDir, args })).toMatchObject({ code: 0 })
  await using product = await startProduct({ dataDir })
  expect([await statusOf(product, revoked.key), await statusOf(product, good.key)]).toEqual([
    401, 200,
  ])
})

it(
  'a database whose encryption keys are lost is put aside: new keys, new sign-ins',
  SLOW,
  async () => {
    const dataDir = createTemporaryFolder()
    const env = { ROOT_API_KEY }
    const copy = join(createTemporaryFolder(), 'copy.sqlite')
    const key = await (async () => {
      await using product = await startProduct({ dataDir, env })
      const { key } = await createKey(product)
      expect(await runProduct({ dataDir, env, args: ['backup', copy] })).toMatchObject({ code: 0 })
      return key
    })()
    rmSync(join(dataDir, 'encryption-keys'))
    const refused = await runProduct({ dataDir, env })
    expect(refused.output).toContain('move what is in')
    renameSync(dataDir, `${dataDir}-lost`)
    await using product = await startProduct({ dataDir, env })
    expect(await statusOf(product, key)).toBe(401)
    expect(await statusOf(product, (await createKey(product)).key)).toBe(200)
  },
)

describe('BACKUP_DIR', SLOW, () => {
  it('gets a copy at the start, made by a process of its own', async () => {
    const folder = join(createTemporaryFolder(), 'copies')
    await using product = await startProduct({ env: { BACKUP_DIR: folder } })
    await product.waitForOutput(/backup_made/)
    expect(readdirSync(folder)).toEqual([
      expect.stringMatching(/^mailgrant-\d{4}-\d\d-\d\dT\d{4}Z\.sqlite$/),
    ])
  })

  it('that cannot be used is reported by the readiness check, while calls are served', async () => {
    await using product = await startProduct({ env: { BACKUP_DIR: '/dev/null/copies' } })
    await product.waitForOutput(/backup_failed/)
    const response = await fetch(`${product.url}/readyz`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      status: 'degraded',
      checks: { database: { detail: expect.stringContaining('The copy of the database failed') } },
    })
  })
})
