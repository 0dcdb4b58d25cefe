/** Why a sign-in came to nothing, or why nothing comes back from it. Pure. */
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import { diagnose, type Report } from '../../diagnosis/diagnose.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import { plainDiagnosis } from './entry.ts'
import { splitFacts } from './facts.ts'
import { appValues, type Where } from './values.ts'

/** The facts of a failed sign-in with what was requested, for the judge and the diagnosis. */
export function signInReport(
  { username, signIn }: Pick<AuthorizationRecord, 'username' | 'signIn'>,
  facts: FailureFacts,
): Report {
  const { evidence, ...read } = splitFacts(facts)
  return {
    protocol: read.stage === 'token_exchange' ? 'token' : 'authorize',
    error: '',
    ...read,
    evidence: {
      ...evidence,
      flow: 'delegated',
      username,
      ...(signIn && { tenant: signIn.tenant, requested_scope: signIn.scopes.join(' ') }),
    },
  }
}

/** `adminLink`: the admin-consent link that was made for this authorization, if any. */
export function diagnoseSignIn(
  authorization: Pick<AuthorizationRecord, 'username' | 'delegate' | 'signIn'>,
  facts: FailureFacts,
  where: Where,
  adminLink: string | null,
): Diagnosis {
  const { username, delegate, signIn } = authorization
  const mismatch = facts.kind === 'account_mismatch'
  return diagnose(signInReport(authorization, facts), {
    ...(signIn && appValues(signIn, where)),
    mailbox: username,
    // After a mismatch the question is whether to make a delegate of the one who signed in.
    delegate: mismatch ? undefined : (delegate ?? undefined),
    signedInAs: facts.signed_in_as,
    expected: facts.expected ?? delegate ?? username,
    adminConsentUrl: adminLink ?? undefined,
  })
}

/** Nobody came back: Microsoft's page is the only one that knows why. */
export const NO_RETURN: FailureFacts = { stage: 'authorize', kind: 'no_return' }

export const notOpened = (): Diagnosis =>
  plainDiagnosis('sign-in-not-finished', {
    title: 'The link has not been opened',
    explanation:
      'Nobody has gone on from it to Microsoft yet: the window was blocked or closed, or the link has not reached the person.',
    fixes: [
      {
        text: 'Open the link and press "Continue to Microsoft". Where a window should have opened by itself, allow pop-ups for the page and start again.',
      },
    ],
  })
