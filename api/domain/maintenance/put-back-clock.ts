/** Makes due what was stored before the clock was put back, and would wait for as long as it was wrong. */
import type { Call, Services } from '../../services.ts'
import type { Budget, Outcome } from './budget.ts'

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
