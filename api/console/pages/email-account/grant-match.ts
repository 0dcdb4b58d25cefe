/** Compares an access token with the form. Pure. */
import type { Grant } from '../../../../schema/grant.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { resourceOf } from '../../../../schema/protocols.ts'
import { describeUses } from '../../ui/mail-account.ts'
import { type Draft, delegateOf, sameAddress } from './draft.ts'

type Token = Pick<Grant, 'status' | 'protocols' | 'signed_in_as'>

/** Returns the state of the access token that the protocol needs; undefined if there was never one. */
export const tokenFor = ({ resources }: Pick<Grant, 'resources'>, protocol: Protocol) =>
  resources.find(({ resource }) => resource === resourceOf(protocol))

/** Returns true if Microsoft no longer issues access tokens for the grant. */
export const isLost = ({ status }: Pick<Grant, 'status'>) =>
  status === 'reconnect_required' || status === 'blocked'

/** Returns how the token fits the form. `isOtherAccount`: neither the mailbox nor its delegate signed in. */
export function fitOf(token: Token, draft: Draft) {
  const accounts = [draft.mailbox, delegateOf(draft) ?? draft.mailbox]
  const isOtherAccount = !accounts.some((account) => sameAddress(account, token.signed_in_as))
  const missing = draft.protocols.filter((protocol) => !token.protocols.includes(protocol))
  const isGood = !isOtherAccount && missing.length === 0
  const tone = isLost(token) ? 'bad' : isGood ? 'good' : 'ask'
  return { tone, text: matchText(token), isOtherAccount, missing } as const
}

function matchText(token: Token): string {
  if (token.status === 'blocked') {
    return 'Microsoft refuses it until an administrator changes something there.'
  }
  return isLost(token)
    ? 'Microsoft no longer accepts it: a new sign-in is required.'
    : `It covers ${describeUses(token.protocols)}.`
}

/** Returns a sentence about who must sign in in the window that opens. */
export function whoSignsIn(draft: Draft): string {
  const delegate = delegateOf(draft)
  const who =
    delegate ??
    `${draft.mailbox || 'the mailbox'}; for a shared mailbox, as a person with access to it`
  return `A window opens. Sign in there as ${who}.`
}

/** Returns a working grant that covers every use of the form, if there is one. */
export const coveringGrant = (
  grants: readonly Grant[],
  { protocols }: Pick<Draft, 'protocols'>,
): Grant | undefined =>
  grants.find(
    (grant) =>
      (grant.status === 'active' || grant.status === 'unsaved') &&
      protocols.length > 0 &&
      protocols.every((protocol) => grant.protocols.includes(protocol)),
  )
