/**
 * The token engine, for grants and for app-only tokens. One caller at a time asks Entra, under a lease in D1 that it
 * renews until Entra has responded, with the settings that were read with the lease. All others wait: those of the same
 * isolate for its token, those of another one until the row changes. Every failure is judged before anything changes,
 * and no token is deleted because of a response. An outage must never look like a revoked grant.
 */
import { encodeBase64Url } from '../../../schema/base64.ts'
import { SECOND_MS } from '../../../schema/durations.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import type { Resource } from '../../../schema/protocols.ts'
import { describeError } from '../../log.ts'
import type { EventRecord } from '../../model/event.ts'
import {
  LEASE_MS,
  type Lease,
  type RefreshLease,
  type RowState,
  type StoredAccessToken,
  type TokenFailure,
  type TokenRequest,
  type TokenState,
} from '../../model/grant.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import type { TokenRefusal } from '../../model/reason.ts'
import { ok, type Result, refuseToken } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import {
  recordAppAcceptance,
  recordAppRefusal,
  refusalByApp,
  refusalByPause,
} from '../app/app-problem.ts'
import { type AppCredential, openAppCredential } from '../app/credential.ts'
import { inactive } from '../app/integration.ts'
import { loggedFacts } from '../failures/facts.ts'
import {
  claimsChallengeOf,
  type JudgedFailure,
  type RefreshFailure,
  retryAfterOf,
} from '../failures/failures.ts'
import { type WriteOutcome, writeWithRetry } from '../write-with-retry.ts'
import {
  type Demand,
  decide,
  isBridged,
  isValid,
  refusalOf,
  toTokenFailure,
  withStandingVerdict,
} from './decide.ts'

const RENEW_EVERY_MS = 3 * SECOND_MS
/** Pause before a renewal is repeated after a failure of D1. */
const RENEW_AGAIN_MS = SECOND_MS
/** Limits the time for which a holder that never ends can exclude the others to 40 s. */
const MAX_RENEWALS = 10
/**
 * Time for which a caller waits for the holder of the lease, whose connection (13 s), request (10 s) and write (3 s) end
 * within it. A fallback to the previous token can take 5 s more, and the caller then gets 503 with Retry-After. The
 * lease of a holder that died expires within 10 s.
 */
const PATIENCE_MS = 26 * SECOND_MS
/** Time for which a refresh waits for a connection, with its lease renewed. Part of PATIENCE_MS. */
const CONNECTION_WAIT_MS = 13 * SECOND_MS
/** First pauses between two looks at the row; Entra usually responds within a few hundred milliseconds. */
const FIRST_PAUSES_MS = [100, 150, 250, 400, 600, 1000, 1500]
/** Later pauses, and every pause of a caller that a refresh in its own isolate will wake. */
const PAUSE_MS = 2 * SECOND_MS

export type UsableToken = {
  accessToken: string
  expiresAt: Date
  /** Protocols that Microsoft granted. Undefined for the app's own token, which contains its permissions. */
  protocols?: readonly Protocol[] | undefined
  /** True if this call asked Entra for it, false for a stored token. */
  refreshed: boolean
}

type TokenResult = Result<UsableToken, TokenRefusal>

type LoadedToken = TokenState & StoredAccessToken & Pick<UsableToken, 'protocols'>

type TokenRecord = TokenState & { id: string }

