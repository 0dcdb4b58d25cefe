/** The whole store, by aggregate: takes and returns types of the model, never rows or ciphertexts. */
import type { KeyRing } from '../../schema/settings.ts'
import type { AloneSince } from '../model/storage.ts'
import { createAccessBinder } from './access-binding.ts'
import { createAdminConsentStore } from './admin-consents.ts'
import { createApiKeyStore } from './api-keys.ts'
import { createAppTokenStore } from './app-tokens.ts'
import { createAuthorizationStore } from './authorizations.ts'
import { createConsoleSessionStore } from './console-sessions.ts'
import { createCountedCallStore } from './counted-calls.ts'
import { createCustomerStore } from './customers.ts'
import { isStorageError, openDatabase } from './database.ts'
import { createEventStore } from './events.ts'
import { createGrantStore } from './grants.ts'
import { createHistoryStore } from './history.ts'
import { createIdempotencyStore } from './idempotency.ts'
import { createIntegrationStore } from './integrations.ts'
import { createKeyRingStore } from './key-ring.ts'
import { createLoginContextStore } from './login-contexts.ts'
import { createMailAccountStore } from './mail-accounts.ts'
import { createMaintenanceRunStore, createMaintenanceStore } from './maintenance.ts'
import { createMetricsStore } from './metrics.ts'
import { createSealer } from './seal.ts'
import { createSigningKeyStore } from './signing-keys.ts'
import { createTokenIssueStore } from './token-issue.ts'
import { createTokenUseStore } from './token-uses.ts'
import { createValidationStore } from './validations.ts'
import { createDeliveryStore } from './webhook-deliveries.ts'
import { createWebhookStore } from './webhooks.ts'

export type Store = ReturnType<typeof createStore>

/** Opens the store. `accessEpoch` is bound into everything that gives access, so a change of it ends all of that. */
export function createStore(
  d1: D1Database,
  ring: KeyRing,
  accessEpoch: string,
  aloneSince: AloneSince,
) {
  const db = openDatabase(d1)
  const sealer = createSealer(ring)
  const binder = createAccessBinder(ring, accessEpoch, sealer)
  return {
    isStorageError,
    sealer,
    integrations: createIntegrationStore(db, sealer),
    signingKeys: createSigningKeyStore(db, sealer),
    authorizations: createAuthorizationStore(db, sealer, binder),
    adminConsents: createAdminConsentStore(db, sealer, binder),
    grants: createGrantStore(db, sealer, aloneSince),
    appTokens: createAppTokenStore(db, sealer, aloneSince),
    tokenIssue: createTokenIssueStore(db, sealer, binder),
    tokenUses: createTokenUseStore(db),
    mailAccounts: createMailAccountStore(db, sealer),
    loginContexts: createLoginContextStore(db, sealer),
    validations: createValidationStore(db),
    countedCalls: createCountedCallStore(db),
    events: createEventStore(db),
    history: createHistoryStore(db),
    idempotency: createIdempotencyStore(db, sealer),
    webhooks: createWebhookStore(db, sealer),
    deliveries: createDeliveryStore(db, aloneSince),
    apiKeys: createApiKeyStore(db, binder),
    customers: createCustomerStore(db),
    consoleSessions: createConsoleSessionStore(db, binder),
    maintenance: createMaintenanceStore(db, sealer),
    maintenanceRuns: createMaintenanceRunStore(db),
    metrics: createMetricsStore(db),
    keyRing: createKeyRingStore(db),
  }
}
