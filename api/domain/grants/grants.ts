/**
 * Grants: their representation in the API, their deletion, and a refresh on request, for example after an
 * administrator's repair.
 */
import { HOUR_MS } from '../../../schema/durations.ts'
import type { Grant, GrantQuery, GrantResource, GrantStatus } from '../../../schema/grant.ts'
import { Protocol } from '../../../schema/mail-servers.ts'
import { PROTOCOL_NAMES, type Resource } from '../../../schema/protocols.ts'
import { protocolsIn } from '../../entra/scopes.ts'
import { byScope } from '../../model/access.ts'
import { type GrantRecord, isGone, isUnissued, type WholeGrant } from '../../model/grant.ts'
import type { TokenRefusal, TokenRefusalCode } from '../../model/reason.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { listPage } from '../../model/storage.ts'
import type { Call, Services } from '../../services.ts'
import { limitRefusal } from '../access/limits.ts'
import { inactive, isFromOtherApp, refuseOtherApp } from '../app/integration.ts'
import { newEvent } from '../events.ts'
import { diagnoseRefresh, grantProblem } from '../failures/token.ts'
import { type Where, withDiagnosis } from '../failures/values.ts'
import { askableAt, secondsUntil } from '../tokens/decide.ts'
import { grantToken } from '../tokens/delegated.ts'
import { writeWithEvent } from '../write-with-retry.ts'

/** Time until a grant without a mail account is deleted. A form is usually saved soon after its sign-in. */
export const UNSAVED_GRANT_LIFETIME_MS = HOUR_MS

export const grantStatus = (grant: GrantRecord): GrantStatus =>
  grant.savedAt === null && grant.state === 'active' ? 'unsaved' : grant.state

export function grantView(grant: WholeGrant, where: Where): Grant {
  const outlook = grant.resources.find(({ resource }) => resource === 'outlook')
  return {
    id: grant.id,
    customer: grant.customer,
    status: grantStatus(grant),
    signed_in_as: grant.signedInAs,
    account_type: grant.accountType,
    tenant_id: grant.tenantId,
    protocols: Protocol.options.filter((protocol) => grant.covered.includes(protocol)),
    resources: grant.resources.map((token) => resourceView(token, where)),
    access_token_expires_at: outlook?.accessTokenExpiresAt?.toISOString() ?? null,
    refreshed_at: latest(grant.resources.map(({ refreshedAt }) => refreshedAt)),
    retry_at: isRetried(grant) ? (grant.retryAt?.toISOString() ?? null) : null,
    warnings: grantWarnings(grant),
    problem: grantProblem(grant, where),
    created_at: grant.createdAt.toISOString(),
    expires_at: grant.expiresAt?.toISOString() ?? null,
  }
}

const resourceView = (token: GrantRecord, where: Where): GrantResource => ({
  resource: token.resource,
  protocols: token.protocols,
  status: token.state,
  problem: grantProblem(token, where),
  access_token_expires_at: token.accessTokenExpiresAt?.toISOString() ?? null,
})

const latest = (times: readonly (Date | null)[]): string | null =>
  times
    .map((time) => time?.toISOString() ?? null)
    .toSorted()
    .findLast((time) => time !== null) ?? null

const isRetried = ({ state }: GrantRecord) => state === 'cooling_down' || state === 'blocked'

function grantWarnings(grant: WholeGrant): string[] {
  const missing = protocolsIn(grant.scopes).filter((protocol) => !grant.covered.includes(protocol))
  const wider = [...new Set(grant.resources.flatMap((token) => token.wider))]
  return [
    ...missing.map(
      (protocol) =>
        `${PROTOCOL_NAMES[protocol]} was requested but not granted. Your Microsoft 365 admin may have to consent to it.`,
    ),
    ...(wider.length > 0 ? [widerThanAsked(wider)] : []),
  ]
}

/** Warns of an app registration that has more permissions than Mailgrant asks for. */
export const widerThanAsked = (names: readonly string[]): string =>
  `Microsoft's access tokens also permit ${names.join(', ')}, which Mailgrant does not ask for, and a mail worker could use its token for that. The app registration was given consent for it elsewhere. Register an app for Mailgrant alone.`

const noSuchGrant = err({ reason: 'not_found', resource: 'grant' })

/** Returns `not_found` for an unsaved grant from its expiry on, even while its row still exists. */
export async function readGrant(services: Services, call: Call, id: string) {
  const grant = await services.store.grants.read(id, call.accessScope)
  return grant && !isGone(grant, services.now())
    ? ok(grantView(grant, services.settings))
    : noSuchGrant
}

/**
 * Returns a page of the grants that the caller's access scope includes, newest first, without unsaved ones that have
 * expired.
 */
export async function listGrants(services: Services, call: Call, query: GrantQuery) {
  const page = await services.store.grants.list(query, services.now(), call.accessScope)
  return listPage(page, (grant) => grantView(grant, services.settings))
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
  const inUse = err({ reason: 'grant_in_use', mailAccountIds: shown })
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
 * Refreshes the grant whatever its status, at most once a minute, and returns it. Refuses if Microsoft gave no verdict
 * on this grant, because it fails or rejects the credential.
 */
export async function retryGrant(services: Services, call: Call, id: string) {
  const { grants, integrations } = services.store
  const now = services.now()
  const [grant, ofOutlook, integration] = await Promise.all([
    grants.read(id, call.accessScope),
    grants.readWithToken(id, 'outlook'),
    integrations.read(),
  ])
  if (!grant || isGone(grant, now)) return noSuchGrant
  if (!integration.active) return inactive
  if (isFromOtherApp(grant, integration)) return refuseOtherApp(integration)
  const issued = grant.resources.filter((token) => !isUnissued(token))
  const due = issued.filter((token) => askableAt(token, now) === null)
  if (due.length === 0) {
    const waits = issued.map((token) => secondsUntil(askableAt(token, now), now))
    return err({ reason: 'asked_recently', retryAfter: Math.min(...waits) })
  }
  let unjudged: { resource: Resource; refusal: { ok: false; error: TokenRefusal } } | null = null
  for (const { resource } of due) {
    // Outlook's token is refreshed first. That changes the grant, so the other one is read afterwards.
    const current = resource === 'outlook' ? ofOutlook : await grants.readWithToken(id, resource)
    if (!current) continue
    const demand = { rejected: null, atOnce: true }
    const token = await grantToken(services, call, current, integration, demand)
    if (!token.ok && !VERDICTS.includes(token.error.code)) {
      unjudged ??= { resource, refusal: token }
    }
  }
  const after = await grants.read(id, call.accessScope)
  if (!after) return noSuchGrant
  const failed = after.resources.find(({ resource }) => resource === unjudged?.resource)
  return unjudged === null || !failed || failed.state === 'cooling_down'
    ? ok(grantView(after, services.settings))
    : withDiagnosis(unjudged.refusal, (facts) => diagnoseRefresh(failed, facts, services.settings))
}
