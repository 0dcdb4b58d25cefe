/**
 * Simulates a distant D1: holds its calls until the request waits for nothing else, then lets them all travel together.
 * The number of these trips is how often the request waits for the database, however long a call takes.
 */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { interceptD1 } from './intercept-d1.ts'
import { countWork } from './quiet.ts'

/** Turns of the event loop without work in progress, after which nothing more will happen. */
const QUIET_TURNS = 5

type Trip = { sql: string[] }

type App = {
  fetch: (
    request: Request,
    bindings: object,
    context: ExecutionContext,
  ) => Response | Promise<Response>
}

export function heldDatabase() {
  let held: { sql: string[]; travel: () => void }[] | null = null
  const { counted, becomeQuiet, watchCrypto } = countWork(QUIET_TURNS)

  const hold = (sql: string[], run: () => Promise<unknown>): Promise<unknown> =>
    held === null
      ? run()
      : new Promise((resolve, reject) => {
          held?.push({ sql, travel: () => void counted(run).then(resolve, reject) })
        })

  const db = interceptD1(env.DB, ({ statements, run }) =>
    hold(
      statements.map(({ sql }) => sql),
      run,
    ),
  )

  return {
    /** The database for `createWorld({ db })`. Holds no call outside `send()`. */
    db,

    /** Sends a request. Returns its response with the statements of each trip that it waited for. */
    async send(app: App, request: Request): Promise<{ response: Response; trips: Trip[] }> {
      const context = createExecutionContext()
      const unwatch = watchCrypto()
      const trips: Trip[] = []
      const queue: NonNullable<typeof held> = []
      held = queue
      let answered = false
      const response = Promise.resolve(app.fetch(request, { clientAddress: '192.0.2.1' }, context))
      const end = () => {
        answered = true
      }
      response.then(end, end)
      try {
        for (;;) {
          await becomeQuiet(() => answered)
          if (answered) break
          // The run waits for something other than the database. If it never comes, the timeout of the test ends the
          // wait.
          if (queue.length === 0) continue
          const calls = queue.splice(0)
          trips.push({ sql: calls.flatMap(({ sql }) => sql) })
          for (const { travel } of calls) travel()
        }
        return { response: await response, trips }
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
