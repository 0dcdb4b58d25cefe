/** Translation of what went wrong at Entra into the failure that ends the sign-in. */
import type { FailureFacts } from '../../../schema/failure.ts'
import type { SignInFailure } from '../../model/reason.ts'
import type { FailureEffect } from '../failures.ts'
import type { RedemptionFailure } from './redeem.ts'

const CODES: Record<FailureEffect, SignInFailure['code']> = {
  cool_down: 'provider_unavailable',
  reconnect: 'sign_in_refused',
  block: 'sign_in_refused',
  credential_rejected: 'credential_rejected',
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
    case 'not_proven': {
      const { fault } = failure
      const isClock = fault === 'expired' || fault === 'not_yet_valid'
      return signInFailure(
        'sign_in_refused',
        `Microsoft's response does not prove who signed in (ID token: ${fault.replaceAll('_', ' ')}). Nothing was saved. Start again; if the problem persists, tell your Mailgrant administrator.`,
        // A valid token outside its times says that our clock is wrong.
        { stage: 'token_exchange', kind: isClock ? 'clock_wrong' : 'identity_not_proven' },
      )
    }
  }
}

export const signInFailure = (
  code: SignInFailure['code'],
  detail: string,
  facts: FailureFacts | null = null,
): SignInFailure => ({ code, detail, facts })
