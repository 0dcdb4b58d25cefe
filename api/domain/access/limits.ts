/** Uses that the limit of an API key forbids: the one place that decides it, for every kind of limit. */
import type { AccessScope } from '../../model/access.ts'
import type { PermittedUse } from '../../model/reason.ts'
import { refuse } from '../../model/result.ts'

type LimitKind = Exclude<AccessScope['kind'], 'all'>

/** For each use that not every key has, whether it is open to a key with this kind of limit. */
const USES: Record<PermittedUse, Record<LimitKind, boolean>> = {
  own_accounts: { mail_accounts: false, customer: true },
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
  return refuse({ reason: 'key_restricted', permitted, limit: scope.kind })
}
