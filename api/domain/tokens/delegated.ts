/** Access tokens of grants: refreshed with the refresh token that a person's sign-in left. */
import type { Protocol } from '../../../schema/mail-servers.ts'
import { resourceOf } from '../../../schema/protocols.ts'
import { refreshTenant } from '../../entra/authority.ts'
import type { ClientAuth } from '../../entra/client-auth.ts'
import {
  allowShared,
  grantedProtocols,
  protocolsIn,
  resourcesIn,
  scopesAfter,
  scopesFor,
  unaskedPermissions,
} from '../../entra/scopes.ts'
import type { Tokens } from '../../entra/token.ts'
import { isOwnMailbox } from '../../graph/hosts.ts'
import type { EventRecord } from '../../model/event.ts'
import {
  type GrantLease,
  type GrantRecord,
  type GrantWithToken,
  isGone,
  isUnissued,
  type RefreshableGrant,
  type RefreshedTokens,
  type StoredAccessToken,
} from '../../model/grant.ts'
import { type AppSettings, type IntegrationRecord, isOwnTenant } from '../../model/integration.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import type { TokenRefusal } from '../../model/reason.ts'
import { type Result, refuseToken } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { inactive, isFromOtherApp, orphaned, refuseOtherApp } from '../app/integration.ts'
import { newGrantEvent } from '../events.ts'
import { judgeRefresh, type RefreshFailure } from '../failures/failures.ts'
import { askableAt, type Demand, isWorthAsking } from './decide.ts'
import {
  type Acquired,
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
    return refuseToken('not_found', 'This sign-in no longer exists. Sign in again.')
  }
  const atOnce = call.actor.type !== 'system' && isWorthAsking(grant, now)
  return grantToken(services, call, grant, integration, { rejected: null, atOnce })
}

/** A protocol that a grant lacks. `shared`: in other people's mailboxes. */
export type Lack = { protocol: Protocol; shared?: boolean }

/** Returns what the grant lacks for this account; null if nothing. `protocols`: those of the current token. */
export function lackOf(
  grant: Pick<GrantRecord, 'accountType' | 'scopes'>,
  account: Pick<MailAccountValues, 'authentication' | 'protocol' | 'username' | 'delegate'>,
  protocols: readonly Protocol[],
): Lack | null {
  const { protocol } = account
  // Personal accounts have no permission for shared mailboxes.
  const shared = grant.accountType === 'work' && !isOwnMailbox(account)
  const isCovered = protocols.includes(protocol) && (!shared || allowShared(grant.scopes, protocol))
  return isCovered ? null : { protocol, shared }
}

/**
 * Asks Microsoft again for a protocol that the sign-in asked for and the last refresh was not granted, or for one of a
 * resource that the sign-in did not ask for, since an administrator may have consented since. People validate after
 * they changed something, so this does not wait for the stored token to expire. Scheduled validations wait. Returns
 * true if the grant has the protocol now.
 */
export async function regainProtocol(
  services: Services,
  call: Call,
  grant: GrantWithToken,
  integration: AppSettings,
  wanted: Lack,
): Promise<boolean> {
  if (call.actor.type === 'system') return false
  const { protocol } = wanted
  const isOther = !resourcesIn(grant.scopes).includes(grant.resource)
  if (!isOther && !protocolsIn(grant.scopes).includes(protocol)) return false
  if (askableAt(grant, services.now()) !== null) return false
  const demand = { rejected: null, atOnce: true }
  const token = await grantToken(services, call, grant, integration, demand, wanted)
  return token.ok && token.value.protocols?.includes(protocol) === true
}

/**
 * Returns a usable token of the grant. `wanted`: protocols to request if the sign-in requested none of this resource.
 */
export async function grantToken(
  services: Services,
  call: Call,
  grant: RefreshableGrant & StoredAccessToken,
  integration: AppSettings,
  demand: Demand,
  wanted?: Lack,
): Promise<Result<UsableToken, TokenRefusal>> {
  if (!integration.active) return inactive
  // A grant that must be reconnected anyway keeps its own reason, which is more precise.
  if (grant.state !== 'reconnect_required' && isFromOtherApp(grant, integration)) {
    return refuseOtherApp(await services.store.integrations.read())
  }
  const source = sourceOf(services, call, grant, demand.atOnce, wanted)
  return currentToken(services, call, source, grant, demand)
}

/**
 * Refreshes the grant, whatever its stored token. Returns null when another caller holds the lease or has changed the
 * grant.
 */
export const refreshGrant = (services: Services, call: Call, grant: RefreshableGrant) =>
  refreshNow(services, call, sourceOf(services, call, grant), grant.version)

