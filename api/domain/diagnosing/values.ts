/** What the fixes of a diagnosis are filled with. */
import { defaultMailServer } from '../../../schema/mail-servers.ts'
import type { FixValues } from '../../diagnosis/diagnose.ts'
import { clouds } from '../../entra/clouds.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import type { AppAtTenant } from '../../model/validation.ts'
import type { Services } from '../../services.ts'

/** Of a deployment: the URLs of its pages, and where it signs people in. */
export type Where = Pick<Services['settings'], 'urls' | 'entraAuthority'>

/** As far as the app registration says it. */
export function appValues({ clientId, cloud, tenant }: AppAtTenant, where: Where): FixValues {
  const { login, personalAccounts: _, ...places } = clouds[cloud]
  return {
    clientId: clientId ?? undefined,
    tenant,
    redirectUri: where.urls.redirectUri,
    ...places,
    mailHosts: {
      imap: defaultMailServer(cloud, 'imap', 'work').host,
      smtp: defaultMailServer(cloud, 'smtp', 'work').host,
    },
    login: where.entraAuthority ?? login,
  }
}

export const accountValues = (
  account: Pick<MailAccountValues, 'username' | 'delegate' | 'from' | 'host' | 'port'>,
): FixValues => ({
  mailbox: account.username,
  delegate: account.delegate ?? undefined,
  from: account.from ?? undefined,
  host: account.host,
  port: account.port,
})
