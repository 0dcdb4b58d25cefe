/** Short tasks about expired data and links, accounts that wait, and an outage of Microsoft. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../schema/durations.ts'
import type { LinkEnd } from '../../../model/access.ts'
import type { Call, Services } from '../../../services.ts'
import type { Budget } from '../../budget.ts'
import { dayOf } from '../history.ts'
import type { Outcome, Task } from './task.ts'

/** Authorizations can be read for this long after their end. */
const KEEP_AUTHORIZATIONS_MS = DAY_MS
const KEEP_VALIDATIONS_MS = 30 * DAY_MS
/** Longer than an Idempotency-Key, which is valid for a day. */
const KEEP_COUNTED_CALLS_MS = 2 * DAY_MS
const KEEP_DELIVERIES_MS = 30 * DAY_MS
const KEEP_HISTORY_MS = 90 * DAY_MS
/** More than a busy minute writes. */
const ROWS_PER_KIND = 1000

/** Deletes up to 1,000 expired rows of each kind. */
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
    countedCalls: ago(KEEP_COUNTED_CALLS_MS),
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

const EXPIRED: LinkEnd = {
  code: 'authorization_expired',
  detail: 'No sign-in was finished with the link in time. Send a new one.',
}

/** Notifies webhooks of links that were sent and have expired unused. */
export async function reportExpiredLinks({ store, now }: Services, { actor }: Call) {
  const count = await store.authorizations.reportExpired(
    { at: now(), actor },
    EXPIRED,
    ROWS_PER_KIND,
  )
  return { count, more: count >= ROWS_PER_KIND }
}

/** Writes the token uses that this process has counted in the hours that are over. */
export async function writeTokenUses({ store, now }: Services): Promise<Outcome> {
  await store.tokenUses.writeEnded(now())
  return { count: 0, more: false }
}

/** Accounts that one run marks. */
const ACCOUNTS = 1000

/** Marks today in the history of each account that waits for a person, once a day for each account. */
export async function markWaiting({ store, now }: Services): Promise<Outcome> {
  const count = await store.history.markWaiting(dayOf(now()), ACCOUNTS)
  return { count, more: count >= ACCOUNTS }
}

/** Half a minute less than the time between every third run. */
const ASK_AFTER_MS = 2.5 * MINUTE_MS
/** Longer than the longest pause of a mailbox. */
const IDLE_OUTAGE_MS = 2 * HOUR_MS

/**
 * Lets one waiting mailbox ask Microsoft every few minutes during an outage. Their pauses grow to an hour, so its end
 * would be noticed late. Ends the outage when no mailbox is left to ask, without an event, since Microsoft might still
 * be unreachable.
 */
export const watchOutage: Task = async (services, _call, budget, integration) => {
  const { outage } = integration
  const now = services.now()
  const silence = now.getTime() - (outage?.at.getTime() ?? 0)
  if (!outage?.announced || silence < ASK_AFTER_MS) return { count: 0, more: false }
  if (!budget.take(4)) return { count: 0, more: true }
  const isAsked = await services.store.maintenance.askSooner(integration, now)
  if (!isAsked && silence > IDLE_OUTAGE_MS)
    await services.store.integrations.changeOutage(outage, null, null)
  return { count: 0, more: false }
}
