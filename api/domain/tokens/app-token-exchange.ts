/** The request for a token of the app itself, by the holder of the lease: ask Entra, classify, store. */

import { clouds } from '../../entra/clouds.ts'
import type { EntraFailure } from '../../entra/errors.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import { ok, type Result, refuse } from '../../result.ts'
import type { Call, Services } from '../../services.ts'
import type { AppTokenLease } from '../../store/app-tokens.ts'
import { loggedFacts } from '../diagnosing/facts.ts'
import { newEvent } from '../events.ts'
import { judgeAppToken, retryAfterOf } from '../failures.ts'
import { authOf } from '../integration/credential.ts'
import { noteCredentialAccepted, noteCredentialRejected } from '../integration/credential-state.ts'
import { inactive, madeElsewhere } from '../integration/integration.ts'
import type { IssuedAppToken } from './app-token.ts'
import { secondsUntil, toGrantFailure } from './refresh-decision.ts'
import { CREDENTIAL_PAUSE } from './refresh-exchange.ts'

const moved = refuse(
  'provider_unavailable',
  'The app registration was changed at this moment. Repeat the call.',
  { retryAfter: 1 },
)
const STORE_WAITS = [100, 400, 1600]

export async function fetchAppToken(
  services: Services,
  call: Call,
  lease: AppTokenLease,
): Promise<Result<IssuedAppToken>> {
  const { store, entra } = services
  const { clientId, cloud, tenant } = lease.token
  const known = await store.integrations.readWithCredential().catch(async (error: unknown) => {
    // Nothing was asked: whoever comes next need not wait until the lease has run out.
    await store.appTokens.release(lease).catch(() => {})
    throw error
  })
  const { integration, credential } = known
  // Changed since it was looked at: nobody is asked once the switch is off, nor with another's credential.
  const changed = integration.active ? madeElsewhere(lease.token, integration) && moved : inactive
  if (changed) {
    await store.appTokens.release(lease)
    return changed
  }
  const rejected = integration.credentialRejected
  const pausing = rejected && services.now().getTime() - rejected.at.getTime() < CREDENTIAL_PAUSE
  if (credential === null || pausing) {
    await store.appTokens.release(lease)
    return refuse('credential_rejected', rejected?.detail ?? 'No client credential is stored.', {
      facts: rejected?.facts ?? null,
    })
  }
  const answer = await entra.clientCredentials({
    authority: entra.authority(cloud, tenant),
    auth: authOf(services, clientId, credential),
    scope: clouds[cloud].appOnlyScope,
    now: services.now(),
  })
  if (!answer.ok) return failed(services, call, lease, answer.failure, integration)
  const now = services.now()
  const { accessToken, expiresIn } = answer.tokens
  const issued = { accessToken, expiresAt: new Date(now.getTime() + expiresIn * 1000) }
  const recovered =
    lease.token.state === 'active'
      ? null
      : appTokenEvent(services, call, 'grant.recovered', lease, { from: lease.token.state })
  await insist(services, lease, () => store.appTokens.store(lease, issued, now, recovered))
  // After the token, and only a note: its failure must not cost it.
  if (rejected) await noteCredentialAccepted(services, call, integration.version).catch(() => {})
  return ok(issued)
}

async function failed(
  services: Services,
  call: Call,
  lease: AppTokenLease,
  failure: EntraFailure,
  integration: IntegrationRecord,
): Promise<Result<IssuedAppToken>> {
  const { tenant, state } = lease.token
  services.log('warn', 'app_token_failed', { tenant, ...loggedFacts(failure) })
  const { effect, detail, facts } = judgeAppToken(failure, lease.token, integration)
  if (effect === 'credential_rejected') {
    await services.store.appTokens.release(lease)
    await noteCredentialRejected(services, call, integration.version, detail, facts)
    return refuse('credential_rejected', detail, { facts })
  }
  const now = services.now()
  const change = toGrantFailure(
    effect === 'cool_down' ? 'cool_down' : 'block',
    lease.token,
    { detail, facts },
    retryAfterOf(failure),
    now,
  )
  const type = change.state === 'blocked' ? 'grant.blocked' : 'grant.cooling_down'
  const event =
    state === change.state ? null : appTokenEvent(services, call, type, lease, { detail })
  await insist(services, lease, () => services.store.appTokens.fail(lease, change, now, event))
  return change.state === 'blocked'
    ? refuse('grant_blocked', detail, { facts })
    : refuse('provider_unavailable', detail, {
        facts,
        retryAfter: secondsUntil(change.retryAt, now),
      })
}

/** Told as of a grant, so that whoever listens for those hears of both; the subject is the tenant. */
const appTokenEvent = (
  services: Services,
  call: Call,
  type: 'grant.recovered' | 'grant.blocked' | 'grant.cooling_down',
  { token: { tenant } }: AppTokenLease,
  data: Record<string, string>,
) => newEvent(services, call, type, tenant, { flow: 'app_only', tenant, ...data })

/**
 * The write is fenced, so that repeating it is safe, also when D1 did it and its answer was lost. When
 * it cannot be stored at all, the token in hand is still good, and the next caller fetches another.
 */
async function insist(
  { log, pause }: Services,
  lease: AppTokenLease,
  write: () => Promise<boolean>,
) {
  for (const wait of [...STORE_WAITS, null]) {
    try {
      await write()
      return
    } catch {
      if (wait !== null) await pause(wait)
    }
  }
  log('error', 'app_token_not_stored', { tenant: lease.token.tenant })
}
