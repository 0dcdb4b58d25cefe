/**
 * Marks the accounts that wait for a person on this day, in their history. Once a day for each, although the
 * task looks every minute: an account that begins to wait is marked within that time.
 */
import type { Call, Services } from '../../services.ts'
import { dayOf } from '../history/days.ts'
import type { Budget, Outcome } from './budget.ts'

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
