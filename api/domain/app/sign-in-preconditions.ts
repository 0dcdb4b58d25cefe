/** Preconditions of a sign-in: the integration is active and has an app registration. */
import type { IntegrationRecord } from '../../model/integration.ts'
import type { Reason, SignInFailure } from '../../model/reason.ts'
import { inactive, isConfigured } from './integration.ts'

export const appRegistrationChanged: SignInFailure = {
  code: 'sign_in_refused',
  detail: 'The app registration was changed during the sign-in. Start again.',
}

export const integrationDeactivated: SignInFailure = {
  code: 'integration_inactive',
  detail:
    'The Microsoft integration was switched off during the sign-in. An administrator can activate it again.',
}

/** Returns why no sign-in may start, or null. Throws KeyMissing. */
export async function signInBlockedReason(integration: IntegrationRecord): Promise<Reason | null> {
  return integration.active ? settingsBlockedReason(integration) : inactive.error
}

/** Returns why people must not be sent to Microsoft with the app in the settings, or null. Throws KeyMissing. */
export async function settingsBlockedReason(
  integration: IntegrationRecord,
): Promise<Reason | null> {
  if (!isConfigured(integration)) return { reason: 'integration_not_configured' }
  return (await integration.isIntact()) ? null : { reason: 'settings_damaged' }
}
