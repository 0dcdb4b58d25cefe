/** Translation of what went wrong at Entra into the failure that ends the sign-in. */
import type { Stage } from '../../../schema/diagnosis.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import type { EntraFailure } from '../../entra/errors.ts'
import type { StartedAuthorization } from '../../model/authorization.ts'
import { type IntegrationRecord, speaksForApp } from '../../model/integration.ts'
import type { SignInFailure } from '../../model/reason.ts'
import { signInReport } from '../diagnosis-inputs/authorization.ts'
import { entraFacts } from '../diagnosis-inputs/facts.ts'
import { type FailureEffect, type JudgedFailure, judgeFailure } from '../failures.ts'
import type { AppCredential } from '../integration/credential.ts'
import type { IdentityFault, RedemptionFailure } from './redeem.ts'

/** The request that failed. `credential` is null for one that sends none. */
type FailedRequest = { stage: Stage; credential: Pick<AppCredential, 'type'> | null }

const CODES: Record<FailureEffect, SignInFailure['code']> = {
  cool_down: 'provider_unavailable',
  reconnect: 'sign_in_refused',
  block: 'sign_in_refused',
  credential_rejected: 'credential_rejected',
}

/** Judges a failed request of a sign-in. */
export function judgeSignIn(
  failure: EntraFailure,
  { username, signIn }: Pick<StartedAuthorization, 'username' | 'signIn'>,
  integration: IntegrationRecord,
  { stage, credential }: FailedRequest,
): JudgedFailure {
  const facts = entraFacts(failure, stage, credential)
  const judgement = judgeFailure(signInReport({ username, signIn }, facts), {
    isOwn: speaksForApp(signIn.tenant, integration),
    repeat: 'sign_in',
  })
  return { ...judgement, facts }
}

/** Explains why a code could not be redeemed and who must act. Quotes nothing from Microsoft's response. */
export function explainRedemption(failure: RedemptionFailure): SignInFailure {
  switch (failure.kind) {
    case 'keys_unavailable':
      return signInFailure(
        'provider_unavailable',
        "Microsoft's signing keys could not be fetched. Start again.",
      )
    case 'refused': {
      const { effect, detail, facts } = failure.judged
      return signInFailure(CODES[effect], detail, facts)
    }
    case 'not_proven':
      return notProven(failure.fault)
  }
}

/** Explains tokens that prove nobody. One outside its times says that our clock is wrong. */
export const notProven = (fault: IdentityFault): SignInFailure =>
  signInFailure(
    'sign_in_refused',
    `Microsoft's response does not prove who signed in (ID token: ${fault.replaceAll('_', ' ')}). Nothing was saved. Start again; if the problem persists, tell your Mailgrant administrator.`,
    {
      stage: 'token_exchange',
      kind:
        fault === 'expired' || fault === 'not_yet_valid' ? 'clock_wrong' : 'identity_not_proven',
    },
  )

export const signInFailure = (
  code: SignInFailure['code'],
  detail: string,
  facts: FailureFacts | null = null,
): SignInFailure => ({ code, detail, facts })
