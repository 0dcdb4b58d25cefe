/**
 * App-only access: a token of the app itself at one tenant, by client credentials. It is kept and
 * fetched as a grant's is refreshed, one call to Entra however many ask; but there is nothing to lose
 * and nobody to sign in again, so that a refusal always waits for an administrator.
 */

import type { Protocol } from '../../../schema/mail-servers.ts'
import { readTokenFacts } from '../../entra/access-token.ts'
import { APP_ONLY_PERMISSIONS } from '../../entra/scopes.ts'
import type { AppTokenKey, AppTokenRecord } from '../../model/app-token.ts'
import { ok, type Result, refuse } from '../../result.ts'
import type { Call, Services } from '../../services.ts'
import { type AppTokenInHand, type AppTokenLease, appTokenId } from '../../store/app-tokens.ts'
import { inactive } from '../integration/integration.ts'
import { base64url } from '../secrets.ts'
import { fetchAppToken } from './app-token-exchange.ts'
import { type IntegrationState, LEASE, WAITS } from './refresh.ts'
import { isFresh, isValid, mustReplace, secondsUntil } from './refresh-decision.ts'

export type IssuedAppToken = { accessToken: string; expiresAt: Date }

/**
 * What of the account decides which token it needs. `held`: what is stored of that, if anything;
 * `outdated`: it is not to be used any more, although it is valid.
 */
export type AppTokenWish = { tenant: string; held: AppTokenInHand | null; outdated?: boolean }

/**
 * For validations: people who validate have changed something, so that a refusal is no reason to wait
 * until tomorrow, nor a token without the permission until it runs out: a token holds what was
 * consented to when it was issued. The schedule waits.
 */
export async function freshAppToken(
  services: Services,
  call: Call,
  { tenant, protocol }: { tenant: string; protocol: Protocol },
): Promise<Result<IssuedAppToken>> {
  const integration = await services.store.integrations.read()
  const key = keyOf(integration, tenant)
  const held = key && (await services.store.appTokens.read(key))
  const again = call.actor.type !== 'system'
  const outdated = again && held !== null && (await lacks(held, APP_ONLY_PERMISSIONS[protocol]))
  return appTokenOf(services, call, { tenant, held, outdated }, integration, null, again)
}

/** Where the token can be read at all. */
async function lacks(held: AppTokenInHand, permission: string): Promise<boolean> {
  const facts = readTokenFacts((await held.openAccessToken()) ?? '')
  return facts !== null && !(facts.permissions ?? '').split(' ').includes(permission)
}

/**
 * The stored token while it serves, else a new one. `rejected` is the expiry of a token that a mail
 * server refused; `again` asks Entra although it has refused not long ago.
 */
export async function appTokenOf(
  services: Services,
  call: Call,
  { tenant, held, outdated = false }: AppTokenWish,
  integration: IntegrationState,
  rejected: Date | null,
  again = false,
): Promise<Result<IssuedAppToken>> {
  if (!integration.active) return inactive
  const key = keyOf(integration, tenant)
  if (!key) return notConfigured
  const now = services.now()
  const token = held?.token ?? null
  const waiting = token && !again ? waitingRefusal(token, now) : null
  const replace = outdated || (token !== null && mustReplace(token, rejected, now))
  const good = held && token?.state !== 'blocked' && !replace
  if (good && isFresh(held.token, now)) return stored(held)

  const result = waiting ?? (await fetchOrWait(services, call, key, token))
  // While Microsoft fails, a token that still works for a while is better than none.
  const bridged = !result.ok && PASSING.includes(result.error.code)
  return bridged && good && isValid(held.token, now) ? stored(held) : result
}

const PASSING: readonly string[] = ['provider_unavailable', 'credential_rejected']

const notConfigured = refuse(
  'credential_rejected',
  'No client ID is stored. Save the app registration in the Microsoft settings.',
)

function keyOf({ clientId, cloud }: IntegrationState, tenant: string): AppTokenKey | null {
  return clientId === null ? null : { clientId, cloud, tenant }
}

/** Entra said no, or later, and the time to ask again has not come. */
function waitingRefusal({ state, retryAt, problem }: AppTokenRecord, now: Date) {
  if (state === 'active' || retryAt === null || retryAt <= now) return null
  const facts = problem?.facts ?? null
  return state === 'blocked'
    ? refuse('grant_blocked', problem?.detail ?? BLOCKED, { facts })
    : refuse('provider_unavailable', problem?.detail ?? OUTAGE, {
        facts,
        retryAfter: secondsUntil(retryAt, now),
      })
}

const BLOCKED = 'An administrator of the organisation must act.'
const OUTAGE = 'Microsoft is not available. It is tried again by itself.'

async function stored(held: AppTokenInHand): Promise<Result<IssuedAppToken>> {
  const accessToken = await held.openAccessToken()
  const expiresAt = held.token.accessTokenExpiresAt
  return accessToken === null || expiresAt === null
    ? refuse('provider_unavailable', OUTAGE, { retryAfter: 1 })
    : ok({ accessToken, expiresAt })
}

/**
 * For the upkeep: asks Entra whatever is stored. Null when somebody else is at it, or was since the
 * token was read.
 */
export async function fetchOnce(
  services: Services,
  call: Call,
  seen: AppTokenRecord,
): Promise<Result<IssuedAppToken> | null> {
  const { clientId, cloud, tenant } = seen
  const lease = await acquire(services, { clientId, cloud, tenant }, seen.version)
  return lease && fetchAppToken(services, call, lease)
}

async function acquire(
  { store: { appTokens }, now, random }: Services,
  key: AppTokenKey,
  version: number,
): Promise<AppTokenLease | null> {
  const at = now()
  const until = new Date(at.getTime() + LEASE)
  const owner = base64url(random(12))
  try {
    return await appTokens.acquire(key, version, owner, at, until)
  } catch (error) {
    // D1 may have given it and lost its answer: nobody need wait until it has run out.
    await appTokens.release({ token: { id: appTokenId(key), version }, owner }).catch(() => {})
    throw error
  }
}

/** Fetches a token, or waits for whoever is at it. */
async function fetchOrWait(
  services: Services,
  call: Call,
  key: AppTokenKey,
  seen: AppTokenRecord | null,
): Promise<Result<IssuedAppToken>> {
  const version = seen?.version ?? 0
  for (const wait of WAITS) {
    const lease = await acquire(services, key, version)
    if (lease) {
      const work = fetchAppToken(services, call, lease)
      call.defer(work.catch(() => {}))
      return work
    }
    await services.pause(wait)
    const held = await services.store.appTokens.read(key)
    if (held && held.token.version !== version) return outcomeOf(services, held)
  }
  return refuse('provider_unavailable', 'Another request for this token is still under way.', {
    retryAfter: 2,
  })
}

/** What the holder of the lease left for those who waited. */
async function outcomeOf(services: Services, held: AppTokenInHand) {
  const now = services.now()
  const { token } = held
  // Where it failed, each caller knows for itself whether the token from before still serves.
  if (token.state === 'active' && isValid(token, now)) return stored(held)
  return waitingRefusal(token, now) ?? refuse('provider_unavailable', OUTAGE, { retryAfter: 1 })
}
