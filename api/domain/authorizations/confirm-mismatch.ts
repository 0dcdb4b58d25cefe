/** The answer to "keep or discard?", from the browser that signed in. */
import type { Reason } from '../../model/reason.ts'
import type { Call, Services } from '../../services.ts'
import { mismatchFacts } from '../diagnosis-inputs/facts.ts'
import { matchesHash } from '../secrets.ts'
import { NO_HASH, statusOf } from './authorization-status.ts'
import {
  completeSignIn,
  failSignIn,
  rejected,
  rejectedWithReturn,
  type SignInOutcome,
} from './outcome.ts'
import { openPendingMismatch } from './pending-mismatch.ts'
import { expired } from './sign-in-link.ts'

export type MismatchDecision = {
  authorization: string
  undecided: string
  decision: 'keep' | 'discard'
}

/** Reads the secret that binds the browser to this authorization, if the browser sent it. */
export type BrowserSecret = (authorizationId: string) => string | undefined

export async function confirmMismatch(
  services: Services,
  call: Call,
  answer: MismatchDecision,
  browserSecret: BrowserSecret,
): Promise<SignInOutcome> {
  const { authorization: id, decision } = answer
  const record = await services.store.authorizations.read(id)
  const presented = browserSecret(id) ?? ''
  const matches = await matchesHash(presented, record?.hashes.browser ?? NO_HASH)
  if (!record || !matches) return rejected({ reason: 'wrong_browser' })
  const now = services.now()
  const reject = (reason: Reason) => rejectedWithReturn(reason, record, now)
  const status = statusOf(record, now)
  if (status === 'expired') return reject(expired(record))
  if (status !== 'pending' || !record.mismatch) return reject({ reason: 'authorization_used' })
  const grant = await openPendingMismatch(services, id, answer.undecided)
  if (!grant) return reject(expired(record))
  const work =
    decision === 'keep'
      ? completeSignIn(services, call, record, grant)
      : failSignIn(
          services,
          call,
          record,
          {
            code: 'account_mismatch',
            detail: `${grant.signedInAs} signed in, not ${record.delegate ?? record.username}, and was discarded. Nothing was saved. Start again; Microsoft will ask which account to use.`,
            facts: mismatchFacts(grant.signedInAs),
          },
          { mismatch: true, discarded: grant.signedInAs },
        )
  call.defer(work.catch(() => undefined))
  return work
}
