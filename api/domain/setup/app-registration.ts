/** What the app registration at Entra has to look like, derived from the stored settings. Pure. */
import { isOneTenant } from '../../../schema/integration.ts'
import type { Cloud } from '../../../schema/mail-servers.ts'
import { clouds } from '../../entra/clouds.ts'
import { GRAPH_APP_ID, MAIL_PERMISSIONS } from '../../entra/scopes.ts'

export type SignInAudience =
  | 'AzureADMyOrg'
  | 'AzureADMultipleOrgs'
  | 'AzureADandPersonalMicrosoftAccount'
  | 'PersonalMicrosoftAccount'

type ApiCall = 'saveSettings' | 'activate' | 'verify' | 'createConsentLink' | 'saveMailAccount'

export type SetupInput = {
  settings: { clientId: string | null; cloud: Cloud; tenant: string; homeTenant: string | null }
  redirectUri: string
  adminConsentRedirectUri: string
  /** API calls to show in the guide, each a method and a path. */
  calls: Record<ApiCall, string>
  appName?: string
}

export type Registration = {
  name: string
  cloud: Cloud
  audience: SignInAudience
  /** Both are on the form's platform "Web": a refresh token of a "SPA" address ends after a day. */
  redirectUris: readonly [signIn: string, adminConsent: string]
  /** The tenant to register the app in; null when it is not known. */
  home: string | null
  /** Whether accounts of organisations may sign in, for whom an admin has to consent. */
  organisations: boolean
}

/** How the portal names each audience: in 2026, and before (national portals lag behind). */
export const accountTypes: Record<SignInAudience, { label: string; before: string }> = {
  AzureADMyOrg: {
    label: 'Single tenant only',
    before: 'Accounts in this organizational directory only',
  },
  AzureADMultipleOrgs: {
    label: 'Multiple Entra ID tenants',
    before: 'Accounts in any organizational directory',
  },
  AzureADandPersonalMicrosoftAccount: {
    label: 'Any Entra ID Tenant + Personal Microsoft accounts',
    before: 'Accounts in any organizational directory and personal Microsoft accounts',
  },
  PersonalMicrosoftAccount: {
    label: 'Personal accounts only',
    before: 'Personal Microsoft accounts only',
  },
}

/** Office 365 Exchange Online, the same in every tenant. */
export const EXCHANGE_APP_ID = '00000002-0000-0ff1-ce00-000000000000'

const names = (mail: boolean) =>
  MAIL_PERMISSIONS.filter(({ protocol }) => (protocol !== null) === mail).map(({ name }) => name)

/**
 * What to grant for a whole directory. Sign-ins ask for the mail scopes of Exchange, while the rest
 * is Graph's, and one grant names one resource.
 */
export const consentGrants: readonly { api: string; scopes: readonly string[] }[] = [
  { api: EXCHANGE_APP_ID, scopes: names(true) },
  { api: GRAPH_APP_ID, scopes: names(false) },
]

export function registrationFor(input: SetupInput): Registration {
  const { cloud, tenant, homeTenant } = input.settings
  const oneTenant = isOneTenant(tenant) ? tenant : null
  const home = homeTenant ?? oneTenant
  const audience = audienceOf(tenant, oneTenant !== null && oneTenant === home, cloud)
  return {
    name: input.appName ?? 'Mailgrant',
    cloud,
    audience,
    redirectUris: [input.redirectUri, input.adminConsentRedirectUri],
    home,
    organisations: audience !== 'PersonalMicrosoftAccount',
  }
}

function audienceOf(tenant: string, atHome: boolean, cloud: Cloud): SignInAudience {
  if (atHome) return 'AzureADMyOrg'
  if (clouds[cloud].personalAccounts) {
    if (tenant === 'common') return 'AzureADandPersonalMicrosoftAccount'
    if (tenant === 'consumers') return 'PersonalMicrosoftAccount'
  }
  return 'AzureADMultipleOrgs'
}
