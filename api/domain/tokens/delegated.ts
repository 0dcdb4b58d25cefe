/** Access tokens of grants: refreshed with the refresh token that a person's sign-in left. */

import type { WhichCredential } from '../../../schema/credential.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import { refreshTenant } from '../../entra/authority.ts'
import type { ClientAuth } from '../../entra/client-auth.ts'
import { grantedProtocols, includesProtocol } from '../../entra/scopes.ts'
import type { EventRecord } from '../../model/event.ts'
import type { GrantLease } from '../../model/grant.ts'
import { type GrantRecord, type GrantWithToken, isGone } from '../../model/grant.ts'
import { type AppSettings, type IntegrationRecord, isOwnTenant } from '../../model/integration.ts'
import type { TokenRefusal } from '../../model/reason.ts'
import { type Result, refuseToken } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { inactive, isFromOtherApp, orphaned, refuseOtherApp } from '../app/integration.ts'
import { newGrantEvent } from '../events.ts'
import { judgeRefresh, type RefreshFailure } from '../failures/failures.ts'
import { askableAt, type Demand, isWorthAsking } from './decide.ts'
import {
  type Answer,
  currentToken,
  refreshNow,
  type TokenSource,
  type UsableToken,
} from './engine.ts'

/** Returns a token of this grant, saved or not, for a validation. */
export async function freshAccessToken(
  services: Services,
  call: Call,
  grant: GrantWithToken,
  integration: AppSettings,
): Promise<Result<UsableToken, TokenRefusal>> {
  const now = services.now()
  if (isGone(grant, now)) {
    return refuseToken('not_found', 'This grant no longer exists. Get a new access token.')
  }
  const atOnce = call.actor.type !== 'system' && isWorthAsking(grant, now)
  return grantToken(services, call, grant, integration, { rejected: null, atOnce })
}

/**
 * Asks Microsoft again for a protocol that the sign-in asked for and the last refresh was not granted.
 * People validate after they changed something, so the expiry of the stored token is no reason to wait;
 * the schedule waits. Returns whether the grant has the protocol now.
 */
export async function regainProtocol(
  services: Services,
  call: Call,
  grant: GrantWithToken,
  integration: AppSettings,
  protocol: Protocol,
): Promise<boolean> {
  if (!includesProtocol(grant.scopes, protocol) || call.actor.type === 'system') return false
  if (askableAt(grant, services.now()) !== null) return false
  const demand = { rejected: null, atOnce: true }
  const token = await grantToken(services, call, grant, integration, demand)
  return token.ok && token.value.protocols?.includes(protocol) === true
}

/** Returns a usable token of the grant. */
export async function grantToken(
  services: Services,
  call: Call,
  grant: GrantWithToken,
  integration: AppSettings,
  demand: Demand,
): Promise<Result<UsableToken, TokenRefusal>> {
  if (!integration.active) return inactive
  // A failed sign-in names its own reason, which is the more precise one.
  if (grant.state !== 'reconnect_required' && isFromOtherApp(grant, integration)) {
    return refuseOtherApp(await services.store.integrations.read())
  }
  return currentToken(services, call, sourceOf(services, call, grant, demand.atOnce), grant, demand)
}

/**
 * Refreshes the grant, whatever its stored token: for maintenance, or with the app's next credential, to try that before it is
 * promoted. Returns null when another caller holds the lease or has changed the grant.
 */
export const refreshGrant = (
  services: Services,
  call: Call,
  grant: GrantRecord,
  which: WhichCredential = 'current',
): Promise<Result<UsableToken, TokenRefusal> | null> =>
  refreshNow(
    services,
    call,
    sourceOf(services, call, grant, which === 'next'),
    grant.version,
    which,
  )

function sourceOf(
  services: Services,
  call: Call,
  grant: GrantRecord,
  requested = false,
): TokenSource<GrantLease> {
  const { grants } = services.store
  const { id } = grant
  return {
    id,
    requested,
    log: { prefix: 'refresh', fields: { grant: id } },
    leases: grants.leases,
    acquire: (...args) => grants.leases.acquire(id, ...args),
    read: () => grants.readWithToken(id),
    deleted: refuseToken('not_found', 'The grant was deleted in the meantime.'),
    checkApp: (integration) => (isFromOtherApp(grant, integration) ? orphaned : null),
    ask: (lease, credential, integration) =>
      refresh(services, call, lease, credential.auth, integration),
    judge: (failure, record, integration) =>
      judgeRefresh(failure, record, integration, services.now()),
    asked: (integration) => ({
      tenant: grant.tenantId,
      isOwn: isOwnTenant(grant.tenantId, integration),
    }),
    newEvent: (type, data) => newGrantEvent(services, call, type, grant, data),
  }
}

