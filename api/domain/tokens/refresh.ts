/**
 * Keeping access tokens fresh. One caller at a time may ask Entra (a lease in D1); all others wait
 * and read what it brought. Every failure is classified before anything changes, and no ciphertext
 * is deleted: an outage is never taken for a revoked grant.
 */

import { describeError } from '../../log.ts'
import { type GrantRecord, isGone } from '../../model/grant.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import { SealBroken } from '../../model/sealing.ts'
import { ok, type Refusal, type Result, refuse } from '../../result.ts'
import type { Call, Services } from '../../services.ts'
import { inactive, madeElsewhere, stranded } from '../integration/integration.ts'
import { base64url } from '../secrets.ts'
import { isFresh, isValid, mustReplace, secondsUntil } from './refresh-decision.ts'
import { grantExchange } from './refresh-exchange.ts'

/** Longer than two calls to Entra (10 s each) with the retried store of their answer. */
export const LEASE = 45_000
/** How long a loser waits for the winner, step by step: 8 s in all. */
export const WAITS = [100, 150, 250, 400, 600, ...Array<number>(8).fill(800)]

export type TokenInHand = { accessToken: string; expiresAt: Date; grant: GrantRecord }

/** A grant with its stored token, opened only when it is needed. */
export type GrantInHand = { grant: GrantRecord; openAccessToken: () => Promise<string | null> }

export type IntegrationState = Pick<
  IntegrationRecord,
  'active' | 'clientId' | 'cloud' | 'credentialRejected'
>

/** For validations: a token of this grant, saved or not, that is good for a login now. */
export async function freshAccessToken(
  services: Services,
  call: Call,
  grantId: string,
): Promise<Result<TokenInHand>> {
  const [held, integration] = await Promise.all([
    services.store.grants.readWithToken(grantId),
    services.store.integrations.read(),
  ])
  if (!held || isGone(held.grant, services.now())) {
    return refuse('not_found', 'There is no such grant any more. Get a new access token.')
  }
  return tokenOf(services, call, held, integration, null)
}

/**
 * The stored token while it serves, else a refreshed one. `rejected` is the expiry of a token that
 * a mail server refused.
 */
export async function tokenOf(
  services: Services,
  call: Call,
  held: GrantInHand,
  integration: IntegrationState,
  rejected: Date | null,
): Promise<Result<TokenInHand>> {
  const { grant } = held
  const now = services.now()
  const no = standingRefusal(grant, integration, now)
  if (no) return { ok: false, error: no }
  const replace = mustReplace(grant, rejected, now)
  if (isFresh(grant, now) && !replace && grant.state !== 'blocked') return stored(held)

  const waiting =
    grant.state === 'cooling_down' && grant.retryAt !== null && grant.retryAt > now
      ? refuse('provider_unavailable', grant.problem?.detail ?? OUTAGE, {
          facts: grant.problem?.facts ?? null,
          retryAfter: secondsUntil(grant.retryAt, now),
        })
      : null
  const result = waiting ?? (await refresh(services, call, grant))
  // While Microsoft fails, a token that still works for a while is better than none.
  const bridged = !result.ok && PASSING.includes(result.error.code) && isValid(grant, now)
  return bridged && !replace ? stored(held) : result
}

const OUTAGE = 'Microsoft is not available. The grant is kept and tried again by itself.'
const PASSING: readonly string[] = ['provider_unavailable', 'credential_rejected']

/** What stands in the way before anybody is asked. */
function standingRefusal(
  grant: GrantRecord,
  integration: IntegrationState,
  now: Date,
): Refusal | null {
  if (!integration.active) return inactive.error
  const facts = grant.problem?.facts ?? null
  if (grant.state === 'reconnect_required') {
    return refuse('reconnect_required', grant.problem?.detail ?? 'Sign in again to reconnect.', {
      facts,
    }).error
  }
  if (madeElsewhere(grant, integration)) return stranded.error
  // Asked again once a day: the administrator may have acted.
  if (grant.state === 'blocked' && grant.retryAt !== null && grant.retryAt > now) {
    return refuse('grant_blocked', grant.problem?.detail ?? 'An administrator must act.', { facts })
      .error
  }
  return null
}

async function stored(held: GrantInHand): Promise<Result<TokenInHand>> {
  const accessToken = await held.openAccessToken()
  const expiresAt = held.grant.accessTokenExpiresAt
  if (accessToken === null || expiresAt === null) {
    return refuse('reconnect_required', 'The grant holds no token. Sign in again to reconnect.')
  }
  return ok({ accessToken, expiresAt, grant: held.grant })
}

/** Long, since so many more grants may be damaged than a day has turns. */
const DAMAGED_PAUSE = 7 * 86_400_000

/**
 * For the upkeep: asks Entra whatever is left of the stored token. Null when nothing was learned: somebody
 * else is at it, or was since the grant was read, or its row is damaged. Such a one is put off, or it would
 * stand first in every run.
 */
export async function refreshOnce(
  services: Services,
  call: Call,
  seen: GrantRecord,
): Promise<Result<TokenInHand> | null> {
  const { store, now, random } = services
  const owner = base64url(random(12))
  const lease = await acquire(services, seen, owner).catch(async (error: unknown) => {
    if (!(error instanceof SealBroken)) throw error
    services.log('error', 'refresh_failed', { grant: seen.id, error: describeError(error) })
    await store.upkeep.putOff(seen.id, new Date(now().getTime() + DAMAGED_PAUSE))
    return null
  })
  return lease && grantExchange(services, call, lease)
}

async function acquire({ store: { leases }, now }: Services, seen: GrantRecord, owner: string) {
  const at = now()
  const until = new Date(at.getTime() + LEASE)
  try {
    return await leases.acquire(seen.id, seen.version, owner, at, until)
  } catch (error) {
    // D1 may have given it and lost its answer: nobody need wait until it has run out.
    await leases.release({ grant: seen, owner }).catch(() => {})
    throw error
  }
}

/** Refreshes the grant, or waits for whoever is at it. */
async function refresh(
  services: Services,
  call: Call,
  seen: GrantRecord,
): Promise<Result<TokenInHand>> {
  const { store } = services
  const owner = base64url(services.random(12))
  for (const wait of WAITS) {
    const lease = await acquire(services, seen, owner)
    if (lease) {
      const work = grantExchange(services, call, lease)
      call.defer(work.catch(() => {}))
      return work
    }
    await services.pause(wait)
    const held = await store.grants.readWithToken(seen.id)
    if (!held) return refuse('not_found', 'The grant was deleted in the meantime.')
    if (held.grant.version !== seen.version) return outcomeOf(services, held)
  }
  return refuse('provider_unavailable', 'Another refresh of this grant is still under way.', {
    retryAfter: 2,
  })
}

/** What the holder of the lease left for those who waited. */
async function outcomeOf(services: Services, held: GrantInHand): Promise<Result<TokenInHand>> {
  const { grant } = held
  const now = services.now()
  const facts = grant.problem?.facts ?? null
  if (grant.state === 'reconnect_required') {
    return refuse('reconnect_required', grant.problem?.detail ?? 'Sign in again to reconnect.', {
      facts,
    })
  }
  if (grant.state === 'blocked') {
    return refuse('grant_blocked', grant.problem?.detail ?? 'An administrator must act.', { facts })
  }
  if (grant.state === 'active' && isValid(grant, now)) return stored(held)
  // It failed. Whether the token from before still serves, each caller knows for itself.
  return refuse('provider_unavailable', grant.problem?.detail ?? OUTAGE, {
    facts,
    retryAfter: secondsUntil(grant.retryAt, now),
  })
}