/** One token, with everything in which a grant and an app-only token differ. */
export type TokenSource<TokenLease extends RefreshLease<TokenRecord>> = {
  id: string
  /** The audience of the token. A grant has one for each under the same lease and version. */
  resource: Resource
  /** True if an attempt was requested out of turn. */
  requested: boolean
  /** Prefix of log events, and the fields that name the token in them. */
  log: {
    prefix: 'refresh' | 'app_token'
    fields: ({ grant: string } | { tenant: string }) & { resource?: Resource }
  }
  leases: {
    renew: (lease: Lease, until: Date) => Promise<boolean>
    release: (lease: Lease, request?: TokenRequest | null) => Promise<void>
    fail: (
      lease: TokenLease,
      failure: TokenFailure,
      request: TokenRequest | null,
      now: Date,
      event: EventRecord | null,
    ) => Promise<boolean>
    isWrittenBy: (id: string, owner: string) => Promise<boolean>
    /** Reads version and lease of the row without its token. Returns null without a row. */
    look: (id: string, now: Date) => Promise<RowState | null>
  }
  acquire: (version: number, owner: string, now: Date, until: Date) => Promise<TokenLease | null>
  read: () => Promise<LoadedToken | null>
  /** Refusal if the row was deleted in the meantime, or null if a request creates it. */
  deleted: { ok: false; error: TokenRefusal } | null
  /** Returns the refusal if the settings have another app than the token's. */
  checkApp: (integration: IntegrationRecord) => { ok: false; error: TokenRefusal } | null
  ask: (
    lease: TokenLease,
    credential: AppCredential,
    integration: IntegrationRecord,
  ) => Promise<Acquired>
  judge: (
    failure: RefreshFailure,
    record: TokenLease['record'],
    integration: IntegrationRecord,
  ) => JudgedFailure
  /** Returns true if the tenant that is asked decides about the app. */
  isOwn: (integration: IntegrationRecord) => boolean
  newEvent: (
    type: `grant.${TokenFailure['state'] | 'recovered'}`,
    data: Record<string, string>,
  ) => EventRecord
}

export type Acquired =
  | {
      ok: true
      token: Omit<UsableToken, 'refreshed'>
      store: (now: Date, event: EventRecord | null) => Promise<boolean>
    }
  | { ok: false; failure: RefreshFailure }

/** State of a token that was never asked for. */
const NEVER_ISSUED: TokenState = {
  state: 'active',
  accessTokenExpiresAt: null,
  refreshedAt: null,
  version: 0,
  failures: 0,
  retryAt: null,
  failedAt: null,
  problem: null,
}

/** Returns the stored token while it is usable, else a new one. */
export async function currentToken<TokenLease extends RefreshLease<TokenRecord>>(
  services: Services,
  call: Call,
  source: TokenSource<TokenLease>,
  stored: LoadedToken | null,
  demand: Demand,
): Promise<TokenResult> {
  const token = stored ?? NEVER_ISSUED
  const now = services.now()
  const decision = decide(token, demand, now)
  if (decision === 'refuse') return refusalOf(token, now)
  if (decision === 'use_stored' && stored) {
    const opened = await open(services, source, stored)
    if (opened) return ok(opened)
    const absent = { ...stored, accessTokenExpiresAt: null }
    return currentToken(services, call, source, absent, demand)
  }
  const result = await refreshOrWait(services, call, source, token)
  if (!stored || result.ok) return result
  // While Microsoft fails, a token that is valid for a few more minutes is better than none.
  const bridged = isBridged(result.error.code, stored, demand, services.now())
  const opened = bridged ? await open(services, source, stored) : null
  return opened ? ok(opened) : result
}

/** Returns null for a token that is missing or damaged, which counts as absent: Entra issues another one. */
async function open(
  services: Services,
  { log }: Pick<TokenSource<RefreshLease<TokenRecord>>, 'log'>,
  stored: LoadedToken,
): Promise<UsableToken | null> {
  const accessToken = await stored.openAccessToken()
  const expiresAt = stored.accessTokenExpiresAt
  const { protocols } = stored
  if (accessToken !== null && expiresAt !== null) {
    return { accessToken, expiresAt, protocols, refreshed: false }
  }
  services.log('error', 'access_token_damaged', log.fields)
  return null
}

const leaseEnd = (now: Date) => new Date(now.getTime() + LEASE_MS)

