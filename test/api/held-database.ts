/**
 * Simulates a distant D1: holds its calls until the request waits for nothing else, then lets them all travel together.
 * The number of these trips is how often the request waits for the database, however long a call takes.
 */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

const RUNS = ['all', 'first', 'raw', 'run']
const SUBTLE = [
  'decrypt',
  'digest',
  'encrypt',
  'exportKey',
  'generateKey',
  'importKey',
  'sign',
  'verify',
] as const

/** After this many turns of the event loop without work in progress, nothing more will happen. */
const QUIET_TURNS = 5

const turn = () => new Promise((resolve) => setTimeout(resolve, 0))

export type Trip = { sql: string[] }

type App = {
  fetch: (
    request: Request,
    bindings: object,
    context: ExecutionContext,
  ) => Response | Promise<Response>
}

export function heldDatabase() {
  let held: { sql: string[]; travel: () => void }[] | null = null
  let running = 0

  async function busy<Value>(work: () => Promise<Value> | Value): Promise<Value> {
    running += 1
    try {
      return await work()
    } finally {
      running -= 1
    }
  }

  const hold = (sql: string[], run: () => Promise<unknown>): Promise<unknown> =>
    held === null
      ? run()
      : new Promise((resolve, reject) => {
          held?.push({ sql, travel: () => void busy(run).then(resolve, reject) })
        })

  const real = new WeakMap<object, { sql: string; statement: D1PreparedStatement }>()

  function watch(sql: string, statement: D1PreparedStatement): D1PreparedStatement {
    const proxy = new Proxy(statement, {
      get(target, name) {
        const value = Reflect.get(target, name, target) as unknown
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (name === 'bind') return watch(sql, target.bind(...args))
          const run = () => value.apply(target, args) as Promise<unknown>
          return RUNS.includes(String(name)) ? hold([sql], run) : run()
        }
      },
    })
    real.set(proxy, { sql, statement })
    return proxy
  }

  const db = new Proxy(env.DB, {
    get(target, name) {
      if (name === 'prepare') return (sql: string) => watch(sql, target.prepare(sql))
      if (name === 'batch') {
        return (statements: D1PreparedStatement[]) => {
          const unwrapped = statements.flatMap((statement) => real.get(statement) ?? [])
          const run = () => target.batch(unwrapped.map(({ statement }) => statement))
          return hold(
            unwrapped.map(({ sql }) => sql),
            run,
          )
        }
      }
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

  /** Waits until the request has ended, or waits for the database only. */
  async function becomeQuiet(ended: () => boolean): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS && !ended(); ) {
      await turn()
      quiet = running === 0 ? quiet + 1 : 0
    }
  }

  /** Counts WebCrypto as work in progress: in Node it takes another thread. Returns what ends that. */
  function watchCrypto(): () => void {
    const { subtle } = crypto
    for (const name of SUBTLE) {
      const method = (subtle[name] as unknown as (...args: unknown[]) => Promise<unknown>).bind(
        subtle,
      )
      Object.defineProperty(subtle, name, {
        configurable: true,
        value: (...args: unknown[]) => busy(() => method(...args)),
      })
    }
    return () => {
      for (const name of SUBTLE) delete (subtle as Partial<SubtleCrypto>)[name]
    }
  }

  return {
    /** For `createWorld({ db })`. Holds no call outside `send()`. */
    db,

    /**
     * Sends a request. Returns its response with the statements of each trip that it waited for. `whenAnswered`
     * runs before the calls of deferred work travel.
     */
    async send(
      app: App,
      request: Request,
      whenAnswered?: () => Promise<unknown>,
    ): Promise<{ response: Response; trips: Trip[] }> {
      const context = createExecutionContext()
      const unwatch = watchCrypto()
      const trips: Trip[] = []
      const queue: NonNullable<typeof held> = []
      held = queue
      let answered = false
      const answer = Promise.resolve(app.fetch(request, { clientAddress: '192.0.2.1' }, context))
      const end = () => {
        answered = true
      }
      answer.then(end, end)
      try {
        for (;;) {
          await becomeQuiet(() => answered)
          if (answered) break
          // It waits for something else: the timeout of the test ends that.
          if (queue.length === 0) continue
          const calls = queue.splice(0)
          trips.push({ sql: calls.flatMap(({ sql }) => sql) })
          for (const { travel } of calls) travel()
        }
        if (whenAnswered) {
          await becomeQuiet(() => false)
          held = null
          await whenAnswered()
        }
        return { response: await answer, trips }
      } finally {
        held = null
        unwatch()
        // Calls of deferred work, and those that the request did not wait for.
        for (const { travel } of queue) travel()
        await waitOnExecutionContext(context)
      }
    },
  }
}
