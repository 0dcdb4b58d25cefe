/**
 * Moves a database from a file to D1, back to a file and to D1 again, with the commands that the documentation names.
 * After each move every email account must get the token that was moved with it, and then a refreshed one.
 */

import { env } from 'cloudflare:workers'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getPlatformProxy } from 'wrangler'
import { createApp } from '../../api/app.ts'
import { type CommandContext, runCommand } from '../../api/node/commands.ts'
import { openDatabaseFile } from '../../api/node/database.ts'
import { WRANGLERS_TABLE } from '../../api/node/database-schema.ts'
import { readMigrations } from '../../api/node/migrations.ts'
import { createServices } from '../../api/services.ts'
import { DAY_MS } from '../../schema/durations.ts'
import { createWorld, PUBLIC_URL, ROOT_KEY, settings, type World } from '../api/harness.ts'
import { savedAccount } from '../api/saved-account.ts'
import { localD1 } from '../local-d1.ts'
import { createTally, type Kind, type Size } from './kinds.ts'

const MIGRATIONS = join(import.meta.dirname, '../../schema/d1/migrations')
const ACCOUNTS: Record<Size, number> = { small: 10, full: 1_000 }
const AT_ONCE = 10
const HOURS = 3_600

export async function movingHouse(size: Size): Promise<Kind[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mailgrant-moving-'))
  const tally = createTally()
  try {
    const world = await createWorld()
    const paths: string[] = []
    for (let index = 0; index < ACCOUNTS[size]; index += 1) {
      paths.push((await savedAccount(world)).path)
    }
    const first = join(folder, 'first')
    await createFirstFile(first)
    const check = (station: string, d1: D1Database) =>
      checkStation(tally, world, paths, station, d1)

    await withFile(first, (d1) => check('a file', d1))
    await moveToD1(first, join(folder, 'edge'))
    await withD1(join(folder, 'edge'), (d1) => check('D1', d1))
    await moveFromD1(join(folder, 'edge'), join(folder, 'second'))
    await withFile(join(folder, 'second'), (d1) => check('a file again', d1))
    await moveToD1(join(folder, 'second'), join(folder, 'edge-again'))
    await withD1(join(folder, 'edge-again'), (d1) => check('D1 again', d1))
    return tally.kinds()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Writes the database of the world to a file, whose migrations have been applied. */
async function createFirstFile(dataDir: string): Promise<void> {
  await mkdir(dataDir)
  await env.DB.prepare(WRANGLERS_TABLE).run()
  const insert = env.DB.prepare('INSERT INTO d1_migrations (name) VALUES (?)')
  await env.DB.batch(readMigrations(MIGRATIONS).map(({ name }) => insert.bind(name)))
  await env.DB.exec(`VACUUM INTO '${fileIn(dataDir)}'`)
}

type Tally = ReturnType<typeof createTally>
type Token = { access_token: string; refreshed?: boolean }

/** The token of each account before the move. */
const tokens = new Map<string, string>()

/** Refreshes so far. Their counts are moved with the database. */
let refreshed = 0

async function checkStation(
  tally: Tally,
  world: World,
  paths: readonly string[],
  station: string,
  d1: D1Database,
): Promise<void> {
  const { fetch, now, random, pause } = world.services
  const app = createApp(createServices(d1, settings, { fetch, now, random, pause, log: () => {} }))
  const work: Promise<unknown>[] = []
  const context = { waitUntil: (each: Promise<unknown>) => work.push(each), props: {} }
  const issue = async (path: string) => {
    const headers = { authorization: `Bearer ${ROOT_KEY}` }
    const request = new Request(`${PUBLIC_URL}${path}`, { method: 'POST', headers })
    const bindings = { clientAddress: '192.0.2.1' }
    const response = await app.fetch(request, bindings, context as unknown as ExecutionContext)
    const body = await response.json<Token & { code?: string }>()
    return {
      ...body,
      failure: response.status === 200 ? [] : [`${path}: ${response.status} ${body.code}`],
    }
  }
  await forAll(paths, (path) =>
    tally.trial(`the stored token issued in ${station}`, async () => {
      const { access_token: token, failure } = await issue(path)
      const before = tokens.get(path)
      if (before !== undefined && token !== before) failure.push(`${path}: another token`)
      return failure
    }),
  )
  world.advance(2 * HOURS)
  await forAll(paths, (path) =>
    tally.trial(`a token refreshed in ${station}`, async () => {
      const { access_token: token, failure } = await issue(path)
      if (token === tokens.get(path)) failure.push(`${path}: the expired token`)
      tokens.set(path, token)
      return failure
    }),
  )
  await Promise.all(work)
  await tally.trial(`token requests counted in ${station}`, async () => {
    refreshed += paths.length
    const sql = 'SELECT sum(tokens_succeeded) AS counted FROM daily_counts'
    const counted = await d1.prepare(sql).first('counted')
    return counted === refreshed ? [] : [`${counted} of ${refreshed} token requests are counted`]
  })
}

async function forAll(paths: readonly string[], work: (path: string) => Promise<void>) {
  const left = [...paths]
  const worker = async () => {
    for (let path = left.pop(); path !== undefined; path = left.pop()) await work(path)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

const fileIn = (dataDir: string) => join(dataDir, 'mailgrant.sqlite')

const contextOf = (dataDir: string): CommandContext => ({
  dataDir,
  databaseFile: fileIn(dataDir),
  folder: '',
  migrations: readMigrations(MIGRATIONS),
  keySource: 'ENCRYPTION_KEYS',
  copyRules: { everyMs: DAY_MS, keep: 7 },
  now: () => new Date(),
})

async function withFile(dataDir: string, work: (d1: D1Database) => Promise<void>): Promise<void> {
  const file = openDatabaseFile(fileIn(dataDir), readMigrations(MIGRATIONS))
  try {
    await work(file.d1)
  } finally {
    file.close()
  }
}

/** The folder is that of a deployment, since wrangler keeps its local D1 in it. */
async function withD1(folder: string, work: (d1: D1Database) => Promise<void>): Promise<void> {
  const proxy = await getPlatformProxy<{ DB: D1Database }>({
    configPath: join(folder, 'wrangler.toml'),
    persist: { path: join(folder, '.wrangler/state/v3') },
  })
  try {
    await work(proxy.env.DB)
  } finally {
    await proxy.dispose()
  }
}

async function moveToD1(dataDir: string, folder: string): Promise<void> {
  const sql = join(dataDir, 'export.sql')
  runCommand(contextOf(dataDir), 'export', [sql])
  const { importFrom, pendingMigrations } = localD1(folder)
  await importFrom(sql)
  // A deployment applies migrations next, of which there must be none.
  const pending = await pendingMigrations()
  if (!pending.includes('No migrations to apply')) throw new Error(pending)
}

async function moveFromD1(folder: string, dataDir: string): Promise<void> {
  const sql = join(folder, 'export.sql')
  await localD1(folder).exportTo(sql)
  runCommand(contextOf(dataDir), 'import', [sql, '--keep-keys'])
}