async function acquire<TokenLease extends RefreshLease<TokenRecord>>(
  services: Services,
  { id, acquire, leases }: TokenSource<TokenLease>,
  version: number,
): Promise<TokenLease | null> {
  const owner = encodeBase64Url(services.random(12))
  const now = services.now()
  try {
    const lease = await acquire(version, owner, now, leaseEnd(now))
    const late = services.now()
    if (!lease || late.getTime() - now.getTime() < RENEW_EVERY_MS) return lease
    // D1 was slow to respond, so the lease began long ago, and may have ended already.
    return (await leases.renew(lease, leaseEnd(late))) ? lease : null
  } catch (error) {
    // D1 may have granted the lease and lost its response, so no caller should wait until it expires.
    await release(services, leases, { record: { id, version }, owner })
    throw error
  }
}

type Releasable = { release: (lease: Lease, request?: TokenRequest | null) => Promise<void> }
type Renewable = { renew: (lease: Lease, until: Date) => Promise<boolean> }

/** Best effort, repeated while D1 fails. The lease expires anyway, but others wait until then. */
async function release(
  services: Services,
  leases: Releasable,
  lease: Lease,
  request: TokenRequest | null = null,
): Promise<void> {
  const released = () => leases.release(lease, request).then(() => true)
  await writeWithRetry(services, released, async () => false).catch(() => {})
}

/**
 * Renews the lease every few seconds while `work` runs; a usual refresh ends before the first renewal. A renewal that
 * finds the lease gone is the last one, since another caller has acquired it, and the fence rejects this holder's
 * write. `work` continues, since its request to Entra cannot be taken back.
 */
async function withRenewal<Value>(
  services: Services,
  leases: Renewable,
  lease: Lease,
  work: () => Promise<Value>,
): Promise<Value> {
  const ended = new AbortController()
  void renewUntil(ended.signal, services, leases, lease)
  try {
    return await work()
  } finally {
    ended.abort()
  }
}

/** Never throws. */
async function renewUntil(
  ended: AbortSignal,
  { now, pause }: Services,
  leases: Renewable,
  lease: Lease,
): Promise<void> {
  let wait = RENEW_EVERY_MS
  for (let renewals = 0; renewals < MAX_RENEWALS; renewals += 1) {
    await pause(wait, ended)
    if (ended.aborted) return
    try {
      if (!(await leases.renew(lease, leaseEnd(now())))) return
      wait = RENEW_EVERY_MS
    } catch {
      wait = RENEW_AGAIN_MS
    }
  }
}

/**
 * Refreshes that this isolate has under way. Each ends with the result for the callers that wait, or with null, after
 * which they read the row themselves. They also read the row from time to time, since the request that started the
 * refresh may be cancelled.
 */
const refreshes = new WeakMap<Services['store'], Map<string, Promise<TokenResult | null>>>()

function refreshesOf({ store }: Services) {
  const found = refreshes.get(store) ?? new Map<string, Promise<TokenResult | null>>()
  refreshes.set(store, found)
  return found
}

/** Callers with the same key would ask Entra for the same thing. */
const keyOf = (
  { id, resource, requested }: Pick<TokenSource<never>, 'id' | 'resource' | 'requested'>,
  version: number,
) => `${version} ${requested} ${resource} ${id}`

/**
 * Acquires the lease and asks Entra, whatever the state of the stored token. Returns null when another caller holds the
 * lease, or has changed the row since `version`.
 */
export function refreshNow<TokenLease extends RefreshLease<TokenRecord>>(
  services: Services,
  call: Call,
  source: TokenSource<TokenLease>,
  version: number,
): Promise<TokenResult | null> {
  const running = refreshesOf(services)
  const key = keyOf(source, version)
  const { promise, resolve } = Promise.withResolvers<TokenResult | null>()
  running.set(key, promise)
  async function run() {
    try {
      const lease = await acquire(services, source, version)
      if (!lease) return null
      const { result, overtaken } = await withRenewal(services, source.leases, lease, () =>
        refresh(services, call, source, lease),
      )
      if (!overtaken) resolve(result.ok ? ok({ ...result.value, refreshed: false }) : result)
      return result
    } finally {
      if (running.get(key) === promise) running.delete(key)
      resolve(null)
    }
  }
  const work = run()
  // The caller may hang up; the response must be stored all the same, and others wait for it.
  call.defer(work.catch(() => {}))
  return work
}

