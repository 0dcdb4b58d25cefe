/** Deletes what the deletion of a customer has left, for lack of time or because it was written meanwhile. */
import { MINUTE_MS } from '../../../../schema/durations.ts'
import type { Call, Services } from '../../../services.ts'
import { emptyCustomer, inRounds } from '../../access/customers.ts'
import type { Budget } from '../../budget.ts'

/** Time for which a deleted name is reserved, since a request that began before can still write under it. */
const RESERVED_MS = 10 * MINUTE_MS
/** Shared by all customers, since validations have to fit in as well. */
const ROUNDS = 50

/** Deletes the remaining rows of deleted customers. `count`: names that were freed. */
export async function emptyCustomers(services: Services, call: Call, budget: Budget) {
  const { customers } = services.store
  const takeRound = inRounds(ROUNDS, budget.take)
  // Looks for customers even without a budget. Most runs find none, and the task would count as behind.
  budget.take(1)
  let count = 0
  let more = false
  for (const customer of await customers.listDeleted()) {
    if (!budget.take(1)) return { count, more: true }
    const reservedUntil = Number(customer.deletedAt) + RESERVED_MS
    const isOver = services.now().getTime() >= reservedUntil
    const isEmpty = await emptyCustomer(services, call, customer, budget.take, takeRound)
    if (!isEmpty) more = true
    else if (isOver && budget.take(1)) {
      await customers.forget(customer)
      count += 1
    }
  }
  return { count, more }
}
