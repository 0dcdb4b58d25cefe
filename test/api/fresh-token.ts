/** Gets access tokens the way a validation does, which reads the grant and the settings first. */

import { freshAppToken } from '../../api/domain/tokens/app-only.ts'
import { freshAccessToken } from '../../api/domain/tokens/delegated.ts'
import { UNLIMITED } from '../../api/model/access.ts'
import type { Call, Services } from '../../api/services.ts'
import type { Protocol } from '../../schema/mail-servers.ts'

type AppOnly = Parameters<typeof freshAppToken>[2]

export async function tokenOfGrant(
  services: Services,
  call: Call,
  id: string,
  protocol: Protocol = 'imap',
) {
  const form = { account: null, grant: id, tenant: null, protocol, customer: null }
  const { grant, integration } = await services.store.loginContexts.readForm(form, UNLIMITED)
  if (!grant) throw new Error('the grant is gone')
  return freshAccessToken(services, call, grant, integration)
}

export async function tokenOfApp(services: Services, call: Call, wanted: AppOnly) {
  const form = {
    account: null,
    grant: null,
    tenant: wanted.tenant,
    protocol: wanted.protocol,
    customer: null,
  }
  const { appToken, integration } = await services.store.loginContexts.readForm(form, UNLIMITED)
  return freshAppToken(services, call, wanted, appToken, integration)
}
