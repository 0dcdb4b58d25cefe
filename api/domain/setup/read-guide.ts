/** The setup guide of this deployment, from its settings. */
import type { SetupGuide } from '../../../schema/setup-guide.ts'
import type { Services } from '../../services.ts'
import { isIssuerPublic, readFederatedIdentity } from '../integration/federated.ts'
import type { SetupInput } from './app-registration.ts'
import { setupGuide } from './guide.ts'

/** Reads the stored settings and returns the guide. `calls`: see `SetupInput`. */
export async function readSetupGuide(
  services: Services,
  calls: SetupInput['calls'],
): Promise<SetupGuide> {
  const { store, settings } = services
  const record = await store.integrations.read()
  const federation = isIssuerPublic(settings) ? await readFederatedIdentity(services, record) : null
  return setupGuide({ settings: record, federation, calls, ...settings.urls })
}
