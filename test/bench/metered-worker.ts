/**
 * The Worker with a meter on what it asks of D1 and of the network. `/meter` tells what it was since
 * the last time; `/meter/upkeep` runs the hourly upkeep to its end and tells what that took;
 * `/meter/copies` fills the database.
 */
import { readEnv } from '../../api/env.ts'
import { createSealer } from '../../api/store/seal.ts'
import worker from '../../api/worker.ts'
import { addCopies, type Wish } from './copies.ts'

/** A batch is one round trip, and as many queries as it holds statements. */
const nothing = () => ({ round_trips: 0, queries: 0, fetches: 0 })

let meter = nothing()

const HOURLY = '17 * * * *'
const RUNS = ['all', 'first', 'raw', 'run']

const send = globalThis.fetch
globalThis.fetch = (...args: Parameters<typeof fetch>) => {
  meter.fetches += 1
  return send(...args)
}

const real = new WeakMap<object, D1PreparedStatement>()

function meteredStatement(statement: D1PreparedStatement): D1PreparedStatement {
  const proxy = new Proxy(statement, {
    get(target, name) {
      if (name === 'bind') return (...values: unknown[]) => meteredStatement(target.bind(...values))
      const value = Reflect.get(target, name, target) as unknown
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (RUNS.includes(String(name))) {
          meter.round_trips += 1
          meter.queries += 1
        }
        return value.apply(target, args) as unknown
      }
    },
  })
  real.set(proxy, statement)
  return proxy
}

const metered = (db: D1Database): D1Database =>
  new Proxy(db, {
    get(target, name) {
      if (name === 'prepare') return (text: string) => meteredStatement(target.prepare(text))
      if (name === 'batch') {
        return (statements: D1PreparedStatement[]) => {
          meter.round_trips += 1
          meter.queries += statements.length
          return target.batch(statements.map((statement) => real.get(statement) ?? statement))
        }
      }
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

function read(): Response {
  const answer = Response.json(meter)
  meter = nothing()
  return answer
}

async function runUpkeep(env: object, context: ExecutionContext): Promise<Response> {
  meter = nothing()
  const begun: Promise<unknown>[] = []
  const patient = new Proxy(context, {
    get: (target, name) =>
      name === 'waitUntil'
        ? (work: Promise<unknown>) => void begun.push(work)
        : (Reflect.get(target, name, target) as unknown),
  })
  worker.scheduled({ cron: HOURLY, scheduledTime: Date.now(), noRetry() {} }, env, patient)
  // What is begun may begin more.
  for (let work = begun.shift(); work; work = begun.shift()) await work
  return read()
}

async function fill(request: Request, bindings: unknown): Promise<Response> {
  const { db, settings } = readEnv(bindings)
  const wish = (await request.json()) as Wish
  return Response.json(await addCopies(db, createSealer(settings.encryptionKeys), wish))
}

let metering: { DB: D1Database } | undefined

export default {
  async fetch(request, bindings: { DB: D1Database }, context) {
    metering ??= { ...bindings, DB: metered(bindings.DB) }
    const env = metering
    const { pathname } = new URL(request.url)
    if (pathname === '/meter') return read()
    if (pathname === '/meter/copies') return fill(request, bindings)
    if (pathname === '/meter/upkeep') return runUpkeep(env, context)
    return worker.fetch(request, env, context)
  },
} satisfies ExportedHandler<{ DB: D1Database }>
