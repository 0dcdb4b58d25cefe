/** Entra's verdict on the app's credential: a rejection is a problem of the integration, not of a grant. */
import type { FailureFacts } from '../../../schema/failure.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'

/** Records a rejection. `version`: that of the settings with the rejected credential. */
export async function recordCredentialRejection(
  services: Services,
  call: Call,
  version: number,
  detail: string,
  facts: FailureFacts | null,
): Promise<void> {
  const event = newEvent(services, call, 'integration.credential_rejected', 'microsoft', { detail })
  const rejected = { at: services.now(), detail, facts }
  await services.store.integrations.markCredentialRejected(version, rejected, event)
}

/** Records a success, with an event if the credential was rejected before. */
export async function recordCredentialAcceptance(
  services: Services,
  call: Call,
  version: number,
): Promise<void> {
  const event = newEvent(services, call, 'integration.credential_accepted', 'microsoft')
  await services.store.integrations.markCredentialAccepted(version, event)
}
