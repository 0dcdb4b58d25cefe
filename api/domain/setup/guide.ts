/**
 * The way through Microsoft Entra, step by step, with every value filled in. Pure. Portal names are
 * those of 2026; where an older name may still be shown, the text gives both.
 */
import type { SetupGuide } from '../../../schema/setup-guide.ts'
import { clouds } from '../../entra/clouds.ts'
import { MAIL_PERMISSIONS } from '../../entra/scopes.ts'
import { appOnlyGuide } from './app-only.ts'
import {
  accountTypes,
  type Registration,
  registrationFor,
  type SetupInput,
} from './app-registration.ts'
import { azureCliScript } from './azure-cli.ts'
import { powershellScript } from './powershell.ts'

type Step = SetupGuide['steps'][number]

export function setupGuide(input: SetupInput): SetupGuide {
  const registration = registrationFor(input)
  const { clientId } = input.settings
  const portal = portalLinks(clouds[registration.cloud].portal, clientId)
  return {
    steps: [
      registerStep(registration, clientId, portal),
      redirectStep(registration, portal),
      permissionsStep(portal),
      ...(registration.organisations ? [consentStep(registration, portal, input.calls)] : []),
      secretStep(portal),
      settingsStep(registration, input),
    ],
    scripts: {
      azure_cli: azureCliScript(registration),
      powershell: powershellScript(registration),
    },
    app_only: registration.organisations ? appOnlyGuide(registration, input) : null,
  }
}

type Portal = { appRegistrations: string; create: string; page: (name: Page) => string }
type Page = 'Overview' | 'Authentication' | 'CallAnAPI' | 'Credentials'

/** Once the client ID is known, every step opens the page of the app itself. */
function portalLinks(origin: string, clientId: string | null): Portal {
  const blades = `${origin}/#view/Microsoft_AAD_RegisteredApps`
  const entra = origin === clouds.global.portal ? 'Entra ID' : 'Microsoft Entra ID'
  return {
    appRegistrations: `${entra} > App registrations`,
    create: `${blades}/CreateApplicationBlade`,
    page: (name) =>
      clientId === null
        ? `${blades}/ApplicationsListBlade`
        : `${blades}/ApplicationMenuBlade/~/${name}/appId/${encodeURIComponent(clientId)}`,
  }
}

function registerStep(registration: Registration, clientId: string | null, portal: Portal): Step {
  const types = accountTypes[registration.audience]
  const [redirectUri] = registration.redirectUris
  const values = [
    { label: 'Name', value: registration.name },
    { label: 'Supported account types', value: types.label },
    { label: 'Redirect URI, platform', value: 'Web' },
    { label: 'Redirect URI', value: redirectUri },
  ]
  if (clientId !== null) {
    return {
      title: 'Check the app registration',
      text: `The settings hold this client ID already: compare its app registration with these values rather than make a second one. Older portals name the account types "${types.before}".`,
      url: portal.page('Overview'),
      values: [{ label: 'Application (client) ID', value: clientId }, ...values],
    }
  }
  const where = registration.home === null ? '' : ` in the directory ${registration.home}`
  return {
    title: 'Register an app',
    text: `Open ${portal.appRegistrations} > New registration${where}, fill in these values and press Register. Older portals name the account types "${types.before}". Keep the Application (client) ID and the Directory (tenant) ID of the Overview page for the last step.`,
    url: portal.create,
    values,
  }
}

function redirectStep(registration: Registration, portal: Portal): Step {
  const [redirectUri, adminConsentRedirectUri] = registration.redirectUris
  return {
    title: 'Register both redirect URIs',
    text: `In the app, open Authentication and see to it that both addresses are listed under the platform Web, not "Single-page application". They must match to the letter, upper and lower case included; otherwise Entra says that the redirect URI is not valid.${redirectNote(redirectUri)}`,
    url: portal.page('Authentication'),
    values: [
      { label: 'Platform', value: 'Web' },
      { label: 'Redirect URI for the sign-in', value: redirectUri },
      { label: 'Redirect URI for admin consent', value: adminConsentRedirectUri },
    ],
  }
}

/** Entra's rules for redirect URIs, where this deployment's address meets one of them. */
function redirectNote(redirectUri: string): string {
  const { protocol, hostname } = new URL(redirectUri)
  if (protocol === 'https:' || hostname === 'localhost') return ''
  if (hostname === '127.0.0.1') {
    return ' The form refuses 127.0.0.1: enter these two under Manifest instead, or run the service as http://localhost.'
  }
  return ' Entra takes https only (but for localhost): give this service an https PUBLIC_URL first.'
}

const permissionsStep = (portal: Portal): Step => ({
  title: 'Add the API permissions',
  text: 'In the app, open API permissions > Add a permission > Microsoft Graph > Delegated permissions, tick these and press Add permissions.',
  url: portal.page('CallAnAPI'),
  values: [
    { label: 'API', value: 'Microsoft Graph' },
    { label: 'Type', value: 'Delegated permissions' },
    ...MAIL_PERMISSIONS.map(({ name, id }) => ({ label: `Permission ${id}`, value: name })),
  ],
})

function consentStep({ audience }: Registration, portal: Portal, calls: SetupInput['calls']): Step {
  const others =
    audience === 'AzureADMyOrg'
      ? ''
      : ' Send the same kind of link to the administrator of every other organisation whose mailboxes are to be connected.'
  const personal =
    audience === 'AzureADandPersonalMicrosoftAccount'
      ? ' Personal Microsoft accounts need no administrator.'
      : ''
  return {
    title: 'Let an administrator consent',
    text: `By default people of an organisation cannot allow IMAP themselves, so a Cloud Application Administrator does it once for all: API permissions > Grant admin consent for your organisation > Yes. Should a sign-in still ask for approval, use an admin-consent link once the settings are saved: it names exactly the permissions that a sign-in asks for.${others}${personal}`,
    url: portal.page('CallAnAPI'),
    values: [{ label: 'Admin-consent link', value: calls.createConsentLink }],
  }
}

const secretStep = (portal: Portal): Step => ({
  title: 'Create a client secret',
  text: 'In the app, open Certificates & secrets > Client secrets > New client secret, choose how long it lives (24 months at most, less where your organisation demands it) and press Add. Copy the text of the column "Value" at once, it is never shown again. The column "Secret ID" is not the secret.',
  url: portal.page('Credentials'),
  values: [
    { label: 'Description', value: 'Mailgrant' },
    { label: 'Expires', value: '24 months' },
  ],
})

function settingsStep(registration: Registration, { settings, calls }: SetupInput): Step {
  const home = registration.organisations ? ' as home_tenant the Directory (tenant) ID,' : ''
  return {
    title: 'Enter both in the Microsoft settings',
    text: `As client_id paste the Application (client) ID, as credential.client_secret the Value of the secret,${home} and as credential.expires_at the day on which the secret ends, so that you are warned in time. Then activate the integration and let it verify the credential.`,
    url: null,
    values: [
      { label: 'Save', value: calls.saveSettings },
      ...(settings.clientId === null ? [] : [{ label: 'client_id', value: settings.clientId }]),
      { label: 'cloud', value: settings.cloud },
      { label: 'tenant', value: settings.tenant },
      ...(registration.home === null || !registration.organisations
        ? []
        : [{ label: 'home_tenant', value: registration.home }]),
      { label: 'Activate', value: calls.activate },
      { label: 'Verify', value: calls.verify },
    ],
  }
}
