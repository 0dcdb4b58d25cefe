/** The setup guide of this deployment, from its settings. */
import type { SetupGuide, SetupGuideQuery } from '../../../../schema/setup-guide.ts'
import type { Services } from '../../../services.ts'
import { isIssuerPublic, readFederatedIdentity } from '../federated.ts'
import { readShownSettings } from '../settings.ts'
import type { SetupInput } from './app-registration.ts'
import { setupGuide } from './guide.ts'
import type { Scripts } from './scripts.ts'

/**
 * Returns the guide. Throws KeyMissing. Stores the id of the deployment if it has none yet. `planned`: settings that take the
 * place of the stored ones. `calls`: see `SetupInput`. `readScript` returns a file of api/setup/.
 */
export async function showSetupGuide(
  services: Services,
  planned: SetupGuideQuery,
  calls: SetupInput['calls'],
  readScript: (name: string) => Promise<string>,
): Promise<SetupGuide> {
  const stored = await readShownSettings(services)
  // An admin runs the guide's commands, so they must not name an app or tenant that nothing vouches for.
  const vouched = (await stored.isIntact())
    ? stored
    : { ...stored, clientId: null, tenant: 'common', homeTenant: null, homeTenantId: null }
  const { tenant, home_tenant, cloud = stored.cloud, protocols } = planned
  const settings = {
    ...vouched,
    cloud,
    // An app of another cloud is another app.
    clientId: cloud === stored.cloud ? vouched.clientId : null,
    tenant: tenant ?? vouched.tenant,
    homeTenant: home_tenant ?? vouched.homeTenant,
    protocols: protocols ?? vouched.protocols,
  }
  const federation = isIssuerPublic(services.settings)
    ? await readFederatedIdentity(services, settings)
    : null
  const readBoth = async (name: string): Promise<Scripts> => ({
    azure_cli: await readScript(`${name}.sh`),
    powershell: await readScript(`${name}.ps1`),
  })
  const scripts = { setup: await readBoth('setup'), appOnly: await readBoth('app-only') }
  return setupGuide({ settings, federation, calls, scripts, ...services.settings.urls })
}