/** Asks Entra, or waits for the result of the caller that does. Writes nothing while another's lease lasts. */
async function refreshOrWait<TokenLease extends RefreshLease<TokenRecord>>(
  services: Services,
  call: Call,
  source: TokenSource<TokenLease>,
  token: TokenState,
): Promise<TokenResult> {
  const running = refreshesOf(services)
  let { version } = token
  let key = keyOf(source, version)
  const pauses = [...FIRST_PAUSES_MS]
  let mayStart = !running.has(key)
  for (let patience = PATIENCE_MS; patience > 0; ) {
    const result = mayStart ? await refreshNow(services, call, source, version) : null
    if (result) return result
    const other = running.get(key)
    const wait = (other ? null : pauses.shift()) ?? PAUSE_MS
    const ended = await pauseUntil(services, wait, other)
    if (ended?.result) return ended.result
    if (!ended) patience -= wait
    const found = await source.leases.look(source.id, services.now())
    if (!found && source.deleted) return source.deleted
    if (found && found.version !== version) {
      const current = await source.read()
      if (!current || statusOf(current) !== statusOf(token))
        return resultOf(services, source, current)
      // Another resource of the grant has got a new token, so this one still has to be requested.
      version = current.version
      key = keyOf(source, version)
    }
    const next = running.get(key)
    // A refresh that is still listed although its lease is free has ended without a result.
    mayStart = found?.isFree !== false && (!next || next === other)
  }
  return refuseToken(
    'provider_unavailable',
    'Another request for this token is still in progress.',
    { retryAfter: 2 },
  )
}

/** Returns a text that changes when this token is issued or refused. */
const statusOf = ({ state, accessTokenExpiresAt, refreshedAt, failedAt }: TokenState): string =>
  [state, Number(accessTokenExpiresAt), Number(refreshedAt), Number(failedAt)].join()

/** Waits this long, or until the refresh has ended. Returns its result then, else null. */
async function pauseUntil(
  { pause }: Services,
  ms: number,
  refresh: Promise<TokenResult | null> | undefined,
): Promise<{ result: TokenResult | null } | null> {
  const woken = new AbortController()
  const paused = pause(ms, woken.signal).then(() => null)
  if (!refresh) return paused
  const ended = await Promise.race([refresh.then((result) => ({ result })), paused])
  woken.abort()
  return ended
}

/** Returns what another caller has left in the row. */
async function resultOf(
  services: Services,
  source: Pick<TokenSource<RefreshLease<TokenRecord>>, 'deleted' | 'log'>,
  current: LoadedToken | null,
): Promise<TokenResult> {
  if (!current && source.deleted) return source.deleted
  const now = services.now()
  const usable = current?.state === 'active' && isValid(current, now)
  const opened = usable ? await open(services, source, current) : null
  return opened ? ok(opened) : refusalOf(current ?? NEVER_ISSUED, now)
}

/** `overtaken`: another caller has changed the row, so the result is this caller's alone. */
type Refreshed = { result: TokenResult; overtaken: boolean }

/** Asks Entra and stores its response. Releases the lease on every path. */
async function refresh<TokenLease extends RefreshLease<TokenRecord>>(
  services: Services,
  call: Call,
  source: TokenSource<TokenLease>,
  lease: TokenLease,
): Promise<Refreshed> {
  const asked = await askEntra(services, source, lease).catch(async (error: unknown) => {
    await release(services, source.leases, lease)
    throw error
  })
  if ('error' in asked) {
    await release(services, source.leases, lease)
    return { result: asked, overtaken: false }
  }
  const { response, integration } = asked
  if (!response.ok)
    return storeFailure(services, call, source, lease, response.failure, integration)
  const { state } = lease.record
  const recovered = state === 'active' ? null : source.newEvent('grant.recovered', { from: state })
  const now = services.now()
  const outcome = await storeUnderLease(services, source, lease, () =>
    response.store(now, recovered),
  )
  await recordAppAcceptance(services, call, integration, source.isOwn(integration))
  return { result: ok({ ...response.token, refreshed: true }), overtaken: outcome === 'overtaken' }
}

