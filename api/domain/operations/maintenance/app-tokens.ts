/**
 * Retries app-only tokens that Microsoft refused, so that an account recovers without a call once an administrator has
 * acted. Others need no maintenance, since they are fetched on demand.
 */
import { describeError } from '../../../log.ts'
import type { AppTokenRecord } from '../../../model/grant.ts'
import type { IntegrationRecord } from '../../../model/integration.ts'
import type { Call, Services } from '../../../services.ts'
import { isConfigured } from '../../app/integration.ts'
import { fetchAppToken } from '../../tokens/app-only.ts'
import type { Budget, Outcome } from './budget.ts'

/** Enough for one organisation, which has few tenants. */
const RETRIES = 10
/** Queries of one retry: lease, settings with the credential, the write with its event, a retry. */
const COST = 5

/**
 * Ends early at `credential_rejected`, which every other token would meet as well. `count`: tokens that were
 * obtained.
 */
export async function retryAppTokens(
  services: Services,
  call: Call,
  budget: Budget,
  integration: IntegrationRecord,
): Promise<Outcome> {
  const { store, now } = services
  if (!integration.active || !isConfigured(integration)) return { count: 0, more: false }
  const due = await store.appTokens.due(integration, now(), RETRIES + 1)
  let count = 0
  for (const token of due.slice(0, RETRIES)) {
    if (!budget.take(COST)) return { count, more: true }
    const result = await retry(services, call, token)
    if (result?.ok) count += 1
    if (result?.ok === false && result.error.code === 'credential_rejected') break
  }
  return { count, more: due.length > RETRIES }
}

async function retry(services: Services, call: Call, token: AppTokenRecord) {
  try {
    return await fetchAppToken(services, call, token)
  } catch (error) {
    if (services.store.isStorageError(error)) throw error
    services.log('error', 'app_token_failed', {
      tenant: token.tenant,
      error: describeError(error),
    })
    return null
  }
}
