/** Preconditions of a sign-in: the integration is active, has an app registration, and permits its protocols. */
import type { Protocol } from '../../../schema/mail-servers.ts'
import { resourceOf } from '../../../schema/protocols.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import type { Reason, SignInFailure } from '../../model/reason.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { inactive, isConfigured } from './integration.ts'

export const appRegistrationChanged: SignInFailure = {
  code: 'sign_in_refused',
  detail: 'The app registration was changed during the sign-in. Start again.',
}

export const integrationDeactivated: SignInFailure = {
  code: 'integration_inactive',
  detail:
    'The Microsoft integration was switched off during the sign-in. Your Mailgrant administrator can activate it again.',
}

/**
 * Returns the protocols that a sign-in requests, by default the enabled ones of mail servers, or the reason if it must
 * not.
 */
export function enabledProtocols(
  { protocols: enabled }: Pick<IntegrationRecord, 'protocols'>,
  asked?: readonly Protocol[],
): Result<Protocol[]> {
  const disabled = asked?.find((protocol) => !enabled.includes(protocol))
  if (disabled) return err({ reason: 'protocol_not_enabled', protocol: disabled })
  if (asked) return ok([...asked])
  const usual = enabled.filter((protocol) => resourceOf(protocol) === 'outlook')
  return ok(usual.length > 0 ? usual : [...enabled])
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
