/** Whether anybody may be sent to Microsoft at all. */
import type { IntegrationRecord } from '../../model/integration.ts'
import { type Refusal, refuse } from '../../result.ts'
import { isConfigured } from '../integration/integration.ts'

/** An integration that can send people to sign in. */
export type Registered = IntegrationRecord & { clientId: string }

export const isRegistered = (integration: IntegrationRecord): integration is Registered =>
  isConfigured(integration)

export const notConfigured: Refusal = refuse(
  'integration_not_configured',
  'Enter the client ID and the client secret or certificate of the app registration in the settings of the Microsoft integration.',
).error

export const appChanged: Refusal = refuse(
  'sign_in_refused',
  'The app registration was changed while you signed in. Start again.',
).error

/** Null when sign-ins may begin. */
export function refuseSignIn(integration: IntegrationRecord): Refusal | null {
  if (!integration.active) {
    return refuse(
      'integration_inactive',
      'The Microsoft integration is switched off. An administrator can activate it.',
    ).error
  }
  return isRegistered(integration) ? null : notConfigured
}
