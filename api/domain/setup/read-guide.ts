/** The setup guide of this deployment, from its settings. */
import type { SetupGuide } from '../../../schema/setup-guide.ts'
import type { Services } from '../../services.ts'
import { readFederatedIdentity } from '../integration/federated.ts'
import type { SetupInput } from './app-registration.ts'
import { setupGuide } from './guide.ts'

/** Reads the stored settings and returns the guide. `calls`: see `SetupInput`. */
export async function readSetupGuide(
  services: Services,
  calls: SetupInput['calls'],
): Promise<SetupGuide> {
  const { store, settings } = services
  const record = await store.integrations.read()
  const federation = isReachable(settings.publicUrl)
    ? await readFederatedIdentity(services, record)
    : null
  return setupGuide({ settings: record, federation, calls, ...settings.urls })
}

/** Returns false for addresses at which Entra cannot read the public keys: they need https and a public name. */
function isReachable(publicUrl: string): boolean {
  const { protocol, hostname } = new URL(publicUrl)
  return (
    protocol === 'https:' &&
    /\.[a-z][a-z0-9-]+$/.test(hostname) &&
    !/\.(?:localhost|local|internal|home\.arpa|test|invalid)$/.test(hostname)
  )
}
