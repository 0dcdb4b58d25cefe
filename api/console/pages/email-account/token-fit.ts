/** The fit of an access token to the form. Pure. */
import type { Grant } from '../../../../schema/grant.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { type Draft, delegateOf, sameAddress } from './draft.ts'
import { rightsOf } from './words.ts'

type Token = Pick<Grant, 'status' | 'protocols' | 'signed_in_as'>

/** Microsoft no longer gives access tokens for it. */
export const isLost = ({ status }: Pick<Grant, 'status'>) =>
  status === 'reconnect_required' || status === 'blocked'

/** Returns how the token fits. `isOfOther`: neither the mailbox nor its delegate signed in. */
export function fitOf(token: Token, draft: Draft, protocol: Protocol) {
  const { mailbox, shared, delegate } = draft
  const accounts = [mailbox, shared ? delegate : mailbox]
  const isOfOther = !accounts.some((account) => sameAddress(account, token.signed_in_as))
  const covers = token.protocols.includes(protocol)
  const tone = isLost(token) ? 'bad' : !isOfOther && covers ? 'good' : 'ask'
  return { tone, text: fitWords(token), isOfOther, covers } as const
}

function fitWords(token: Token): string {
  if (token.status === 'blocked') {
    return 'Microsoft refuses it until an administrator changes something there.'
  }
  return isLost(token)
    ? 'Microsoft does not take this access token any more: reset it and get a new one.'
    : `It may be used for ${rightsOf(token.protocols)}.`
}

/** Says who is to sign in in the window that opens. */
export function whoSignsIn(draft: Draft): string {
  const who = delegateOf(draft) ?? (draft.shared ? '' : draft.mailbox)
  if (who === '' && draft.shared) return 'Say above who signs in for the shared mailbox.'
  return `A window opens. Sign in there as ${who || 'the mailbox'}.`
}
