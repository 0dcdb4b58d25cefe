/** The setup guide of this deployment, from its settings. */
import type { SetupGuide, SetupGuideQuery } from '../../../../schema/setup-guide.ts'
import { speaksForApp } from '../../../model/integration.ts'
import type { Services } from '../../../services.ts'
import { isIssuerPublic, readFederatedIdentity } from '../federated.ts'
import { readShownSettings } from '../settings.ts'
import { ownTenant } from '../verify.ts'
import type { SetupInput } from './app-registration.ts'
import { setupGuide } from './guide.ts'
import type { Scripts } from './scripts.ts'

/**
 * Returns the guide. Throws KeyMissing. Stores the ID of the deployment if it has none yet. `planned`: settings that take
 * the place of the stored ones. `calls`: see `SetupInput`. `readScript` returns a file of api/setup/.
 */
export async function showSetupGuide(
  services: Services,
  planned: SetupGuideQuery,
  calls: SetupInput['calls'],
  readScript: (name: string) => Promise<string>,
): Promise<SetupGuide> {
  const stored = await readShownSettings(services)
  const { cloud = stored.cloud } = planned
  // An admin runs the guide's commands, so they must not contain an app or tenant that something other than Mailgrant
  // may have stored. An app of another cloud is another app, in another directory.
  const known =
    (await stored.isIntact()) && cloud === stored.cloud
      ? stored
      : { ...stored, clientId: null, tenant: 'common', homeTenant: null, homeTenantId: null }
  const plan = {
    ...known,
    cloud,
    tenant: planned.tenant ?? known.tenant,
    homeTenant: planned.home_tenant ?? known.homeTenant,
    protocols: planned.protocols ?? known.protocols,
  }
  const home = ownTenant(plan)
  const isElsewhere = home !== null && ownTenant(known) !== null && !speaksForApp(home, known)
  // The directory of another organisation does not have the app.
  const settings = { ...plan, clientId: isElsewhere ? null : plan.clientId }
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
