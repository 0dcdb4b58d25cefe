/** The app registration at Entra that the stored settings require. Pure. */
import { base64OfPem } from '../../../../schema/base64.ts'
import type { Credential } from '../../../../schema/credential.ts'
import { isOneTenant } from '../../../../schema/integration.ts'
import type { Cloud, Protocol } from '../../../../schema/mail-servers.ts'
import { isMailProtocol } from '../../../../schema/protocols.ts'
import { clouds } from '../../../entra/clouds.ts'
import type { FederatedIdentity } from '../../../entra/federated.ts'
import { declaredPermissions } from '../../../entra/scopes.ts'
import type { CredentialFacts } from '../../../model/integration.ts'
import { APP_ROLES, type AppRole } from '../console-roles.ts'
import type { ScriptFiles, ScriptValues } from './scripts.ts'

export type SignInAudience =
  | 'AzureADMyOrg'
  | 'AzureADMultipleOrgs'
  | 'AzureADandPersonalMicrosoftAccount'
  | 'PersonalMicrosoftAccount'

type ApiCall = 'saveSettings' | 'saveNextCredential' | 'activate' | 'verify' | 'createConsentLink'

export type SetupInput = {
  settings: {
    clientId: string | null
    cloud: Cloud
    tenant: string
    homeTenant: string | null
    protocols: readonly Protocol[]
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
  scripts: ScriptFiles
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
  /** Delegated permissions. */
  permissions: ReturnType<typeof declaredPermissions>
  /** Tenant to register the app in; null if unknown. */
  home: string | null
  /** True if work accounts may sign in, which requires admin consent. */
  workAccounts: boolean
  /** Null if Entra cannot reach Mailgrant, which it must to read the public keys. */
  federation: FederatedIdentity | null
  /** Certificate that Mailgrant holds the private key of, base64 of its DER; null if there is none. */
  certificate: string | null
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

export function registrationFor(input: SetupInput): Registration {
  const { cloud, tenant, homeTenant, credential, nextCredential } = input.settings
  const oneTenant = isOneTenant(tenant) ? tenant : null
  const home = homeTenant ?? oneTenant
  const audience = audienceOf(tenant, oneTenant !== null && oneTenant === home, cloud)
  // A next credential is the one that Entra does not have yet.
  const pem = nextCredential?.certificate ?? credential?.certificate ?? null
  return {
    name: input.appName ?? 'Mailgrant',
    clientId: input.settings.clientId,
    cloud,
    audience,
    redirectUris: [input.redirectUri, input.adminConsentRedirectUri, input.consoleRedirectUri],
    // Microsoft's page "Supported account types": no app roles with personal accounts.
    appRoles: audience === 'AzureADMyOrg' || audience === 'AzureADMultipleOrgs' ? APP_ROLES : [],
    permissions: declaredPermissions(input.settings.protocols),
    home,
    workAccounts: audience !== 'PersonalMicrosoftAccount',
    federation: input.federation,
    certificate: pem && base64OfPem(pem),
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

/**
 * Returns the type of credential that fits best. That Microsoft accepts a federated one for personal accounts is not
 * verified (`federated-for-personal` in test/acceptance/assumptions.ts).
 */
export function bestCredential(registration: Registration): Credential['type'] {
  const { federation, certificate, audience } = registration
  if (federation === null) return certificate === null ? 'client_secret' : 'certificate'
  return audience.includes('Personal') ? 'certificate' : 'federated'
}

/** Returns the values of the script that registers this app. */
export function registrationValues(registration: Registration): ScriptValues {
  const { name, clientId, cloud, audience, home, federation, certificate } = registration
  const { permissions } = registration
  const [redirectUri, adminConsentRedirectUri, consoleRedirectUri] = registration.redirectUris
  const isOfExchange = ({ protocol }: (typeof permissions)[number]) =>
    protocol !== null && isMailProtocol(protocol)
  const namesOf = (some: typeof permissions) => some.map(({ name }) => name).join(' ')
  return {
    appName: name,
    appId: clientId,
    cloud,
    audience,
    redirectUri,
    adminConsentRedirectUri,
    consoleRedirectUri,
    homeTenant: home,
    issuer: federation?.issuer,
    subject: federation?.subject,
    tokenAudience: federation?.audience,
    certificate,
    defaultCredential: bestCredential(registration).replace('client_', ''),
    permissionIds: permissions.map(({ id }) => id).join(' '),
    exchangeScopes: namesOf(permissions.filter(isOfExchange)),
    // A consent for everyone must not cover what only the sign-in of a delegate requests.
    graphScopes: namesOf(permissions.filter((one) => !isOfExchange(one) && !one.shared)),
  }
}

/** Returns the values of the script that prepares an organisation for access without a user. */
export const appOnlyValues = (
  { name, clientId, cloud, home }: Registration,
  protocols: readonly Protocol[],
): ScriptValues => ({
  protocols: protocols.join(' '),
  appName: name,
  appId: clientId,
  cloud,
  exchangeEnvironment: clouds[cloud].exchangeEnvironment,
  tenant: home,
})
