/** Short tasks: deleting expired data, marking accounts that wait for a person, and times from a clock that was wrong. */
import { DAY_MS } from '../../../../schema/durations.ts'
import type { Call, Services } from '../../../services.ts'
import { dayOf } from '../history.ts'
import type { Budget, Outcome } from './budget.ts'

/** Authorizations can be read for this long after their end. */
const KEEP_AUTHORIZATIONS_MS = DAY_MS
const KEEP_VALIDATIONS_MS = 30 * DAY_MS
/** An Idempotency-Key is valid for a day. */
const KEEP_TEST_MESSAGES_MS = 2 * DAY_MS
const KEEP_DELIVERIES_MS = 30 * DAY_MS
const KEEP_HISTORY_MS = 90 * DAY_MS
/** More than a busy minute writes. */
const ROWS_PER_KIND = 1000

export async function purge(services: Services, _call: Call, budget: Budget): Promise<Outcome> {
  const { store, settings, runLimits } = services
  const now = services.now().getTime()
  const ago = (ms: number) => new Date(now - ms)
  const before = {
    unsavedGrants: ago(0),
    authorizations: ago(KEEP_AUTHORIZATIONS_MS),
    adminConsents: ago(0),
    consoleSessions: ago(0),
    idempotencyRecords: ago(0),
    validations: ago(KEEP_VALIDATIONS_MS),
    testMessages: ago(KEEP_TEST_MESSAGES_MS),
    events: ago(settings.eventRetentionDays * DAY_MS),
    deliveries: ago(KEEP_DELIVERIES_MS),
    appTokens: ago(DAY_MS),
    dailyCounts: ago(KEEP_HISTORY_MS),
    tokenUses: ago(KEEP_HISTORY_MS),
  }
  budget.take(Object.keys(before).length)
  const removed = await store.maintenance.purge(before, ROWS_PER_KIND, runLimits.rowsAtOnce)
  return {
    count: removed.reduce((sum, rows) => sum + rows, 0),
    more: removed.some((rows) => rows >= ROWS_PER_KIND),
  }
}

/** Writes the token uses that this process has counted in the hours that are over. */
export async function writeTokenUses(
  { store, now }: Services,
  _call: Call,
  budget: Budget,
): Promise<Outcome> {
  if (!budget.take(1)) return { count: 0, more: true }
  await store.tokenUses.writeEnded(now())
  return { count: 0, more: false }
}

// Marks the accounts that wait for a person on this day, in their history. Once a day for each,
// although the task looks every minute: an account that begins to wait is marked within that time.

const ACCOUNTS = 1000

export async function markWaiting(
  services: Services,
  _call: Call,
  budget: Budget,
): Promise<Outcome> {
  if (!budget.take(1)) return { count: 0, more: true }
  const count = await services.store.history.markWaiting(dayOf(services.now()), ACCOUNTS)
  return { count, more: count >= ACCOUNTS }
}

// Makes due what was stored before the clock was put back, and would wait for as long as it was wrong.

/** Statements: one for each table. */
const COST = 5

export async function resumeAfterClock(
  { store, now }: Services,
  _call: Call,
  budget: Budget,
): Promise<Outcome> {
  if (!budget.take(COST)) return { count: 0, more: true }
  const count = await store.maintenance.endFarPauses(now())
  return { count, more: false }
}
