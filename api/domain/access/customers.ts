/** Customers: those that requests name, and what ends or deletes what is theirs. */

import type { ListQuery } from '../../../schema/common.ts'
import type { CustomerSummary } from '../../../schema/customer-list.ts'
import { Health } from '../../../schema/mail-account.ts'
import type { ApiKeyRecord, CustomerRecord } from '../../model/access.ts'
import { ok, type Result, refuse } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { revokeApiKey } from './keys.ts'

const noSuchCustomer = refuse({ reason: 'not_found', resource: 'customer' })
const suspended = refuse({ reason: 'customer_suspended' })

/** Returns the refusal of tokens, links and sign-ins for the mailboxes of a suspended customer, or null. */
export const suspensionOf = async ({ store }: Pick<Services, 'store'>, customer: string | null) =>
  customer !== null && (await store.customers.read(customer))?.suspendedAt ? suspended : null

export async function listCustomers({ store }: Services, query: ListQuery) {
  const page = await store.customers.list(query)
  const counts = await store.mailAccounts.countByCustomer(page.data.map(({ name }) => name))
  return {
    data: page.data.map((customer) => customerView(customer, counts)),
    next_cursor: page.nextCursor,
  }
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

/** Rounds in which a request deletes: enough for a thousand accounts at the edge, and for a hundred on your own server. */
const ROUNDS = 10

/**
 * Deletes the customer: suspends it for good, then deletes what is its own. What a request has no time for is left to the
 * maintenance. `confirm`: the number of its email accounts; not looked at when the deletion has begun.
 */
export async function deleteCustomer(
  services: Services,
  call: Call,
  name: string,
  confirm: number,
): Promise<Result<null>> {
  const { apiKeys, customers, mailAccounts } = services.store
  const [customer, counts, keys] = await Promise.all([
    customers.read(name),
    mailAccounts.countByCustomer([name]),
    apiKeys.listOfCustomer(name),
  ])
  if (!customer) return noSuchCustomer
  if (!customer.deletedAt) {
    const { mail_accounts: accounts } = customerView(customer, counts)
    if (accounts !== confirm) return refuse({ reason: 'confirmation_outdated', accounts })
    const facts = { mail_accounts: accounts, api_keys: keys.length }
    const event = newEvent(services, call, 'customer.deleted', name, facts)
    await customers.markDeleted(name, services.now(), event)
  }
  let rounds = 0
  await emptyCustomer(services, call, name, keys, () => {
    rounds += 1
    return rounds <= ROUNDS
  })
  return ok(null)
}

/**
 * Revokes the keys of a deleted customer, and then deletes everything else of it while `take` grants statements. Returns
 * whether nothing is left.
 */
export async function emptyCustomer(
  services: Services,
  call: Call,
  name: string,
  keys: readonly ApiKeyRecord[],
  take: (statements: number) => boolean,
): Promise<boolean> {
  // First, so that nothing of it is made while the rest is deleted.
  for (const { id } of keys) await revokeApiKey(services, call, id)
  return services.store.customers.empty(name, services.runLimits.rowsAtOnce, take)
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
