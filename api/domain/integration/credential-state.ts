/** The integration's credential as Entra sees it: its refusal is the integration's, not a grant's. */
import type { FailureFacts } from '../../../schema/failure.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'

/** `version` is that of the settings whose credential was refused. */
export async function noteCredentialRejected(
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

/** Told only where it was refused before. */
export async function noteCredentialAccepted(
  services: Services,
  call: Call,
  version: number,
): Promise<void> {
  const event = newEvent(services, call, 'integration.credential_accepted', 'microsoft')
  await services.store.integrations.markCredentialAccepted(version, event)
}
