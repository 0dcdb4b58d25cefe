/** The setup guide of this deployment, from its settings. */
import type { SetupGuide } from '../../../schema/setup-guide.ts'
import type { Services } from '../../services.ts'
import { isIssuerPublic, readFederatedIdentity } from '../integration/federated.ts'
import type { SetupInput } from './app-registration.ts'
import { setupGuide } from './guide.ts'

/** Returns the guide. Stores the id of the deployment if it has none yet. `calls`: see `SetupInput`. */
export async function showSetupGuide(
  services: Services,
  calls: SetupInput['calls'],
): Promise<SetupGuide> {
  const settings = await services.store.integrations.read()
  const federation = isIssuerPublic(services.settings)
    ? await readFederatedIdentity(services, settings)
    : null
  return setupGuide({ settings, federation, calls, ...services.settings.urls })
}
