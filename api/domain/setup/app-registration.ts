/** The app registration at Entra that the stored settings require. Pure. */
import { isOneTenant } from '../../../schema/integration.ts'
import type { Cloud } from '../../../schema/mail-servers.ts'
import { clouds } from '../../entra/clouds.ts'
import type { FederatedIdentity } from '../../entra/federated.ts'
import { GRAPH_APP_ID, MAIL_PERMISSIONS } from '../../entra/scopes.ts'
import type { CredentialFacts } from '../../model/integration.ts'
import { APP_ROLES, type AppRole } from '../console-roles.ts'
import { type CredentialChoice, chooseCredential } from './credential-choice.ts'

export type SignInAudience =
  | 'AzureADMyOrg'
  | 'AzureADMultipleOrgs'
  | 'AzureADandPersonalMicrosoftAccount'
  | 'PersonalMicrosoftAccount'

type ApiCall =
  | 'saveSettings'
  | 'saveNextCredential'
  | 'activate'
  | 'verify'
  | 'createConsentLink'
  | 'saveMailAccount'

export type SetupInput = {
  settings: {
    clientId: string | null
    cloud: Cloud
    tenant: string
    homeTenant: string | null
    credential: Pick<CredentialFacts, 'certificate'> | null
    nextCredential: Pick<CredentialFacts, 'certificate'> | null
  }
  /** Null if Mailgrant cannot be reached from the internet. */
  federation: FederatedIdentity | null
  redirectUri: string
  adminConsentRedirectUri: string
  consoleRedirectUri: string
  /** API calls shown in the guide, each a method and a path. */
  calls: Record<ApiCall, string>
  appName?: string
}

export type Registration = {
  name: string
  /** Client ID that the settings contain; null before the first setup. */
  clientId: string | null
  cloud: Cloud
  audience: SignInAudience
  /** All for the platform "Web": a refresh token of a "SPA" redirect URI expires after a day. */
  redirectUris: readonly [signIn: string, adminConsent: string, console: string]
  /** Roles of people in the console; empty where an app cannot have any. */
  appRoles: readonly AppRole[]
  /** Tenant to register the app in; null if unknown. */
  home: string | null
  /** True if work accounts may sign in, which requires admin consent. */
  workAccounts: boolean
  credential: CredentialChoice
}

/** Labels of the audiences in the portal: those of 2026, and older ones that national portals still show. */
export const accountTypes: Record<SignInAudience, { label: string; olderLabel: string }> = {
  AzureADMyOrg: {
    label: 'Single tenant only',
    olderLabel: 'Accounts in this organizational directory only',
  },
  AzureADMultipleOrgs: {
    label: 'Multiple Entra ID tenants',
    olderLabel: 'Accounts in any organizational directory',
  },
  AzureADandPersonalMicrosoftAccount: {
    label: 'Any Entra ID Tenant + Personal Microsoft accounts',
    olderLabel: 'Accounts in any organizational directory and personal Microsoft accounts',
  },
  PersonalMicrosoftAccount: {
    label: 'Personal accounts only',
    olderLabel: 'Personal Microsoft accounts only',
  },
}

/** Client ID of Office 365 Exchange Online, the same in every tenant. */
export const EXCHANGE_APP_ID = '00000002-0000-0ff1-ce00-000000000000'

const permissionNames = (mail: boolean) =>
  MAIL_PERMISSIONS.filter(({ protocol }) => (protocol !== null) === mail).map(({ name }) => name)

/**
 * Scopes to grant for a whole directory, by resource: sign-ins request the mail scopes of Exchange; the
 * other scopes belong to Graph.
 */
export const consentGrants: readonly { api: string; scopes: readonly string[] }[] = [
  { api: EXCHANGE_APP_ID, scopes: permissionNames(true) },
  { api: GRAPH_APP_ID, scopes: permissionNames(false) },
]

export function registrationFor(input: SetupInput): Registration {
  const { cloud, tenant, homeTenant } = input.settings
  const oneTenant = isOneTenant(tenant) ? tenant : null
  const home = homeTenant ?? oneTenant
  const audience = audienceOf(tenant, oneTenant !== null && oneTenant === home, cloud)
  return {
    name: input.appName ?? 'Mailgrant',
    clientId: input.settings.clientId,
    cloud,
    audience,
    redirectUris: [input.redirectUri, input.adminConsentRedirectUri, input.consoleRedirectUri],
    // Microsoft's page "Supported account types": no app roles with personal accounts.
    appRoles: audience === 'AzureADMyOrg' || audience === 'AzureADMultipleOrgs' ? APP_ROLES : [],
    home,
    workAccounts: audience !== 'PersonalMicrosoftAccount',
    credential: chooseCredential(input.federation, input.settings),
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

/** Returns the roles as Microsoft Graph's `appRole` resources, in JSON. */
export const appRolesJson = (roles: readonly AppRole[]): string =>
  JSON.stringify(
    roles.map(({ id, value, name, description }) => ({
      id,
      value,
      displayName: name,
      description,
      allowedMemberTypes: ['User'],
      isEnabled: true,
    })),
  )
