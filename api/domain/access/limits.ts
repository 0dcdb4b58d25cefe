/** Uses that the limit of an API key forbids: the one place that decides it, for every kind of limit. */
import { type AccessScope, byScope } from '../../model/access.ts'
import type { PermittedUse } from '../../model/reason.ts'
import { refuse } from '../../model/result.ts'

/** For each use that only some keys have, whether it is open to a key that is limited to email accounts. */
const USES: Record<PermittedUse, { mail_accounts: boolean }> = {
  own_accounts: { mail_accounts: false },
  no_metrics: { mail_accounts: false },
  own_sign_ins: { mail_accounts: false },
  no_import: { mail_accounts: false },
  own_forms: { mail_accounts: false },
  unchanged_owner: { mail_accounts: false },
  unchanged_app_only_mailbox: { mail_accounts: false },
  unshared_grants: { mail_accounts: false },
}

/** Returns the refusal of a use that the limit of the caller's key forbids, or null. */
export function limitRefusal(scope: AccessScope, permitted: PermittedUse) {
  const isOpen = byScope(scope, {
    all: () => true,
    mail_accounts: () => USES[permitted].mail_accounts,
  })
  return isOpen ? null : refuse({ reason: 'key_restricted', permitted })
}
