/** Admission of the customer that a request states. */
import { type AccessScope, byScope } from '../../model/access.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { Services } from '../../services.ts'
import { limitRefusal } from './limits.ts'

/**
 * Returns the customer of the request, or undefined if it has none. A new name becomes a known customer. Refuses a name
 * that differs from a known one in case only or is being deleted, and one that is not the key's own customer.
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
      // The request's account has a customer, which the request may repeat.
      mail_accounts: () => ok(name),
      customer: ({ customer }) =>
        name === undefined || name === customer
          ? ok(name)
          : (limitRefusal(scope, 'unchanged_customer') ?? ok(name)),
    },
  )
}
