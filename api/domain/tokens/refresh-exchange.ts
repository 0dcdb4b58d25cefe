/** The refresh itself, by the holder of the lease: ask Entra, classify, store. */

import { refreshTenant } from '../../entra/authority.ts'
import type { EntraFailure } from '../../entra/errors.ts'
import type { Tokens } from '../../entra/token.ts'
import type { TokenFailure } from '../../model/failure.ts'
import type { GrantRecord, NewTokens } from '../../model/grant.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import { ok, type Result, refuse } from '../../result.ts'
import type { Call, Services } from '../../services.ts'
import type { Lease } from '../../store/leases.ts'
import { loggedFacts, SUSPECTED } from '../diagnosing/facts.ts'
import { newGrantEvent } from '../events.ts'
import { judgeRefresh, retryAfterOf } from '../failures.ts'
import { authOf } from '../integration/credential.ts'
import { noteCredentialAccepted, noteCredentialRejected } from '../integration/credential-state.ts'
import { inactive, madeElsewhere, stranded } from '../integration/integration.ts'
import type { TokenInHand } from './refresh.ts'
import { secondsUntil, toGrantFailure } from './refresh-decision.ts'

/** After a refusal of the credential, Entra is not asked again for this long, milliseconds. */
export const CREDENTIAL_PAUSE = 60_000
const STORE_WAITS = [100, 200, 400, 800, 1600]

export async function grantExchange(
  services: Services,
  call: Call,
  lease: Lease,
): Promise<Result<TokenInHand>> {
  const { store, entra } = services
  const { grant } = lease
  const known = await store.integrations.readWithCredential().catch(async (error: unknown) => {
    // Nothing was asked: whoever comes next need not wait until the lease has run out.
    await store.leases.release(lease).catch(() => {})
    throw error
  })
  const { integration, credential } = known
  // Changed since it was looked at: nobody is asked once the switch is off, nor with another's credential.
  const changed = integration.active ? madeElsewhere(grant, integration) && stranded : inactive
  if (changed) {
    await store.leases.release(lease)
    return changed
  }
  const rejected = integration.credentialRejected
  const pausing = rejected && services.now().getTime() - rejected.at.getTime() < CREDENTIAL_PAUSE
  if (credential === null || pausing) {
    await store.leases.release(lease)
    return refuse('credential_rejected', rejected?.detail ?? 'No client credential is stored.', {
      facts: rejected?.facts ?? null,
    })
  }

  const auth = authOf(services, grant.clientId, credential)
  const ask = (refreshToken: string) =>
    entra.refresh({
      authority: entra.authority(grant.cloud, refreshTenant(grant.tenantId)),
      auth,
      refreshToken,
      scopes: grant.scopes,
      now: services.now(),
    })
  let used: 'current' | 'previous' = 'current'
  let answer = await ask(lease.refreshToken)
  if (
    !answer.ok &&
    lease.previousRefreshToken &&
    isAboutThisToken(answer.failure, grant, integration)
  ) {
    // A rotated token whose answer never reached us may be unknown to us: its predecessor works.
    used = 'previous'
    answer = await ask(lease.previousRefreshToken)
  }
  if (!answer.ok) return failed(services, call, lease, answer.failure, integration)
  const token = await succeeded(services, call, lease, answer.tokens, used)
  // After the tokens, and only a note: its failure must not cost them.
  if (rejected) await noteCredentialAccepted(services, call, integration.version).catch(() => {})
  return token
}

/** An `invalid_grant` that may mean this token only, not the person's consent. */
const isAboutThisToken = (
  failure: EntraFailure,
  grant: GrantRecord,
  integration: IntegrationRecord,
): boolean =>
  judgeRefresh(failure, grant, integration).unconfirmed ||
  (failure.kind === 'refused' &&
    failure.refusal.error === 'invalid_grant' &&
    failure.refusal.aadsts === null)

async function succeeded(
  services: Services,
  call: Call,
  lease: Lease,
  tokens: Tokens,
  used: 'current' | 'previous',
): Promise<Result<TokenInHand>> {
  const { grant } = lease
  const now = services.now()
  const fresh: NewTokens = {
    accessToken: tokens.accessToken,
    accessTokenExpiresAt: new Date(now.getTime() + tokens.expiresIn * 1000),
    refreshToken: tokens.refreshToken,
  }
  const recovered =
    grant.state === 'active'
      ? null
      : newGrantEvent(services, call, 'grant.recovered', grant, { from: grant.state })
  await insist(services, lease, () =>
    services.store.leases.store(lease, fresh, used, now, recovered),
  )
  return ok({
    accessToken: fresh.accessToken,
    expiresAt: fresh.accessTokenExpiresAt,
    grant: { ...grant, state: 'active', problem: null },
  })
}

async function failed(
  services: Services,
  call: Call,
  lease: Lease,
  failure: EntraFailure,
  integration: IntegrationRecord,
): Promise<Result<TokenInHand>> {
  const { grant } = lease
  services.log('warn', 'refresh_failed', { grant: grant.id, ...loggedFacts(failure) })
  const { effect, detail, facts } = judgeRefresh(failure, grant, integration)
  if (effect === 'credential_rejected') {
    await services.store.leases.release(lease)
    await noteCredentialRejected(services, call, integration.version, detail, facts)
    return refuse('credential_rejected', detail, { facts })
  }
  const now = services.now()
  const change = toGrantFailure(effect, grant, { detail, facts }, retryAfterOf(failure), now)
  const known = grant.state === change.state
  const event = known ? null : newGrantEvent(services, call, eventType(change), grant, { detail })
  await insist(services, lease, () =>
    services.store.leases.fail(
      lease,
      facts.unconfirmed ? { ...change, code: SUSPECTED } : change,
      now,
      event,
    ),
  )
  return change.state === 'cooling_down'
    ? refuse('provider_unavailable', detail, {
        facts,
        retryAfter: secondsUntil(change.retryAt, now),
      })
    : refuse(change.state === 'blocked' ? 'grant_blocked' : 'reconnect_required', detail, { facts })
}

const eventType = (change: TokenFailure) => {
  if (change.state === 'cooling_down') return 'grant.cooling_down'
  return change.state === 'blocked' ? 'grant.blocked' : 'grant.reconnect_required'
}

/**
 * D1 may fail, or apply a write and lose its answer. The write is fenced, so that repeating it is
 * safe, and signed with the lease's owner, so that it is recognised. When it cannot be stored at
 * all, the token in hand is still good: Entra keeps the old refresh token valid.
 */
async function insist(services: Services, lease: Lease, write: () => Promise<boolean>) {
  for (const wait of [...STORE_WAITS, null]) {
    try {
      if (!(await write()) && !(await services.store.leases.wrote(lease))) {
        services.log('warn', 'refresh_overtaken', { grant: lease.grant.id })
      }
      return
    } catch {
      if (wait !== null) await services.pause(wait)
    }
  }
  services.log('error', 'refresh_not_stored', { grant: lease.grant.id })
}
