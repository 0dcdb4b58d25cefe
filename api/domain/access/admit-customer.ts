/** Customers that requests name. */
import { type AccessScope, byScope } from '../../model/access.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { Services } from '../../services.ts'
import { limitRefusal } from './limits.ts'

/**
 * Returns the customer that the request names, undefined if it names none. One that no request has named before becomes
 * known. Refused if it differs from a known one in case only or is being deleted, and for a key with another customer.
 */
export async function admitCustomer(
  { store }: Pick<Services, 'store'>,
  scope: AccessScope,
  name: string | null | undefined,
): Promise<Result<string | null | undefined>> {
  return byScope<Promise<Result<string | null | undefined>> | Result<string | null | undefined>>(
    scope,
    {
      all: async () => {
        if (name === null || name === undefined) return ok(name)
        const known = await store.customers.admit(name)
        if (known.name !== name) return err({ reason: 'customer_name_similar', known: known.name })
        return known.deletedAt ? err({ reason: 'customer_deleted' }) : ok(name)
      },
      // The account that the request is about has a customer, which it may repeat.
      mail_accounts: () => ok(name),
      customer: ({ customer }) =>
        name === undefined || name === customer
          ? ok(name)
          : (limitRefusal(scope, 'unchanged_customer') ?? ok(name)),
    },
  )
}
