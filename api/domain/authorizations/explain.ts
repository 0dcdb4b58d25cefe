/** Failures at Entra during a sign-in, as the failure that ends it. */
import type { Stage } from '../../../schema/diagnosis.ts'
import type { EntraFailure, EntraRefusal } from '../../entra/errors.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { StoredCredential } from '../../model/integration.ts'
import type { SignInFailure } from '../../model/reason.ts'
import { signInReport } from '../diagnosis-inputs/authorization.ts'
import { entraFacts } from '../diagnosis-inputs/facts.ts'
import { type FailureEffect, isForManyTenants, judgeFailure } from '../failures.ts'

/** The authorization that failed, and the credential where one was sent. */
type Asked = {
  stage: Stage
  username: string
  signIn: NonNullable<AuthorizationRecord['signIn']>
  credential: StoredCredential | null
}

const CODES: Record<FailureEffect, SignInFailure['code']> = {
  cool_down: 'provider_unavailable',
  reconnect: 'sign_in_refused',
  block: 'sign_in_refused',
  credential_rejected: 'credential_rejected',
}

/** Explains why a sign-in failed and who must act. Holds no word of Microsoft's answer. */
export function explainSignIn(
  failure: EntraFailure,
  { stage, username, signIn, credential }: Asked,
): SignInFailure {
  const facts = entraFacts(failure, stage, credential)
  const { effect, detail } = judgeFailure(signInReport({ username, signIn }, facts), {
    // The account's tenant is unknown before there are tokens.
    elsewhere: isForManyTenants(signIn.tenant),
    repeat: 'sign_in',
  })
  return { code: CODES[effect], detail, facts }
}

export const refused = (refusal: EntraRefusal): EntraFailure => ({
  kind: 'refused',
  refusal,
  retryAfter: null,
})
