/** Customers: listing, suspending and deleting them with all that belongs to them. */
import type { ListQuery } from '../../../schema/common.ts'
import type { CustomerSummary } from '../../../schema/customer-list.ts'
import { Health } from '../../../schema/mail-account.ts'
import type { CustomerRecord } from '../../model/access.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { listPage } from '../../model/storage.ts'
import type { Call, Services } from '../../services.ts'
import { type Budget, createBudget } from '../budget.ts'
import { newEvent } from '../events.ts'
import { revokeApiKey } from './keys.ts'

const noSuchCustomer = err({ reason: 'not_found', resource: 'customer' })
const suspended = err({ reason: 'customer_suspended' })

/** Returns the refusal of tokens, links and sign-ins for the mailboxes of a suspended customer, or null. */
export const suspensionOf = async ({ store }: Pick<Services, 'store'>, customer: string | null) =>
  customer !== null && (await store.customers.read(customer))?.suspendedAt ? suspended : null

/** Returns a page of the customers by name, with the number of email accounts of each. Deleted ones are left out. */
export async function listCustomers({ store }: Services, query: ListQuery) {
  const page = await store.customers.list(query)
  const counts = await store.mailAccounts.countByCustomer(page.data.map(({ name }) => name))
  return listPage(page, (customer) => customerView(customer, counts))
}

/** Suspends or resumes the customer. Idempotent. */
export async function suspendCustomer(
  services: Services,
  call: Call,
  name: string,
  suspends: boolean,
): Promise<Result<CustomerSummary>> {
  const { store } = services
  const type = suspends ? 'customer.suspended' : 'customer.resumed'
  const event = newEvent(services, call, type, { id: name, customer: name })
  await store.customers.suspend(name, suspends ? services.now() : null, event)
  const [customer, counts] = await Promise.all([
    store.customers.read(name),
    store.mailAccounts.countByCustomer([name]),
  ])
  return customer && !customer.deletedAt ? ok(customerView(customer, counts)) : noSuchCustomer
}

/** Statements of one revocation. */
const COST = 6
/** Most rounds of deletions in a request. They delete a thousand accounts at the edge, a hundred on your server. */
const ROUNDS = 10

/** Suspends the customer for good and begins to delete its data. `confirm`: the number of its email accounts. */
export async function deleteCustomer(
  services: Services,
  call: Call,
  name: string,
  confirm: number,
): Promise<Result<null>> {
  const { apiKeys, customers, mailAccounts } = services.store
  const [found, counts, keys] = await Promise.all([
    customers.read(name),
    mailAccounts.countByCustomer([name]),
    apiKeys.listOfCustomer({ name, deletedAt: null }),
  ])
  if (!found) return noSuchCustomer
  let deleted: CustomerRecord | undefined = found
  if (!found.deletedAt) {
    const { mail_accounts: accounts } = customerView(found, counts)
    if (accounts !== confirm) return err({ reason: 'confirmation_outdated', accounts })
    const facts = { mail_accounts: accounts, api_keys: keys.length }
    const event = newEvent(services, call, 'customer.deleted', name, facts)
    deleted = await customers.markDeleted(name, services.now(), event)
  }
  const { take } = createBudget(services.runLimits.queries)
  if (deleted) await emptyCustomer(services, call, deleted, take, inRounds(ROUNDS, take))
  return ok(null)
}

/** Limits `take` to this many rounds. */
export function inRounds(most: number, take: Budget['take']): Budget['take'] {
  const rounds = createBudget(most)
  return (statements) => rounds.take(1) && take(statements)
}

/**
 * Revokes the keys of a deleted customer while `take` grants statements, and then deletes everything else of it while
 * `takeRound` does. Returns true if nothing is left.
 */
export async function emptyCustomer(
  services: Services,
  call: Call,
  customer: CustomerRecord,
  take: Budget['take'],
  takeRound: Budget['take'],
): Promise<boolean> {
  const { apiKeys, customers } = services.store
  // Keys go first, so that none creates anything while the rest is deleted.
  for (const { id } of await apiKeys.listOfCustomer(customer)) {
    if (!take(COST)) return false
    await revokeApiKey(services, call, id)
  }
  return customers.empty(customer, services.runLimits.rowsAtOnce, takeRound)
}

const customerView = (
  { name, suspendedAt }: CustomerRecord,
  counts: ReadonlyMap<string, Partial<Record<Health, number>>>,
): CustomerSummary => {
  const own = counts.get(name) ?? {}
  const byHealth = Object.fromEntries(
    Health.options.map((health) => [health, own[health] ?? 0]),
  ) as Record<Health, number>
  return {
    customer: name,
    mail_accounts: Object.values(byHealth).reduce((sum, count) => sum + count, 0),
    by_health: byHealth,
    suspended_at: suspendedAt?.toISOString() ?? null,
  }
}
