/** The federated credential of this deployment: Mailgrant is the issuer, its own id the subject. */
import { type FederatedIdentity, federatedIdentity } from '../../entra/federated.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import type { Services } from '../../services.ts'
import { newId } from '../secrets.ts'

/**
 * Returns the values to enter at Entra, before and after the credential is stored. Makes the id of the
 * deployment if it has none yet.
 */
export async function readFederatedIdentity(
  { store, settings, random }: Services,
  { deploymentId, cloud }: Pick<IntegrationRecord, 'deploymentId' | 'cloud'>,
): Promise<FederatedIdentity> {
  const id =
    deploymentId ?? (await store.integrations.claimDeploymentId(newId('deployment', random)))
  return federatedIdentity(settings.publicUrl, id, cloud)
}
