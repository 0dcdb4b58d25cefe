/** Facts for operators: the state of the maintenance and figures for monitoring. Also the rule for stored times. */
import type { maintenanceTasks } from '../../schema/d1/operating-tables.ts'
import { MINUTE_MS } from '../../schema/durations.ts'
import type { GrantStatus } from '../../schema/grant.ts'
import type { Readiness } from '../../schema/health.ts'
import type { TokenRequestOutcome } from '../../schema/history.ts'
import type { Health } from '../../schema/mail-account.ts'
import type { Protocol } from '../../schema/mail-servers.ts'
import type { DeliveryStatus } from '../../schema/webhook.ts'
import type { DatabaseSize } from './storage.ts'

/** A task that did not fail in a run. `more`: it left work for the next one. */
export type FinishedTask = { task: string; more: boolean }

export type TaskRecord = typeof maintenanceTasks.$inferSelect

export type StoredFigures = {
  grants: Record<GrantStatus, number>
  mailAccounts: Record<Protocol, Record<Health, number>>
  /** Totals since the first day of the deployment: they never go down. */
  tokenRequests: Record<TokenRequestOutcome, number>
  /** Messages to webhooks that are stored. */
  deliveries: Record<DeliveryStatus, number>
  /** Expiry of the current credential; null without one, or if it is unknown. */
  credentialExpiresAt: Date | null
  /** End of the last task of the maintenance that did not fail; null before the first. */
  maintenanceFinishedAt: Date | null
  /** The time since which the oldest due refresh has waited; null if none waits. */
  refreshDueAt: Date | null
}

export type Figures = StoredFigures & {
  at: Date
  checks: Readiness['checks']
  database: DatabaseSize
}

/** Tolerance for clocks that differ. It is generous, since it only delays work by that much after a clock was wrong. */
export const CLOCK_DIFFERENCE_MS = MINUTE_MS

/**
 * Returns true if a time has come. `longestMs`: the furthest that its rule allows it to be ahead. A time further ahead
 * was stored before the clock was put back. It counts as come, since it would pause the work for as long as the clock
 * was wrong.
 */
export const isDue = (at: Date, now: Date, longestMs: number): boolean =>
  at <= now || at.getTime() - now.getTime() > longestMs + CLOCK_DIFFERENCE_MS
