/**
 * (n) Every GET of the OpenAPI document with each of its filters, on Mailgrant in Node with 100,000 mail accounts:
 * its duration, and how long others wait meanwhile. One owner has all accounts. One grant and its customer have
 * 10,000, and 1,000 customers have the others. One account has 100,000 events.
 */
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import type { BenchSetup } from './bench-setup.ts'
import { spread } from './blocks.ts'
import { startOwnServer } from './own-server.ts'
import { type Figure, informationRow, sizeRow } from './table.ts'

const ACCOUNTS = 100_000
const OF_ONE_GRANT = 10_000
const CUSTOMERS = 1000
const PROBE_EVERY_MS = 5

type Parameter = { name?: string; in?: string; schema?: { enum?: string[] } }
type Document = { paths: Record<string, { get?: { parameters?: Parameter[] } }> }
type Measured = { path: string; status: number; duration: number; stall: number }

const document: Document = JSON.parse(
  readFileSync(new URL('../../schema/openapi.json', import.meta.url), 'utf8'),
)

export async function lists(setup: BenchSetup, requests: number): Promise<Figure> {
  const own = await startOwnServer(setup.product, setup.servers)
  try {
    const account = setup.product.accounts.imap
    const grant = fill(own.database, account)
    const headers = { authorization: `Bearer ${setup.product.key}` }
    const get = async (path: string) => {
      const response = await fetch(own.url + path, { headers, redirect: 'manual' })
      await response.arrayBuffer()
      return response.status
    }
    const idle = await longestWait(own.url, () => pause(1000))
    const measured: Measured[] = []
    for (const path of pathsOf({ account, grant })) {
      const durations: number[] = []
      let status = await get(path)
      const stall = await longestWait(own.url, async () => {
        for (let count = 0; count < requests; count += 1) {
          const started = performance.now()
          status = await get(path)
          durations.push(performance.now() - started)
        }
      })
      measured.push({ path, status, duration: spread(durations).median, stall })
    }
    const slowest = measured.toSorted((a, b) => b.stall - a.stall)
    return {
      rows: [
        sizeRow(
          `(n) Node: longest wait beside a GET at ${ACCOUNTS} accounts, ms`,
          [slowest[0]?.stall ?? Number.NaN, idle],
          { atMost: 50 },
        ),
        informationRow('    duration, ms', spread(measured.map(({ duration }) => duration))),
      ],
      notes: [
        `(n) GET /healthz every ${PROBE_EVERY_MS} ms, beside ${requests} requests of each path in turn. baseline: beside none.`,
        '    status, median in ms, longest wait of /healthz in ms, path:',
        ...slowest.map(
          ({ path, status, duration, stall }) =>
            `    ${status} ${duration.toFixed(1).padStart(7)} ${stall.toFixed(1).padStart(7)}  ${path}`,
        ),
      ],
    }
  } finally {
    await own.stop()
  }
}

/** Returns the longest duration of a health check while the work runs, in milliseconds. */
async function longestWait(url: string, work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let ended = false
  async function probe() {
    while (!ended) {
      const started = performance.now()
      await (await fetch(`${url}/healthz`)).arrayBuffer()
      longest = Math.max(longest, performance.now() - started)
      await pause(PROBE_EVERY_MS)
    }
  }
  const probing = probe()
  await work()
  ended = true
  await probing
  return longest
}

/** Returns each path without a query, with one filter, and lists of accounts in each order with each filter. */
function pathsOf({ account, grant }: { account: string; grant: string }): string[] {
  const ids: Record<string, string> = { 'mail-accounts': account, grants: grant }
  const samples: Record<string, string[]> = {
    q: ['nothing', 'user', 'dep_1'],
    customer: ['c1', 'large', ''],
    owner_id: ['dep_1', 'none'],
    username: ['user1@contoso.test'],
    grant_id: [grant],
    duplicate: ['true'],
    subject: [account],
    days: ['90'],
    limit: ['200'],
    health: ['ok', 'inactive'],
  }
  return Object.entries(document.paths).flatMap(([template, { get }]) => {
    if (!get) return []
    const [, , collection = ''] = template.split('/')
    const path = template.replace('{id}', ids[collection] ?? 'none')
    const queries = (get.parameters ?? [])
      .filter((parameter) => parameter.in === 'query')
      .map(({ name = '', schema }) =>
        (samples[name] ?? schema?.enum ?? []).map(
          (value) => `${name}=${encodeURIComponent(value)}`,
        ),
      )
    const [sorts = []] = queries.filter(([first = '']) => first.startsWith('sort='))
    const pairs = sorts.flatMap((sort) =>
      queries
        .filter((one) => one !== sorts)
        .flatMap((one) => one.map((query) => `${sort}&${query}`)),
    )
    return [path, ...[...queries.flat(), ...pairs].map((query) => `${path}?${query}`)]
  })
}

/** Fills the database and returns the id of the account's grant, which 10,000 accounts share. */
function fill(file: string, account: string): string {
  using database = new DatabaseSync(file)
  const { grant_id } =
    database.prepare('SELECT grant_id FROM mail_accounts WHERE id = ?').get(account) ?? {}
  const copy = (table: string, original: string, changed: Record<string, string>, key = 'id') => {
    const names = database
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map(({ name }) => String(name))
    const values = names.map((name) => changed[name] ?? `original.${name}`)
    database
      .prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ACCOUNTS})
         INSERT INTO ${table} (${names}) SELECT ${values} FROM n, ${table} AS original WHERE original.${key} = ?`,
      )
      .run(original)
  }
  database.exec('BEGIN')
  const customer = `'c' || i % ${CUSTOMERS}`
  copy('grants', String(grant_id), { id: "'gr_' || i", customer, created_at: 'created_at + i' })
  copy('grant_tokens', String(grant_id), { grant_id: "'gr_' || i" }, 'grant_id')
  copy('mail_accounts', account, {
    id: "'ma_' || i",
    username: "'User' || (i / 2 * 7919 % 50021) || '@contoso.test'",
    name: "'Mailbox ' || i",
    owner_id: "'dep_1'",
    protocol: "iif(i % 2, 'smtp', 'imap')",
    grant_id: `iif(i <= ${OF_ONE_GRANT}, grant_id, 'gr_' || i)`,
    created_at: 'created_at + i * 7919 % 100000',
  })
  copy('events', readEvent(database), {
    id: "'ev_' || i",
    customer,
    subject: `'${account}'`,
    at: 'at + i',
    pending_delivery: '0',
  })
  // A trigger moves the accounts of the grant as well.
  database.prepare("UPDATE grants SET customer = 'large' WHERE id = ?").run(String(grant_id))
  database.exec('INSERT OR IGNORE INTO customers (name) SELECT DISTINCT customer FROM grants')
  database.exec('COMMIT')
  return String(grant_id)
}

const readEvent = (database: DatabaseSync) =>
  String(
    database.prepare("SELECT id FROM events WHERE type = 'mail_account.created' LIMIT 1").get()?.id,
  )
