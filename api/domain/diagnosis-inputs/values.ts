/** Values for the templates of fixes. */
import { defaultMailServer } from '../../../schema/mail-servers.ts'
import type { FixValues } from '../../diagnosis/diagnose.ts'
import { clouds } from '../../entra/clouds.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import type { AppAtTenant } from '../../model/validation.ts'
import type { Services } from '../../services.ts'

/** Settings of the deployment: the URLs of its pages and the login host. */
export type Where = Pick<Services['settings'], 'urls' | 'entraAuthority'>

/** Returns the values of the app registration and its cloud. */
export function appValues({ clientId, cloud, tenant }: AppAtTenant, where: Where): FixValues {
  const { login, personalAccounts: _, ...portals } = clouds[cloud]
  return {
    clientId: clientId ?? undefined,
    tenant,
    redirectUri: where.urls.redirectUri,
    causePages: where.urls.causes,
    ...portals,
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
