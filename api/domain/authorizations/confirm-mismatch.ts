/** The decision to keep or discard a different account, from the browser that signed in. */

import type { Reason } from '../../model/reason.ts'
import type { Call, Services } from '../../services.ts'
import { mismatchFacts } from '../diagnosis-inputs/facts.ts'
import { expiredReason, statusOf } from './authorization-status.ts'
import {
  completeSignIn,
  failSignIn,
  rejected,
  rejectedWithReturn,
  type SignInOutcome,
} from './outcome.ts'
import { openPendingMismatch } from './pending-mismatch.ts'

export type MismatchDecision = {
  authorization: string
  /** The sealed tokens that the question carried. */
  undecided: string
  decision: 'keep' | 'discard'
}

/** Returns the secret that binds the browser to this authorization, if the browser sent it. */
export type BrowserSecret = (authorizationId: string) => string | undefined

export async function confirmMismatch(
  services: Services,
  call: Call,
  { authorization: id, undecided, decision }: MismatchDecision,
  browserSecret: BrowserSecret,
): Promise<SignInOutcome> {
  const record = await services.store.authorizations.read(id)
  if (!record?.proves('browser', browserSecret(id) ?? ''))
    return rejected({ reason: 'wrong_browser' })
  const now = services.now()
  const reject = (reason: Reason) => rejectedWithReturn(reason, record, now)
  const status = statusOf(record, now)
  if (status === 'expired') return reject(expiredReason(record))
  if (status !== 'pending' || !record.mismatch) return reject({ reason: 'authorization_used' })
  const grant = await openPendingMismatch(services, id, undecided)
  if (!grant) return reject(expiredReason(record))
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
