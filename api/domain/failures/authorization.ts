/** Reports and diagnoses of sign-ins that failed or never returned. Pure. */
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import { diagnose, type FixValues, type Report } from '../../diagnosis/diagnose.ts'
import { resourcesIn, scopesFor } from '../../entra/scopes.ts'
import type { AuthorizationRecord, SignInParameters } from '../../model/authorization.ts'
import { splitFacts } from './facts.ts'
import { appValues, plainDiagnosis, type Where } from './values.ts'

/** The sign-in that failed. One to the console has no mailbox. */
export type FailedSignIn = { username?: string; signIn: SignInParameters | null }

/** Builds the report from which both the judge and the diagnosis start. */
export function signInReport({ username, signIn }: FailedSignIn, facts: FailureFacts): Report {
  const { evidence, ...read } = splitFacts(facts)
  const isToken = read.stage === 'token_exchange' || read.stage === 'refresh'
  return {
    protocol: isToken ? 'token' : 'authorize',
    error: '',
    ...read,
    evidence: {
      ...evidence,
      flow: 'delegated',
      ...(username !== undefined && { username }),
      ...(signIn && {
        tenant: signIn.tenant,
        requested_scope: (isToken ? tokenScopesOf(signIn) : signIn.scopes).join(' '),
      }),
    },
  }
}

/** Returns the scopes of a token request, which is for one of the sign-in's resources. */
function tokenScopesOf({ cloud, scopes }: SignInParameters): string[] {
  const [resource] = resourcesIn(scopes)
  // The console asks for no mail.
  return resource ? scopesFor(cloud, scopes, resource) : scopes
}

/** Diagnoses a failed sign-in. `adminLink`: the admin-consent link created for it, if any. */
export function diagnoseSignIn(
  authorization: Pick<AuthorizationRecord, 'username' | 'delegate' | 'signIn'>,
  facts: FailureFacts,
  where: Where,
  adminLink: string | null,
): Diagnosis {
  const { username, delegate } = authorization
  const isMismatch = facts.kind === 'account_mismatch'
  return diagnose(signInReport(authorization, facts), {
    ...signInValues(authorization, where, adminLink),
    // Left out after a mismatch. One fix makes the user who signed in the delegate, and its command contains that user
    // only if no delegate is given.
    delegate: isMismatch ? undefined : (delegate ?? undefined),
    signedInAs: facts.signed_in_as,
    expected: facts.expected ?? delegate ?? username,
  })
}

/** Diagnoses the text of Microsoft's page, which only the person sees who signs in. */
export function diagnosePageText(
  authorization: Pick<AuthorizationRecord, 'username' | 'delegate' | 'signIn'>,
  text: string,
  where: Where,
  adminLink: string | null,
): Diagnosis {
  const { facts: _, ...report } = signInReport(authorization, NO_RETURN)
  const values = signInValues(authorization, where, adminLink)
  return diagnose({ ...report, error: text }, values)
}

const signInValues = (
  { username, signIn }: Pick<AuthorizationRecord, 'username' | 'signIn'>,
  where: Where,
  adminLink: string | null,
): FixValues => ({
  causePages: where.urls.causes,
  ...(signIn && appValues({ ...signIn, resource: resourcesIn(signIn.scopes)[0] }, where)),
  mailbox: username,
  adminConsentUrl: adminLink ?? undefined,
})

/** Facts of a sign-in without a callback. Only Microsoft's page shows the reason. */
export const NO_RETURN: FailureFacts = { stage: 'authorize', kind: 'no_return' }

export const diagnoseUnopenedLink = (where: Where): Diagnosis =>
  plainDiagnosis(
    'sign-in-not-finished',
    {
      title: 'The link has not been opened',
      explanation:
        'No one has continued from it to Microsoft yet: the pop-up window was blocked or closed, or the user has not received the link.',
      fixes: [
        {
          text: 'Open the link and select "Continue to Microsoft". If a window should have opened automatically, allow pop-ups for this page and start again.',
        },
      ],
    },
    { interpretation: { protocol: 'authorize', stage: 'authorize' }, where },
  )
