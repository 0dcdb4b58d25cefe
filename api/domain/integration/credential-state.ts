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
  const rejected = { code: 'credential_rejected', at: services.now(), detail, facts } as const
  await services.store.integrations.markCredentialRejected(version, rejected, event)
}

/** Says that Entra could not read the keys of Mailgrant, and what to do. */
export const issuerUnreachable = (
  { publicUrl }: Pick<Services['settings'], 'publicUrl'>,
  { aadsts }: FailureFacts,
): string =>
  `Microsoft could not read the OpenID configuration of Mailgrant at PUBLIC_URL, ${publicUrl}, or the key set that it names (AADSTS${aadsts}). Make sure that both can be reached from the internet over HTTPS, with a trusted certificate and without a login. It will be retried automatically.`

/**
 * Records that Entra could not read the keys of Mailgrant. Returns the sentence for the operator. `version`:
 * that of the settings with the federated credential.
 */
export async function recordIssuerUnreachable(
  services: Services,
  call: Call,
  version: number,
  facts: FailureFacts,
): Promise<string> {
  const detail = issuerUnreachable(services.settings, facts)
  const event = newEvent(services, call, 'integration.issuer_unreachable', 'microsoft', { detail })
  const rejected = { code: 'issuer_unreachable', at: services.now(), detail, facts } as const
  await services.store.integrations.markCredentialRejected(version, rejected, event)
  return detail
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
