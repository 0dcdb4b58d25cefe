/** A backup of D1 as api/cloudflare.md makes it, put into a new database that the Worker then serves. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { hashSecret } from '../api/hash.ts'
import { exportSql, loadDump } from '../api/node/d1-dump.ts'
import { readMigrations } from '../api/node/migrations.ts'
import { takeRows } from '../api/node/take-rows.ts'
import packageJson from '../package.json' with { type: 'json' }
import { type LocalD1, localD1 } from './local-d1.ts'
import { RELEASE_KEYS, type ReleaseFacts } from './releases/releases.ts'
import { root } from './sandbox/demo/child.ts'
import { startWorker } from './sandbox/demo/wrangler.ts'
import { freePorts } from './sandbox/free-ports.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const SLOW = { timeout: 180_000 }
const ROOT_KEY = `mg_root_${'r'.repeat(32)}`
const ring = `k1:${Buffer.alloc(32, 1).toString('base64')}`
const releases = mkdtempSync(join(tmpdir(), 'mailgrant-releases-'))
const dump = join(releases, `${packageJson.version}.sql`)
let facts: ReleaseFacts

beforeAll(async () => {
  const env = { ...process.env, RELEASES: releases }
  await promisify(execFile)('npm', ['run', 'release-data'], { cwd: root, env })
  facts = JSON.parse(readFileSync(dump.replace(/sql$/, 'json'), 'utf8'))
}, 180_000)
afterAll(() => rmSync(releases, { recursive: true }))

/** Creates a folder with databases of wrangler's, each in a folder of its own. */
function createAccount() {
  const folder = createTemporaryFolder()
  return { folder, database: (name: string) => localD1(join(folder, name)) }
}

type Account = ReturnType<typeof createAccount>

/** A database in use, whose access tokens have not expired. */
async function databaseInUse(account: Account): Promise<LocalD1> {
  const used = account.database('used')
  await used.importFrom(dump)
  await used.migrate()
  const later = Date.now() + 86_400_000
  await used.execute(
    `UPDATE grant_tokens SET access_token_expires_at = ${later}; UPDATE app_tokens SET access_token_expires_at = ${later}`,
  )
  return used
}

async function countRows({ execute }: LocalD1): Promise<Record<string, number>> {
  const counts = Object.keys(facts.rows).map((table) => `(SELECT count(*) FROM ${table}) ${table}`)
  const [response] = JSON.parse(await execute(`SELECT ${counts.join()}`)) as {
    results: Record<string, number>[]
  }[]
  return response?.results[0] ?? {}
}

type Body = { data: unknown[]; access_token: string; checks: object }

/** Starts the Worker on the database. Returns how to call it with the root key. */
async function serve({ state }: LocalD1, folder: string) {
  const [port = 0] = await freePorts(1)
  const url = `http://localhost:${port}`
  const settings = {
    ...{ PUBLIC_URL: url, ROOT_API_KEY: ROOT_KEY, ENCRYPTION_KEYS: RELEASE_KEYS },
    ...{ CHECKER_URL: 'http://127.0.0.1:9', CHECKER_KEY: ring },
  }
  const worker = await startWorker({ folder, state, port, settings })
  onTestFinished(() => worker.stop())
  const headers = { authorization: `Bearer ${ROOT_KEY}` }
  const call = async (method: string, path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
    return { status: response.status, body: (await response.json()) as Body }
  }
  while ((await call('GET', '/healthz').catch(() => null))?.status !== 200) {
    const ended = await Promise.race([worker.exited, pause(200)])
    if (ended !== undefined) throw new Error(`The Worker has ended:\n${worker.tail()}`)
  }
  return call
}

it('is complete in a new database, and the Worker issues its tokens', SLOW, async () => {
  const account = createAccount()
  const backup = join(account.folder, 'backup.sql')
  const used = await databaseInUse(account)
  await used.exportTo(backup)
  const fresh = account.database('fresh')
  await fresh.importFrom(backup)
  expect(await fresh.pendingMigrations()).toContain('No migrations to apply')
  expect(await countRows(fresh)).toEqual(await countRows(used))

  const call = await serve(fresh, account.folder)
  const list = await call('GET', '/v1/mail-accounts')
  expect(list.body.data).toHaveLength(facts.rows.mail_accounts ?? 0)
  for (const { id, token_hash: hash } of facts.accounts) {
    const issued = await call('POST', `/v1/mail-accounts/${id}/access-token`)
    expect(issued.status).toBe(200)
    expect(hashSecret(issued.body.access_token)).toBe(hash)
  }
  expect((await call('GET', '/readyz')).body.checks).toMatchObject({
    database: { status: 'ok' },
    key_ring: { status: 'ok' },
  })
})

it('is refused by a database that has tables, which stays as it is', SLOW, async () => {
  const account = createAccount()
  const used = account.database('used')
  await used.importFrom(dump)
  await expect(used.importFrom(dump)).rejects.toMatchObject({
    stderr: expect.stringContaining('already exists'),
  })
  expect(await countRows(used)).toMatchObject(facts.rows)
})

it(
  'with a reply that is too long for one statement goes through a file, without this reply',
  SLOW,
  async () => {
    const account = createAccount()
    const used = await databaseInUse(account)
    await used.execute('UPDATE idempotency_records SET response_sealed = hex(zeroblob(80000))')
    const backup = join(account.folder, 'backup.sql')
    await used.exportTo(backup)
    await expect(account.database('refuses').importFrom(backup)).rejects.toMatchObject({
      stderr: expect.stringContaining('statement too long'),
    })
    const file = join(account.folder, 'mailgrant.sqlite')
    const split = join(account.folder, 'split.sql')
    loadDump(backup, `${file}.loaded`)
    takeRows(`${file}.loaded`, file, readMigrations(join(root, 'schema/d1/migrations')))
    exportSql(file, split)
    const lines = readFileSync(split, 'utf8').split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(100_000)
    const fresh = account.database('fresh')
    await fresh.importFrom(split)
    expect(await countRows(fresh)).toEqual({ ...(await countRows(used)), idempotency_records: 0 })
  },
)
