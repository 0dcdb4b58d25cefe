/** The parts of `cloudflare:test` that the Worker's tests use, for tests in Node. */
type Migration = { name: string; queries: string[] }

const migrated = new WeakSet<D1Database>()

export async function applyD1Migrations(db: D1Database, migrations: Migration[]): Promise<void> {
  if (migrated.has(db)) return
  migrated.add(db)
  for (const query of migrations.flatMap(({ queries }) => queries)) await db.exec(query)
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
