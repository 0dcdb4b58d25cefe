/** Limits of API keys to some email accounts or to one customer. */
import { readCursor } from '../../../schema/cursor.ts'
import { type AccessScope, byScope, cursorScope } from '../../model/access.ts'
import type { PermittedUse } from '../../model/reason.ts'
import { err, invalid, ok, type Result } from '../../model/result.ts'
import type { Services } from '../../services.ts'

type LimitKind = Exclude<AccessScope['kind'], 'all'>

/** True if a key with this kind of limit is permitted the use. */
const USES: Record<PermittedUse, Record<LimitKind, boolean>> = {
  own_accounts: { mail_accounts: false, customer: true },
  no_customers: { mail_accounts: false, customer: false },
  no_console: { mail_accounts: true, customer: false },
  no_metrics: { mail_accounts: false, customer: false },
  own_sign_ins: { mail_accounts: false, customer: true },
  no_import: { mail_accounts: false, customer: false },
  own_forms: { mail_accounts: false, customer: true },
  unchanged_owner: { mail_accounts: false, customer: true },
  unchanged_customer: { mail_accounts: false, customer: false },
  unchanged_app_only_mailbox: { mail_accounts: false, customer: false },
  unshared_grants: { mail_accounts: false, customer: true },
}

/** Returns the refusal of a use that the limit of the caller's key forbids, or null. */
export function limitRefusal(scope: AccessScope, permitted: PermittedUse) {
  if (scope.kind === 'all' || USES[permitted][scope.kind]) return null
  return err({ reason: 'key_restricted', permitted, limit: scope.kind })
}

/**
 * Narrows the scope of a list to the customer in the query. An empty name stands for what has no customer. A cursor is
 * accepted only for the customer that it was returned for.
 */
export function narrowScope(
  scope: AccessScope,
  { customer, cursor }: { customer?: string | undefined; cursor?: string | undefined },
): Result<AccessScope> {
  const narrowed = customer === undefined ? ok(scope) : narrowTo(scope, customer)
  const position = cursor === undefined ? null : readCursor(cursor)
  if (!narrowed.ok || !position) return narrowed
  const isOwn = cursorScope(narrowed.value).customer === position.customer
  return isOwn ? narrowed : invalid('?cursor', { issue: 'cursor_of_another_list' })
}

const narrowTo = (scope: AccessScope, name: string): Result<AccessScope> =>
  byScope<Result<AccessScope>>(scope, {
    all: () => ok({ kind: 'customer', customer: name || null, appOnly: true, isFilter: true }),
    mail_accounts: (limit) => otherCustomer(limit),
    customer: (limit) => (limit.customer === name ? ok(limit) : otherCustomer(limit)),
  })

const otherCustomer = ({ kind }: Extract<AccessScope, { kind: LimitKind }>) =>
  err({ reason: 'key_restricted', permitted: 'unchanged_customer', limit: kind })

/**
 * Returns the customer as the request states it: null for none, undefined if it isn't stated. Without a limit, a new
 * name becomes a known customer. Names that differ from a known one in case only, or are being deleted, are refused.
 */
export async function admitCustomer(
  { store }: Pick<Services, 'store'>,
  scope: AccessScope,
  name: string | null | undefined,
): Promise<Result<string | null | undefined>> {
  type Admitted = Result<string | null | undefined>
  return byScope<Promise<Admitted> | Admitted>(scope, {
    all: async () => {
      if (name === null || name === undefined) return ok(name)
      const known = await store.customers.admit(name)
      if (known.name !== name) return err({ reason: 'customer_name_similar', known: known.name })
      return known.deletedAt ? err({ reason: 'customer_deleted' }) : ok(name)
    },
    // The request's account has a customer, which the request may repeat.
    mail_accounts: () => ok(name),
    customer: (limit) =>
      name === undefined || name === limit.customer ? ok(name) : otherCustomer(limit),
  })
}
