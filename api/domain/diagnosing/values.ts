/** What the fixes of a diagnosis are filled with, as far as the app registration says it. */
import type { Cloud } from '../../../schema/mail-servers.ts'
import type { FixValues } from '../../diagnosis/diagnose.ts'
import { clouds } from '../../entra/clouds.ts'
import type { Services } from '../../services.ts'
import { redirectUri } from '../integration/redirect-uris.ts'

/** Of a deployment: where its pages are, and where it signs people in. */
export type Where = Pick<Services['settings'], 'publicUrl' | 'entraAuthority'>

/** The client, cloud and tenant that a sign-in was made with, or would be. */
export type AppAtTenant = { clientId: string | null; cloud: Cloud; tenant: string }

export function appValues({ clientId, cloud, tenant }: AppAtTenant, where: Where): FixValues {
  const { portal, login, scopePrefix, appOnlyScope } = clouds[cloud]
  return {
    clientId: clientId ?? undefined,
    tenant,
    redirectUri: redirectUri(where.publicUrl),
    portal,
    scopePrefix,
    appOnlyScope,
    login: where.entraAuthority ?? login,
  }
}
