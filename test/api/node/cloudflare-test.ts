/** The parts of `cloudflare:test` that the Worker's tests use, for tests in Node. */
type Migration = { name: string; queries: string[] }

const migrated = new WeakSet<D1Database>()

export async function applyD1Migrations(db: D1Database, migrations: Migration[]): Promise<void> {
  if (migrated.has(db)) return
  migrated.add(db)
  const applied = await appliedMigrations(db)
  const pending = migrations.filter(({ name }) => !applied.includes(name))
  for (const query of pending.flatMap(({ queries }) => queries)) await db.exec(query)
}

/** Returns what a database that came with a table of migrations says. */
async function appliedMigrations(db: D1Database): Promise<string[]> {
  const has = "SELECT 1 FROM sqlite_schema WHERE name = 'd1_migrations'"
  if ((await db.prepare(has).first()) === null) return []
  const { results } = await db.prepare('SELECT name FROM d1_migrations').all<{ name: string }>()
  return results.map(({ name }) => name)
}

const deferred = new WeakMap<object, Promise<unknown>[]>()

export function createExecutionContext() {
  const promises: Promise<unknown>[] = []
  const context = {
    waitUntil: (promise: Promise<unknown>) => void promises.push(promise),
    passThroughOnException: () => {},
    props: {},
  }
  deferred.set(context, promises)
  return context
}

/** Waits for everything passed to `waitUntil`, also for what is added meanwhile. */
export async function waitOnExecutionContext(context: object): Promise<void> {
  const promises = deferred.get(context) ?? []
  while (promises.length > 0) await Promise.all(promises.splice(0))
}
