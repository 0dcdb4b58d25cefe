/** The mailbox and protocols of a sign-in: the caller's values, with defaults from the mail account. */
import type { AuthorizationInput } from '../../../schema/authorization.ts'
import { Protocol } from '../../../schema/mail-servers.ts'
import type { LoadedMailAccount } from '../../model/loaded-mail-account.ts'
import { invalid, ok, type Result, refuse } from '../../model/result.ts'
import type { Call } from '../../services.ts'

export type SignInRequest = {
  username: string
  delegate: string | null
  protocols: Protocol[]
  mailAccountId: string | null
}

/** `account`: the one that the input names; null if the key may not access it. */
export function resolveSignInRequest(
  call: Pick<Call, 'accessScope'>,
  input: AuthorizationInput,
  account: LoadedMailAccount | null,
): Result<SignInRequest> {
  const { mail_account_id: id, apply } = input
  if (id === undefined) {
    if (call.accessScope) return refuse({ reason: 'key_restricted', permitted: 'own_sign_ins' })
    if (apply === 'at_once') return invalid('/mail_account_id', { issue: 'required_at_once' })
    if (input.username === undefined) return invalid('/username', { issue: 'required' })
    return ok({
      username: input.username,
      delegate: input.delegate ?? null,
      protocols: input.protocols ?? [...Protocol.options],
      mailAccountId: null,
    })
  }
  if (!account) return invalid('/mail_account_id', { issue: 'unknown_mail_account', id })
  const protocols = protocolsFor(input, account)
  if (!protocols.ok) return protocols
  return ok({
    username: input.username ?? account.username,
    delegate: input.delegate ?? account.delegate,
    protocols: protocols.value,
    mailAccountId: id,
  })
}

/**
 * Chooses the protocols to request. Reconnecting at once replaces the tokens of every account that
 * shares the grant, so it requests all that the grant covers; a form requests its own account's.
 */
function protocolsFor(
  input: AuthorizationInput,
  { protocol, grant }: Pick<LoadedMailAccount, 'protocol' | 'grant'>,
): Result<Protocol[]> {
  if (input.apply === 'on_save') return ok(input.protocols ?? [protocol])
  if (!grant) return invalid('/apply', { issue: 'account_without_grant' })
  const requested = input.protocols ?? grant.protocols
  return grant.protocols.every((protocol) => requested.includes(protocol))
    ? ok(requested)
    : invalid('/protocols', { issue: 'grant_protocols_missing', protocols: grant.protocols })
}
