/**
 * Tokens of the app itself need no keeping alive. Those that Microsoft refused are asked for again once
 * their time has come, so that an account says by itself when an administrator has acted.
 */

import { describeError } from '../../log.ts'
import type { AppTokenRecord } from '../../model/app-token.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import type { Call, Services } from '../../services.ts'
import { isStorageError } from '../../store/database.ts'
import { isConfigured } from '../integration/integration.ts'
import { fetchOnce } from '../tokens/app-token.ts'
import type { Budget, Outcome } from './budget.ts'

/** One organisation has few tenants. */
const RETRIES = 10
/** The lease, the settings, the credential, the call to Entra, the store with its event. */
const COST = 6

export async function keepAppTokens(
  services: Services,
  call: Call,
  budget: Budget,
  integration: IntegrationRecord,
): Promise<Outcome> {
  const { store, now } = services
  if (!budget.take(1)) return { count: 0, more: true }
  if (!integration.active || !isConfigured(integration)) return { count: 0, more: false }
  const due = await store.appTokens.due(integration, now(), RETRIES + 1)
  let count = 0
  for (const token of due.slice(0, RETRIES)) {
    if (!budget.take(COST)) return { count, more: true }
    const result = await ask(services, call, token)
    if (result?.ok) count += 1
    if (result?.ok === false && result.error.code === 'credential_rejected') break
  }
  return { count, more: due.length > RETRIES }
}

async function ask(services: Services, call: Call, token: AppTokenRecord) {
  try {
    return await fetchOnce(services, call, token)
  } catch (error) {
    if (isStorageError(error)) throw error
    services.log('error', 'app_token_failed', {
      tenant: token.tenant,
      error: describeError(error),
    })
    return null
  }
}