/** Asks Entra with the settings of the lease, or returns why it must not be asked. */
async function askEntra<TokenLease extends RefreshLease<TokenRecord>>(
  services: Services,
  source: TokenSource<TokenLease>,
  lease: TokenLease,
): Promise<
  { ok: false; error: TokenRefusal } | { response: Acquired; integration: IntegrationRecord }
> {
  const { integration, credential, refusal } = await openAppCredential(
    services,
    lease.settings,
    'current',
  )
  if (!integration.active) return inactive
  if (credential === null) return refuseToken('credential_rejected', refusal)
  // Another app may have been saved since, so its credential must not be tried with this token.
  const changed = source.checkApp(integration)
  if (changed) return changed
  const paused = refusalByPause(integration.appProblem, source.isOwn(integration), services.now())
  if (paused) return paused
  using connection = await services.takeConnection(CONNECTION_WAIT_MS)
  return connection
    ? { response: await source.ask(lease, credential, integration), integration }
    : busy
}

/** The row stays unchanged, since Microsoft was not asked. */
const busy = refuseToken(
  'provider_unavailable',
  'Too many tokens are being requested from Microsoft at once.',
  { retryAfter: 10 },
)

async function storeFailure<TokenLease extends RefreshLease<TokenRecord>>(
  services: Services,
  call: Call,
  source: TokenSource<TokenLease>,
  lease: TokenLease,
  failure: RefreshFailure,
  integration: IntegrationRecord,
): Promise<Refreshed> {
  const { log } = source
  services.log('warn', `${log.prefix}_failed`, { ...log.fields, ...loggedFacts(failure) })
  const { record } = lease
  const judged = source.judge(failure, record, integration)
  const { effect, detail, facts } = judged
  const request = requestOf(failure, services.now())
  const problem = await recordAppRefusal(services, call, integration, judged)
  if (problem) {
    await release(services, source.leases, lease, request)
    return { result: refusalByApp(problem), overtaken: false }
  }
  const now = services.now()
  const attempt = toTokenFailure(
    // A rejected credential is a problem of the app.
    effect === 'credential_rejected' ? 'cool_down' : effect,
    record,
    { detail, facts, claimsChallenge: claimsChallengeOf(failure) },
    { retryAfter: retryAfterOf(failure), requested: source.requested },
    now,
  )
  const change = withStandingVerdict(attempt, record, now)
  const event =
    record.state === change.state
      ? null
      : source.newEvent(`grant.${change.state}`, { detail: change.detail })
  const outcome = await storeUnderLease(services, source, lease, () =>
    source.leases.fail(lease, change, request, now, event),
  )
  return {
    result: refusalOf({ ...attempt, problem: attempt }, now),
    overtaken: outcome === 'overtaken',
  }
}

/** Returns the failed request to count; null for a damaged refresh token, with which Entra was not asked. */
const requestOf = ({ kind }: RefreshFailure, at: Date): TokenRequest | null =>
  kind === 'token_damaged' ? null : { at, outcome: kind === 'refused' ? 'refused' : 'failed' }

/** Never throws, since the token is good even if D1 cannot store it, and Entra still accepts the old refresh token. */
async function storeUnderLease<TokenLease extends RefreshLease<TokenRecord>>(
  services: Services,
  { log, leases, id }: TokenSource<TokenLease>,
  lease: TokenLease,
  write: () => Promise<boolean>,
): Promise<WriteOutcome> {
  const isWritten = () => leases.isWrittenBy(id, lease.owner)
  try {
    const outcome = await writeWithRetry(services, write, isWritten)
    if (outcome === 'overtaken') services.log('warn', `${log.prefix}_overtaken`, log.fields)
    if (outcome === 'lost') throw new Error('D1 does not answer')
    return outcome
  } catch (error) {
    services.log('error', `${log.prefix}_not_stored`, {
      ...log.fields,
      error: describeError(error),
    })
    // Tried only once, since D1 has just failed for seconds, and the caller waits for the token.
    await leases.release(lease).catch(() => {})
    return 'lost'
  }
}
