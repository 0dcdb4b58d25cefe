/** Removes what has had its time: a bounded number of rows of each kind, the next run goes on. */
import type { Call, Services } from '../../services.ts'
import type { Budget, Outcome } from './budget.ts'

const DAY = 86_400_000
/** Authorizations can be read for this long after their end. */
const KEEP_AUTHORIZATIONS = DAY
const KEEP_VALIDATIONS = 30 * DAY
const KEEP_DELIVERIES = 30 * DAY
/** More than a busy hour writes, and done in a moment. */
const ROWS_OF_A_KIND = 5000

export async function purge(services: Services, _call: Call, budget: Budget): Promise<Outcome> {
  const { store, settings } = services
  const now = services.now().getTime()
  const ago = (ms: number) => new Date(now - ms)
  const before = {
    unsavedGrants: ago(0),
    authorizations: ago(KEEP_AUTHORIZATIONS),
    adminConsents: ago(0),
    consoleSessions: ago(0),
    idempotencyRecords: ago(0),
    validations: ago(KEEP_VALIDATIONS),
    events: ago(settings.eventRetentionDays * DAY),
    deliveries: ago(KEEP_DELIVERIES),
    appTokens: ago(DAY),
  }
  budget.take(Object.keys(before).length)
  const removed = await store.upkeep.purge(before, ROWS_OF_A_KIND)
  return {
    count: removed.reduce((sum, rows) => sum + rows, 0),
    more: removed.some((rows) => rows >= ROWS_OF_A_KIND),
  }
}
