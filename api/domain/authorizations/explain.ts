/** Translation of a failure at Entra into the failure that ends the sign-in. */
import type { Stage } from '../../../schema/diagnosis.ts'
import type { EntraFailure } from '../../entra/errors.ts'
import type { StartedAuthorization } from '../../model/authorization.ts'
import type { SignInFailure } from '../../model/reason.ts'
import { signInReport } from '../diagnosis-inputs/authorization.ts'
import { entraFacts } from '../diagnosis-inputs/facts.ts'
import { type FailureEffect, isForManyTenants, judgeFailure } from '../failures.ts'
import type { AppCredential } from '../integration/credential.ts'

/** The request that failed. `credential` is null for one that sends none. */
type FailedRequest = { stage: Stage; credential: Pick<AppCredential, 'type'> | null }

const CODES: Record<FailureEffect, SignInFailure['code']> = {
  cool_down: 'provider_unavailable',
  reconnect: 'sign_in_refused',
  block: 'sign_in_refused',
  credential_rejected: 'credential_rejected',
}

/** Explains why a sign-in failed and who must act. Quotes nothing from Microsoft's response. */
export function explainSignIn(
  failure: EntraFailure,
  { username, signIn }: Pick<StartedAuthorization, 'username' | 'signIn'>,
  { stage, credential }: FailedRequest,
): SignInFailure {
  const facts = entraFacts(failure, stage, credential)
  const { effect, detail } = judgeFailure(signInReport({ username, signIn }, facts), {
    // Only the tokens name the account's tenant.
    elsewhere: isForManyTenants(signIn.tenant),
    repeat: 'sign_in',
  })
  return { code: CODES[effect], detail, facts }
}