function sourceOf(
  services: Services,
  call: Call,
  grant: RefreshableGrant,
  requested = false,
  wanted?: Lack,
): TokenSource<GrantLease> {
  const { grants } = services.store
  const { id, resource } = grant
  const isOutlook = resource === 'outlook'
  return {
    id,
    resource,
    requested,
    log: { prefix: 'refresh', fields: { grant: id, ...(!isOutlook && { resource }) } },
    leases: grants.leases,
    acquire: (...args) => grants.leases.acquire(id, resource, ...args),
    read: () => grants.readWithToken(id, resource),
    deleted: refuseToken('not_found', 'The sign-in was deleted in the meantime.'),
    checkApp: (integration) => (isFromOtherApp(grant, integration) ? orphaned : null),
    ask: (lease, credential, integration) =>
      refresh(services, call, lease, credential.auth, integration, wanted),
    judge: (failure, record, integration) =>
      judgeRefresh(failure, record, integration, services.now()),
    isOwn: (integration) => isOwnTenant(grant.tenantId, integration),
    newEvent: (type, data) => {
      const isOneOfTwo = grant.covered.some((one) => resourceOf(one) !== resource)
      return newGrantEvent(services, call, type, grant, {
        ...data,
        ...(isOneOfTwo && { resource }),
      })
    },
  }
}

const damaged = { ok: false, failure: { kind: 'token_damaged' } } as const

async function refresh(
  services: Services,
  call: Call,
  lease: GrantLease,
  auth: ClientAuth,
  integration: IntegrationRecord,
  wanted: Lack | undefined,
): Promise<Acquired> {
  const { entra, log, now, store } = services
  const { record, refreshToken, previousRefreshToken } = lease
  const { resource } = record
  const authority = entra.authority(record.cloud, refreshTenant(record.tenantId))
  using started = entra.startDeadline()
  const deadline = started.signal
  const judge = (failure: RefreshFailure) => judgeRefresh(failure, record, integration, now())
  const scopes = scopesFor(
    record.cloud,
    record.scopes,
    resource,
    wanted && [wanted.protocol],
    wanted,
  )
  const ask = (token: string) =>
    entra.refresh({ authority, auth, refreshToken: token, scopes, now: now(), deadline })
  if (refreshToken === null) log('error', 'refresh_token_damaged', { grant: record.id })
  let used: 'current' | 'previous' = 'current'
  let response = refreshToken === null ? damaged : await ask(refreshToken)
  // Without an earlier token, this request is a trial of whether the person has consented. A refusal means no.
  const isTrial = isUnissued(record)
  if (
    !response.ok &&
    previousRefreshToken !== null &&
    (!isTrial || refreshToken === null) &&
    isAboutThisToken(response.failure, judge(response.failure).unconfirmed)
  ) {
    // The predecessor still works where the current token is damaged, or unknown to Entra since storing
    // it went wrong.
    const second = await ask(previousRefreshToken)
    // A predecessor that has expired or was revoked proves nothing about the token that replaced it.
    if (second.ok || judge(second.failure).effect !== 'reconnect') {
      used = 'previous'
      response = second
    }
  }
  if (!response.ok) return response
  const kept = refreshToken === null ? previousRefreshToken : null
  const tokens = toRefreshed(record, scopes, response.tokens, { used, kept, now: now() })
  const { accessToken, accessTokenExpiresAt: expiresAt, protocols } = tokens
  const changed = protocolsEvent(services, call, record, protocols)
  return {
    ok: true,
    token: { accessToken, expiresAt, protocols },
    store: (at, event) => store.grants.leases.store(lease, tokens, at, [event, changed]),
  }
}

/**
 * Returns what to store of the response: those of the requested protocols that it grants, and what else it permits. An
 * empty `scope`, which RFC 6749 section 5.1 does not allow, counts as unchanged. `kept`: the refresh token to keep if
 * none came.
 */
function toRefreshed(
  { cloud, scopes, covered, wider, resource }: GrantRecord,
  asked: readonly string[],
  { accessToken, expiresIn, refreshToken, scope }: Tokens,
  { used, kept, now }: { used: RefreshedTokens['used']; kept: string | null; now: Date },
): RefreshedTokens {
  const isSilent = scope.trim() === ''
  const granted = isSilent
    ? covered.filter((protocol) => resourceOf(protocol) === resource)
    : grantedProtocols(resource, scope)
  const wanted = protocolsIn(asked)
  return {
    resource,
    accessToken,
    accessTokenExpiresAt: new Date(now.getTime() + expiresIn * 1000),
    refreshToken: refreshToken ?? kept,
    protocols:
      isSilent && granted.length === 0
        ? wanted
        : granted.filter((protocol) => wanted.includes(protocol)),
    wider: isSilent ? wider : unaskedPermissions(scope),
    scopes: scopesAfter(cloud, [...new Set([...scopes, ...asked])], resource, scope),
    used,
  }
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

/** Returns true if a failure may concern this refresh token only, not the person's consent. */
const isAboutThisToken = (failure: RefreshFailure, unconfirmed: boolean): boolean =>
  failure.kind === 'token_damaged' ||
  unconfirmed ||
  (failure.kind === 'refused' &&
    failure.refusal.error === 'invalid_grant' &&
    failure.refusal.aadsts === null)
