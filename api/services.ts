/** Composition root: everything that talks to the outside world, built once per isolate. */
import type { ConsolePerson } from '../schema/console-session.ts'
import type { Actor } from '../schema/event.ts'
import { type ChatClient, createChatClient } from './chat-client.ts'
import { type CheckerClient, createCheckerClient } from './checker-client.ts'
import { createD1Health } from './d1-health.ts'
import type { Random } from './domain/secrets.ts'
import { createEntra, type Entra } from './entra/client.ts'
import type { RateName, Settings } from './env.ts'
import { createFiles, type Files } from './files.ts'
import { createGraph, type Graph } from './graph/client.ts'
import { consoleLog, type Log } from './log.ts'
import type { AccessScope } from './model/access.ts'
import type { AloneSince, DatabaseHealth } from './model/storage.ts'
import { createStore, type Store } from './store/store.ts'

export type { RateName } from './env.ts'

/** Limits of one run of the schedule. */
export type RunLimits = {
  /** Queries to the database. */
  queries: number
  validations: number
  /** Refreshes or validations at a time. */
  atOnce: number
  /** Time in which work is started. */
  milliseconds: number
  /** Rows that one statement deletes. */
  rowsAtOnce: number
}

/**
 * Limits of an invocation. Cloudflare allows one of a paid plan 1,000 queries to D1, 10,000 subrequests of all kinds,
 * six connections at a time, 30 s of CPU time for a trigger of less than an hour, and 15 minutes. The queries run out
 * first. To be safe, every statement of a batch is counted.
 */
export const INVOCATION_LIMITS: RunLimits = {
  queries: 900,
  // 103,680 a day, and four logins at a time, which the checker takes without delaying people.
  validations: 72,
  atOnce: 4,
  milliseconds: Number.POSITIVE_INFINITY,
  // More than a busy minute writes, and quickly deleted, since other queries wait meanwhile.
  rowsAtOnce: 1000,
}

/** The dependencies of a runtime, which tests replace. */
export type RuntimeDependencies = {
  fetch: typeof fetch
  now: () => Date
  random: Random
  /** Waits this many milliseconds, or until the signal aborts. */
  pause: (ms: number, signal?: AbortSignal) => Promise<void>
  log: Log
  /** Counts a call for `key` and returns whether it is within the limit. */
  withinRate: (name: RateName, key: string) => Promise<boolean>
  /** Fetches a file for browsers by the path of its URL. */
  assets: (request: Request) => Promise<Response>
  databaseHealth: DatabaseHealth
  /** Sends a request to an address that a caller of the API chose. Rejects with WebhookNotSent if it must not. */
  fetchWebhook: typeof fetch
  /** Waits until a token may be requested. Returns what ends the request, or null after `waitMs`. */
  takeConnection: (waitMs: number) => Promise<Disposable | null>
  /** Limits of one scheduled run on this runtime. */
  runLimits: RunLimits
  aloneSince: AloneSince
  /**
   * Records outside the database that an API key is revoked, in case an older copy is restored. Throws StorageError.
   */
  recordRevocation: (keyId: string) => Promise<void>
  /** Returns further metrics in Prometheus' text format, where one process handles all requests. */
  processMetrics: () => Promise<string>
}

export type Services = RuntimeDependencies & {
  settings: Settings
  store: Store
  entra: Entra
  graph: Graph
  checker: CheckerClient
  /** Null without a second reader of diagnoses. */
  chat: ChatClient | null
  files: Files
}

/** Context of a request or scheduled run: the actor, and work that continues after the response. */
export type Call = {
  actor: Actor
  /** The person of the console session; absent or null for other actors. */
  person?: ConsolePerson | null | undefined
  /** Id of the request, for the log; absent in scheduled runs. */
  requestId?: string
  /** IP address of the caller; absent in scheduled runs. */
  clientAddress?: string
  /** Rows that the caller may see and use. */
  accessScope: AccessScope
  /** True if the caller's key may use all that an app-only account opens, not only its mailbox. */
  appOnly?: boolean
  /** Constant for all attempts of one request with an Idempotency-Key. */
  work?: string | undefined
  /** True if an earlier attempt of `work` may have left something. */
  isRepetition?: boolean | undefined
  /** ExecutionContext.waitUntil: the work continues if the caller disconnects. */
  defer: (work: Promise<unknown>) => void
  /** Requests a delivery of webhooks after this call. */
  notify?: () => void
}

const outside: Omit<RuntimeDependencies, 'fetchWebhook' | 'databaseHealth'> = {
  // Workers' fetch must be called with its own `this`.
  fetch: (...args) => fetch(...args),
  now: () => new Date(),
  random: (n) => crypto.getRandomValues(new Uint8Array(n)),
  pause: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      signal?.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    }),
  log: consoleLog,
  withinRate: async () => true,
  assets: async () => new Response(null, { status: 404 }),
  // An invocation makes few requests at a time.
  takeConnection: async () => ({ [Symbol.dispose]: () => {} }),
  runLimits: INVOCATION_LIMITS,
  aloneSince: () => 0,
  // Nowhere to record it: D1's Time Travel restores the whole database.
  recordRevocation: async () => {},
  // The numbers of one isolate of many would mislead.
  processMetrics: async () => '',
}

/**
 * Returns `aloneSince` for a process that is the only one since `start`. If the clock is set back, the time that it
 * returns moves back, too. Otherwise, what this process then begins would seem older than the process, and would count
 * as ended.
 */
export function createAloneSince(start: Date): AloneSince {
  let since = start.getTime()
  return (now) => {
    since = Math.min(since, now.getTime())
    return since
  }
}

export function createServices(
  db: D1Database,
  settings: Settings,
  { checker, ...replaced }: Partial<RuntimeDependencies & { checker: CheckerClient }> = {},
): Services {
  // A runtime without its own agent for webhooks sends them like everything else.
  const { fetch = outside.fetch, fetchWebhook = fetch } = replaced
  const { databaseHealth = createD1Health(db) } = replaced
  const world: RuntimeDependencies = {
    ...outside,
    ...replaced,
    fetch,
    fetchWebhook,
    databaseHealth,
  }
  return {
    ...world,
    settings,
    store: createStore(db, settings.encryptionKeys, settings.accessEpoch, world.aloneSince),
    entra: createEntra({
      fetch: world.fetch,
      ...(settings.entraAuthority && { authorityOverride: settings.entraAuthority }),
    }),
    graph: createGraph({ fetch: world.fetch, now: world.now, root: settings.graphRoot }),
    checker: checker ?? createRemoteChecker(world, settings),
    chat:
      settings.diagnosisModel &&
      createChatClient({ fetch: world.fetch, model: settings.diagnosisModel }),
    files: createFiles(world.assets, settings.publicUrl),
  }
}

function createRemoteChecker(
  world: RuntimeDependencies,
  { checkerUrl, checkerKeys }: Settings,
): CheckerClient {
  if (checkerUrl === null || checkerKeys === null) throw new Error('There is no checker')
  return createCheckerClient({ ...world, url: checkerUrl, ring: checkerKeys })
}
