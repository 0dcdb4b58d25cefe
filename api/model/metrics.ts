/** Figures of a deployment, for its monitoring. */
import type { GrantStatus } from '../../schema/grant.ts'
import type { Readiness } from '../../schema/health.ts'
import type { TokenRequestOutcome } from '../../schema/history.ts'
import type { Health } from '../../schema/mail-account.ts'
import type { DeliveryStatus } from '../../schema/webhook.ts'
import type { DatabaseSize } from './database-health.ts'

export type StoredFigures = {
  grants: Record<GrantStatus, number>
  mailAccounts: Record<Health, number>
  /** Totals since the first day of the deployment: they never go down. */
  tokenRequests: Record<TokenRequestOutcome, number>
  /** Messages to webhooks that are stored. */
  deliveries: Record<DeliveryStatus, number>
  /** Expiry of the current credential; null without one, or if it is unknown. */
  credentialExpiresAt: Date | null
  /** End of the last task of the maintenance that did not fail; null before the first. */
  maintenanceFinishedAt: Date | null
  /** When the refresh became due that has waited for longest; null if none waits. */
  refreshDueAt: Date | null
}

export type Figures = StoredFigures & {
  at: Date
  checks: Readiness['checks']
  database: DatabaseSize
}
