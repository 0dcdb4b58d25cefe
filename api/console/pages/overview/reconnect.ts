/** Reconnects a mailbox with one sign-in: a new grant for all its accounts, and a login with each. */
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount, MailAccountInput } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { change, post } from '../../api.ts'
import type { SignInRequest } from '../email-account/sign-in.ts'
import type { Result } from './inbox-state.ts'
import { protocolsOf } from './urgency.ts'

/** Returns the request for the sign-in that reconnects these accounts. */
export function reconnectRequest(
  accounts: readonly [MailAccount, ...MailAccount[]],
): SignInRequest {
  const grants = new Set(accounts.map(({ grant }) => grant?.id))
  const main = accounts.find(({ grant }) => grant) ?? accounts[0]
  return {
    mail_account_id: main.id,
    // The new tokens replace those of every account with the same grant.
    apply: main.grant ? 'at_once' : 'on_save',
    ...(main.grant === null && { protocols: protocolsOf(accounts) }),
    // A grant that replaces another must cover at least as much.
    ...(main.grant &&
      grants.size > 1 && {
        protocols: [...new Set<Protocol>(['imap', 'smtp', ...protocolsOf(accounts)])],
      }),
  }
}

/** Returns what follows the sign-in, which reconnects at once only accounts that share a grant. */
export function afterSignIn(accounts: readonly MailAccount[]): string {
  const [grant, ...others] = new Set(accounts.map(({ grant }) => grant?.id))
  return grant && others.length === 0
    ? 'Then the mailbox is connected again.'
    : 'Keep this page open until then, because it connects the mailbox afterwards.'
}

/** Assigns the grant to the accounts that have another one, or none. Throws ApiError. */
export async function assignGrant({ id }: Grant, accounts: readonly MailAccount[]): Promise<void> {
  const changes: Partial<MailAccountInput> = {
    authentication: { type: 'oauth', provider: 'microsoft', flow: 'delegated', grant_id: id },
  }
  for (const account of accounts.filter(({ grant }) => grant?.id !== id)) {
    await change(`/v1/mail-accounts/${account.id}`, () => changes)
  }
}

/** Logs in with each account. Returns null if one fails. The account then shows why. Throws ApiError. */
export async function validateAll(accounts: readonly MailAccount[]): Promise<Result | null> {
  const validations = await Promise.all(
    accounts.map(({ id }) => post<Validation>(`/v1/mail-accounts/${id}/validate`)),
  )
  if (validations.some(({ outcome }) => outcome === 'failed')) return null
  const unclear = validations.find(({ outcome }) => outcome === 'inconclusive')
  return unclear ? { kind: 'unclear', problem: problemOf(unclear) } : { kind: 'works' }
}

function problemOf({ steps, diagnosis }: Validation) {
  const stopped = steps.find(({ outcome }) => outcome === 'inconclusive')
  return {
    code: 'login_failed' as const,
    detail: stopped?.detail ?? 'The login could not be tried.',
    ...(diagnosis && { diagnosis }),
  }
}
