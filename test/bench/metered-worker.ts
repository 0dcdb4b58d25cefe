/**
 * The Worker with counters for its calls to D1 and the network. `/meter` returns the counts since the
 * last call; `/meter/delay` delays each call to D1 from now on; `/meter/maintenance` runs the maintenance to
 * its end and returns its counts; `/meter/copies` fills the database.
 */
import { readBindings } from '../../api/env.ts'
import { createSealer } from '../../api/store/seal.ts'
import worker from '../../api/worker.ts'
import { interceptD1 } from '../api/intercept-d1.ts'
import { addCopies, type CopyRequest } from './copies.ts'

/** Counters at zero. A batch is one round trip and one query per statement. */
const zeroCounts = () => ({ round_trips: 0, queries: 0, fetches: 0 })

let meter = zeroCounts()

/** Added to each call to D1, as if the database were far away. */
let delayMs = 0

const afterDelay = (call: () => Promise<unknown>): Promise<unknown> =>
  delayMs === 0 ? call() : scheduler.wait(delayMs).then(call)

const MAINTENANCE = '*/2 * * * *'

const send = globalThis.fetch
globalThis.fetch = (...args: Parameters<typeof fetch>) => {
  meter.fetches += 1
  return send(...args)
}

const metered = (db: D1Database): D1Database =>
  interceptD1(db, ({ statements, run }) => {
    meter.round_trips += 1
    meter.queries += statements.length
    return afterDelay(run)
  })

function readMeter(): Response {
  const response = Response.json(meter)
  meter = zeroCounts()
  return response
}

async function setDelay(request: Request): Promise<Response> {
  const { ms } = (await request.json()) as { ms: number }
  delayMs = ms
  return Response.json({ ms })
}

async function runMaintenance(env: object, context: ExecutionContext): Promise<Response> {
  meter = zeroCounts()
  const pending: Promise<unknown>[] = []
  const waitingContext = new Proxy(context, {
    get: (target, name) =>
      name === 'waitUntil'
        ? (work: Promise<unknown>) => void pending.push(work)
        : (Reflect.get(target, name, target) as unknown),
  })
  worker.scheduled(
    { cron: MAINTENANCE, scheduledTime: Date.now(), noRetry() {} },
    env,
    waitingContext,
  )
  // Background work may start more of it.
  for (let work = pending.shift(); work; work = pending.shift()) await work
  return readMeter()
}

async function addAccounts(request: Request, bindings: unknown): Promise<Response> {
  const { db, settings } = readBindings(bindings)
  const copies = (await request.json()) as CopyRequest
  return Response.json(await addCopies(db, createSealer(settings.encryptionKeys), copies))
}

let metering: { DB: D1Database } | undefined

export default {
  async fetch(request, bindings: { DB: D1Database }, context) {
    metering ??= { ...bindings, DB: metered(bindings.DB) }
    const env = metering
    const { pathname } = new URL(request.url)
    if (pathname === '/meter') return readMeter()
    if (pathname === '/meter/delay') return setDelay(request)
    if (pathname === '/meter/copies') return addAccounts(request, bindings)
    if (pathname === '/meter/maintenance') return runMaintenance(env, context)
    return worker.fetch(request, env, context)
  },
} satisfies ExportedHandler<{ DB: D1Database }>
