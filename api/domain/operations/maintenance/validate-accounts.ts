/** Validates saved accounts on a schedule, those first whose last check is longest ago. */
import { HOUR_MS, MINUTE_MS } from '../../../../schema/durations.ts'
import { describeError } from '../../../log.ts'
import type { Call, Services } from '../../../services.ts'
import { type Budget, processQueue } from '../../budget.ts'
import { validateMailAccount } from '../../checks/validations.ts'

/**
 * Queries of one account: the account with its token (1), a refresh (3), the last result for Graph (1), the result (2),
 * the history of a refusal (2). The margin of the budget covers the event of a change.
 */
const COST = 9
/** Factor by which accounts are validated faster than necessary, to make up for an interruption. */
const HEADROOM = 1.25
/** Inconclusive results and errors in a row that point to the checker, the network or a key, not to mailboxes. */
const MAX_INCONCLUSIVE_IN_A_ROW = 3

/** Validates due accounts at a pace that spreads them over the period. `count`: accounts with a result. */
export async function validateAccounts(services: Services, call: Call, budget: Budget) {
  const { store, settings, checker, runLimits } = services
  const { maintenance } = store
  const nothing = { count: 0, more: false }
  if (settings.validateEveryHours === null) return nothing
  if (!budget.take(5)) return { count: 0, more: true }
  const every = settings.validateEveryHours * HOUR_MS
  const since = new Date(services.now().getTime() - every)
  if (!(await maintenance.isAnyDue(since))) return nothing
  if ((await checker.readiness()) !== 'ready') return { count: 0, more: true }

  // After a start, an upgrade or a long pause all are due at once, and must not log in at once.
  const pace = paceOf(await maintenance.countAccounts(), every)
  let affordable = 0
  while (affordable < Math.min(pace, runLimits.validations) && budget.take(COST)) affordable += 1
  const claimed = await maintenance.claimAccounts(since, services.now(), affordable)
  const queue = [...claimed]
  const done: string[] = []
  let count = 0
  let inARow = 0
  try {
    await processQueue(
      () => (budget.ending() ? undefined : queue.shift()),
      async (id) => {
        const outcome = await validate(services, call, id)
        // After an error the claim remains, so that the account is due again within an hour.
        if (outcome !== 'error') done.push(id)
        if (outcome !== null && outcome !== 'error') count += 1
        inARow = outcome === 'inconclusive' || outcome === 'error' ? inARow + 1 : 0
        return inARow >= MAX_INCONCLUSIVE_IN_A_ROW ? 'stop' : 'go on'
      },
      runLimits.atOnce,
    )
  } finally {
    await maintenance.finishAccounts({ done, left: queue }, since, services.now())
  }
  return { count, more: queue.length > 0 || (claimed.length === affordable && affordable < pace) }
}

/** Returns how many accounts each run, once a minute, must validate so that all have their turn in the period. */
const paceOf = (accounts: number, everyMs: number) =>
  Math.ceil((HEADROOM * accounts * MINUTE_MS) / everyMs)

/** Returns the outcome, null if the validation was refused, or "error" if it failed. Throws StorageError. */
async function validate(services: Services, call: Call, id: string) {
  try {
    const result = await validateMailAccount(services, call, id)
    return result.ok ? result.value.outcome : null
  } catch (error) {
    if (services.store.isStorageError(error)) throw error
    services.log('error', 'validation_failed', { account: id, error: describeError(error) })
    return 'error'
  }
}
