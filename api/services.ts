/** The composition root: everything that talks to the outside, built once per isolate. */
import type { Actor } from '../schema/event.ts'
import { type CheckerClient, createCheckerClient } from './checker-client.ts'
import type { Random } from './domain/secrets.ts'
import { createEntra, type Entra } from './entra/client.ts'
import type { RateName, Settings } from './env.ts'
import { consoleLog, type Log } from './log.ts'
import type { AccessScope } from './model/access-scope.ts'
import { createStore, type Store } from './store/store.ts'

export type { RateName } from './env.ts'

/** The world outside, replaced as a whole by tests. */
export type Outside = {
  fetch: typeof fetch
  now: () => Date
  random: Random
  /** Waits this many milliseconds. */
  pause: (ms: number) => Promise<void>
  log: Log
  /** Counts one more of `key` and says whether it is still within what is allowed. */
  withinRate: (name: RateName, key: string) => Promise<boolean>
  /** A file that browsers load, by the path of its URL. */
  assets: (request: Request) => Promise<Response>
}

export type Services = Outside & {
  settings: Settings
  store: Store
  entra: Entra
  checker: CheckerClient
}

/** What belongs to one request or one cron run: who acts, and what may go on after the answer. */
export type Call = {
  actor: Actor
  /** Of the request, for the log; a cron run has none. */
  requestId?: string
  /** What the caller's key is limited to; left out or null when to nothing. */
  limit?: AccessScope | null
  /** The same for each try of one request with an Idempotency-Key. */
  work?: string | undefined
  /** ExecutionContext.waitUntil: the work goes on when the caller hangs up. */
  defer: (work: Promise<unknown>) => void
  /** Says that the webhooks may have something to tell, once this call is done. */
  announce?: () => void
}

const outside: Outside = {
  // Workers' fetch must be called with its own `this`.
  fetch: (...args) => fetch(...args),
  now: () => new Date(),
  random: (n) => crypto.getRandomValues(new Uint8Array(n)),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  log: consoleLog,
  withinRate: async () => true,
  assets: async () => new Response(null, { status: 404 }),
}

export function createServices(
  db: D1Database,
  settings: Settings,
  replaced: Partial<Outside> = {},
): Services {
  const world = { ...outside, ...replaced }
  return {
    ...world,
    settings,
    store: createStore(db, settings.encryptionKeys),
    entra: createEntra({
      fetch: world.fetch,
      ...(settings.entraAuthority && { authorityOverride: settings.entraAuthority }),
    }),
    checker: createCheckerClient({
      fetch: world.fetch,
      url: settings.checkerUrl,
      ring: settings.checkerKeys,
      now: world.now,
      random: world.random,
    }),
  }
}
