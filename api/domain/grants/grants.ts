/** Grants in the form of the API, their deletion, and a refresh out of turn, as after an administrator's repair. */
import { HOUR_MS } from '../../../schema/durations.ts'
import type { Grant, GrantQuery, GrantStatus } from '../../../schema/grant.ts'
import { Protocol } from '../../../schema/mail-servers.ts'
import { includesProtocol } from '../../entra/scopes.ts'
import { byScope } from '../../model/access.ts'
import { type GrantRecord, isGone, lastAskedAt } from '../../model/grant.ts'
import type { TokenRefusalCode } from '../../model/reason.ts'
import { ok, type Result, refuse } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { limitRefusal } from '../access/limits.ts'
import { inactive, isFromOtherApp, refuseOtherApp } from '../app/integration.ts'
import { newEvent } from '../events.ts'
import { diagnoseRefresh, grantProblem } from '../failures/grant.ts'
import { type Where, withDiagnosis } from '../failures/values.ts'
import { askableAt, secondsUntil } from '../tokens/decide.ts'
import { grantToken } from '../tokens/delegated.ts'
import { writeWithEvent } from '../write-with-retry.ts'

/** Time until a grant is deleted that no mail account names: a form is saved soon after its sign-in. */
export const UNSAVED_GRANT_LIFETIME_MS = HOUR_MS

export const grantStatus = (grant: GrantRecord): GrantStatus =>
  grant.savedAt === null && grant.state === 'active' ? 'unsaved' : grant.state

export function grantView(grant: GrantRecord, where: Where): Grant {
  return {
    id: grant.id,
    customer: grant.customer,
    status: grantStatus(grant),
    signed_in_as: grant.signedInAs,
    account_type: grant.accountType,
    tenant_id: grant.tenantId,
    protocols: grant.protocols,
    access_token_expires_at: grant.accessTokenExpiresAt?.toISOString() ?? null,
    refreshed_at: grant.refreshedAt?.toISOString() ?? null,
    asked_at: lastAskedAt(grant)?.toISOString() ?? null,
    retry_at: isRetried(grant) ? (grant.retryAt?.toISOString() ?? null) : null,
    warnings: grantWarnings(grant),
    problem: grantProblem(grant, where),
    created_at: grant.createdAt.toISOString(),
    expires_at: grant.expiresAt?.toISOString() ?? null,
  }
}

const isRetried = ({ state }: GrantRecord) => state === 'cooling_down' || state === 'blocked'

function grantWarnings(grant: GrantRecord): string[] {
  const missing = Protocol.options.filter(
    (protocol) => includesProtocol(grant.scopes, protocol) && !grant.protocols.includes(protocol),
  )
  return missing.map(
    (protocol) =>
      `${protocol.toUpperCase()} was requested but not granted: an administrator may have to consent to it.`,
  )
}

const noSuchGrant = refuse({ reason: 'not_found', resource: 'grant' })

export async function readGrant(
  services: Services,
  call: Call,
  id: string,
): Promise<Result<Grant>> {
  const grant = await services.store.grants.read(id, call.accessScope)
  return grant && !isGone(grant, services.now())
    ? ok(grantView(grant, services.settings))
    : noSuchGrant
}

export async function listGrants(services: Services, call: Call, query: GrantQuery) {
  const page = await services.store.grants.list(query, services.now(), call.accessScope)
  return {
    data: page.data.map((grant) => grantView(grant, services.settings)),
    next_cursor: page.nextCursor,
  }
}

const REVOCATION_NOTE =
  'The stored tokens were deleted. Access tokens that were already issued work until they expire: Microsoft offers no way to revoke them.'

/**
 * Deletes an unused grant with its tokens. One that accounts use is only deleted with `detach`,
 * which leaves these accounts to be reconnected.
 */
export async function deleteGrant(
  services: Services,
  call: Call,
  id: string,
  detach: boolean,
): Promise<Result<{ id: string; deleted: true; detached: string[]; note: string }>> {
  const { grants } = services.store
  const [grant, users] = await Promise.all([
    grants.read(id, call.accessScope),
    grants.listMailAccounts(id),
  ])
  if (!grant) return noSuchGrant
  const shown = byScope(call.accessScope, {
    all: () => users,
    mail_accounts: ({ mailAccountIds }) => users.filter((user) => mailAccountIds.includes(user)),
    // A grant and its accounts have one customer.
    customer: () => users,
  })
  const inUse = refuse({ reason: 'grant_in_use', mailAccountIds: shown })
  if (users.length > 0 && !detach) return inUse
  const isShared = shown.length < users.length
  const refusal = isShared && limitRefusal(call.accessScope, 'unshared_grants')
  if (refusal) return refusal
  const event = newEvent(services, call, 'grant.deleted', grant, {
    signed_in_as: grant.signedInAs,
    detached: users.length,
  })
  const deleted = await writeWithEvent(services, event, () =>
    grants.delete(id, detach, event, call.accessScope),
  )
  if (!deleted) return (await grants.read(id, call.accessScope)) ? inUse : noSuchGrant
  return ok({ id, deleted: true, detached: users, note: REVOCATION_NOTE })
}

const VERDICTS: readonly TokenRefusalCode[] = ['grant_blocked', 'reconnect_required']

/**
 * Refreshes the grant whatever its status, at most once a minute, and returns it. Refuses if Microsoft gave
 * no verdict on this grant: it fails, or rejects the credential.
 */
export async function retryGrant(
  services: Services,
  call: Call,
  id: string,
): Promise<Result<Grant>> {
  const { grants, integrations } = services.store
  const now = services.now()
  const [visible, grant, integration] = await Promise.all([
    grants.read(id, call.accessScope),
    grants.readWithToken(id),
    integrations.read(),
  ])
  if (!visible || !grant || isGone(grant, now)) return noSuchGrant
  if (!integration.active) return inactive
  if (isFromOtherApp(grant, integration)) return refuseOtherApp(integration)
  const pausedUntil = askableAt(grant, now)
  if (pausedUntil) {
    return refuse({ reason: 'asked_recently', retryAfter: secondsUntil(pausedUntil, now) })
  }
  const demand = { rejected: null, atOnce: true }
  const token = await grantToken(services, call, grant, integration, demand)
  const after = await grants.read(id, call.accessScope)
  if (!after) return noSuchGrant
  const isJudged = token.ok || VERDICTS.includes(token.error.code) || after.state === 'cooling_down'
  return isJudged
    ? ok(grantView(after, services.settings))
    : withDiagnosis(token, (facts) => diagnoseRefresh(grant, facts, services.settings))
}