const damaged = { ok: false, failure: { kind: 'token_damaged' } } as const

async function refresh(
  services: Services,
  call: Call,
  lease: GrantLease,
  auth: ClientAuth,
  integration: IntegrationRecord,
): Promise<Answer> {
  const { entra, log, now, store } = services
  const { record, refreshToken, previousRefreshToken } = lease
  const authority = entra.authority(record.cloud, refreshTenant(record.tenantId))
  using started = entra.startDeadline()
  const deadline = started.signal
  const { scopes } = record
  const ask = (token: string) =>
    entra.refresh({ authority, auth, refreshToken: token, scopes, now: now(), deadline })
  if (refreshToken === null) log('error', 'refresh_token_damaged', { grant: record.id })
  let used: 'current' | 'previous' = 'current'
  let answer = refreshToken === null ? damaged : await ask(refreshToken)
  if (
    !answer.ok &&
    previousRefreshToken !== null &&
    isAboutThisToken(answer.failure, record, integration, now())
  ) {
    // The predecessor still works where the current token is damaged, or unknown to Entra since storing
    // it went wrong.
    const second = await ask(previousRefreshToken)
    // An expired or revoked predecessor proves nothing about the token that replaced it.
    if (
      second.ok ||
      judgeRefresh(second.failure, record, integration, now()).effect !== 'reconnect'
    ) {
      used = 'previous'
      answer = second
    }
  }
  if (!answer.ok) return answer
  const { accessToken, expiresIn, refreshToken: rotated, scope } = answer.tokens
  const protocols = protocolsOf(record, scope)
  const expiresAt = new Date(now().getTime() + expiresIn * 1000)
  const tokens = {
    accessToken,
    accessTokenExpiresAt: expiresAt,
    refreshToken: rotated ?? (refreshToken === null ? previousRefreshToken : null),
    protocols,
  }
  const changed = protocolsEvent(services, call, record, protocols)
  return {
    ok: true,
    token: { accessToken, expiresAt, protocols },
    store: (at, event) => store.grants.leases.store(lease, tokens, used, at, [event, changed]),
  }
}

/**
 * Returns the protocols of an issued token: those that the person's sign-in asked for, and no others. An
 * empty scope names no change (RFC 6749, section 5.1, knows none).
 */
function protocolsOf({ cloud, scopes, protocols }: GrantRecord, scope: string): Protocol[] {
  if (scope.trim() === '') return protocols
  const granted = grantedProtocols(cloud, scope)
  return granted.filter((protocol) => includesProtocol(scopes, protocol))
}

/** Returns the event of a refresh that granted other protocols than before, else null. */
function protocolsEvent(
  services: Services,
  call: Call,
  grant: GrantRecord,
  protocols: readonly Protocol[],
): EventRecord | null {
  const lost = grant.protocols.filter((protocol) => !protocols.includes(protocol))
  const regained = protocols.filter((protocol) => !grant.protocols.includes(protocol))
  if (lost.length === 0 && regained.length === 0) return null
  return newGrantEvent(services, call, 'grant.protocols_changed', grant, {
    protocols: protocols.join(' '),
    ...(lost.length > 0 && { lost: lost.join(' ') }),
    ...(regained.length > 0 && { regained: regained.join(' ') }),
  })
}

/** Returns whether a failure may concern this refresh token only, not the person's consent. */
const isAboutThisToken = (
  failure: RefreshFailure,
  grant: GrantRecord,
  integration: IntegrationRecord,
  now: Date,
): boolean =>
  failure.kind === 'token_damaged' ||
  judgeRefresh(failure, grant, integration, now).unconfirmed ||
  (failure.kind === 'refused' &&
    failure.refusal.error === 'invalid_grant' &&
    failure.refusal.aadsts === null)
