/**
 * Bundles as they are deployed, and workerd to run them: one process and one D1 each, with the same
 * configuration. Requests go directly to the Worker, without the proxy of a development server.
 */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Miniflare, type WorkerOptions } from 'miniflare'
import { bundleWorker } from '../../api/build-worker.ts'
import { readMigrations } from '../../api/node/migrations.ts'
import { writableColumns } from './columns.ts'

const root = join(import.meta.dirname, '../..')

/** The most that the Worker may weigh, minified and gzipped, in KiB. Cloudflare allows 3 MB. */
export const WORKER_KIB = 378

export type Bundle = {
  code: string
  /** Size in bytes, minified and gzipped. */
  gzipped: number
}

/** Bundles as for deployment. `entry` is relative to the project. */
export async function bundle(entry: string): Promise<Bundle> {
  const code = Buffer.from(await bundleWorker(entry))
  return { code: code.toString(), gzipped: gzipSync(code, { level: 9 }).length }
}

export type Database = Awaited<ReturnType<Miniflare['getD1Database']>>

export type Workerd = {
  /** Origin. */
  url: string
  db: () => Promise<Database>
  stop: () => Promise<void>
}

/** Configures a Worker with these settings, which listens on a port of its own. */
export function workerOptions(
  name: string,
  { code }: Bundle,
  settings: Record<string, string>,
  port = 0,
): WorkerOptions {
  const variables = Object.entries(settings).map(([key, value]) => [key, { type: 'text', value }])
  return {
    config: {
      name,
      compatibilityDate: '2026-11-01',
      compatibilityFlags: ['nodejs_compat'],
      manifest: {
        mainModule: 'worker.js',
        modules: { 'worker.js': { type: 'esm', contents: code } },
      },
      env: {
        DB: { type: 'd1', id: 'mailgrant' },
        ASSETS: { type: 'worker', worker: 'no-assets' },
        ...Object.fromEntries(variables),
      },
    },
    dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port }] },
  }
}

/** A service in place of the assets, without which the Worker does not start. */
export const NO_ASSETS: WorkerOptions = {
  config: {
    name: 'no-assets',
    compatibilityDate: '2026-11-01',
    manifest: {
      mainModule: 'none.js',
      modules: {
        'none.js': {
          type: 'esm',
          contents: 'export default { fetch: () => new Response(null, { status: 404 }) }',
        },
      },
    },
  },
}

/** Starts workerd with an empty database in memory. */
export async function startWorkerd(
  code: Bundle,
  settings: Record<string, string> = {},
  port = 0,
): Promise<Workerd> {
  const miniflare = new Miniflare({
    cf: false,
    telemetry: { enabled: false },
    handleStructuredLogs() {},
    workers: [workerOptions('worker', code, settings, port), NO_ASSETS],
  })
  const { origin } = await miniflare.unsafeGetDirectURL()
  return {
    url: origin,
    db: () => miniflare.getD1Database('DB'),
    stop: () => miniflare.dispose(),
  }
}

export async function migrate(worker: Pick<Workerd, 'db'>): Promise<void> {
  const db = await worker.db()
  for (const { sql } of readMigrations(join(root, 'schema/d1/migrations'))) {
    const statements = sql.split('--> statement-breakpoint')
    await db.batch(statements.map((statement) => db.prepare(statement)))
  }
}

/** Copies every row of every table. */
export async function copyRows(from: Workerd, to: Workerd): Promise<void> {
  const target = await to.db()
  for await (const { insert, values } of insertsOf(from)) {
    await target
      .prepare(insert)
      .bind(...values)
      .run()
  }
}

/** Yields each row of each table as the statement that inserts it, with its values. */
export async function* insertsOf(from: Workerd) {
  const source = await from.db()
  const tables = await source
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
    )
    .all<{ name: string }>()
  for (const { name } of tables.results) {
    const columns = await writableColumns(source, name)
    const { results } = await source
      .prepare(`SELECT ${columns} FROM ${name}`)
      .all<Record<string, string | number | null>>()
    const placeholders = columns.map(() => '?')
    // Triggers have counted the rows of other tables by now, in rows that the copy has too.
    const insert = `INSERT OR REPLACE INTO ${name} (${columns}) VALUES (${placeholders})`
    for (const row of results) yield { insert, values: Object.values(row) }
  }
}
