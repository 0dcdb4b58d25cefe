/**
 * The setup guide: steps in Microsoft Entra with every value filled in. Pure. Portal labels are those of
 * 2026; a step also gives the older label where a portal may still show it.
 */
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { clouds } from '../../../entra/clouds.ts'
import type { FederatedIdentity } from '../../../entra/federated.ts'
import { resourcesOf } from '../../../entra/scopes.ts'
import {
  accountTypes,
  appOnlyValues,
  bestCredential,
  type Registration,
  registrationFor,
  registrationValues,
  type SetupInput,
} from './app-registration.ts'
import { fillIn } from './scripts.ts'

type Step = SetupGuide['steps'][number]

export function setupGuide(input: SetupInput): SetupGuide {
  const registration = registrationFor(input)
  const { clientId } = input.settings
  const portal = portalLinks(clouds[registration.cloud].portal, clientId)
  return {
    steps: [
      registerStep(registration, clientId, portal),
      redirectStep(registration, portal),
      permissionsStep(registration, portal),
      ...(registration.workAccounts ? [consentStep(registration, portal, input)] : []),
      credentialStep(registration, portal, input.calls),
      settingsStep(registration, input),
    ],
    credential: bestCredential(registration),
    scripts: fillIn(input.scripts.setup, registrationValues(registration)),
    app_only: registration.workAccounts
      ? fillIn(input.scripts.appOnly, appOnlyValues(registration, input.settings.protocols))
      : null,
  }
}

type Portal = { appRegistrations: string; create: string; page: (name: Page) => string }
type Page = 'Overview' | 'Authentication' | 'CallAnAPI' | 'Credentials'

/** Returns links into the portal, to the pages of the app itself if its client ID is stored. */
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
  const values = [
    { label: 'Name', value: registration.name },
    { label: 'Supported account types', value: types.label },
  ]
  if (clientId !== null) {
    return {
      title: 'Check the app registration',
      text: `Compare the stored app registration with these values instead of registering a second app. Older portals label the account types "${types.olderLabel}".`,
      url: portal.page('Overview'),
      values: [{ label: 'Application (client) ID', value: clientId }, ...values],
    }
  }
  const open = registration.home === null ? 'Open' : `In the directory ${registration.home}, open`
  // Entra has refused apps outside of a directory since May 2026.
  const personal =
    registration.home === null && registration.audience.includes('Personal')
      ? ' A personal Microsoft account can register an app only in a directory: signing up for Azure creates one.'
      : ''
  return {
    title: 'Register an app',
    text: `${open} ${portal.appRegistrations} > New registration, enter these values and select Register. Older portals label the account types "${types.olderLabel}". Copy the Application (client) ID and the Directory (tenant) ID from its Overview page.${personal}`,
    url: portal.create,
    values,
  }
}

function redirectStep(registration: Registration, portal: Portal): Step {
  const [redirectUri, adminConsentRedirectUri, consoleRedirectUri] = registration.redirectUris
  return {
    title: 'Register the redirect URIs',
    text: `In the app, open Authentication and add all three under the platform Web, not "Single-page application", exactly as they are here.${redirectNote(redirectUri)}`,
    url: portal.page('Authentication'),
    values: [
      { label: 'Platform', value: 'Web' },
      { label: 'Redirect URI', value: redirectUri },
      { label: 'Redirect URI for admin consent', value: adminConsentRedirectUri },
      { label: 'Redirect URI for the console', value: consoleRedirectUri },
    ],
  }
}

/** Returns advice if Entra does not accept the deployment's address as it is. */
function redirectNote(redirectUri: string): string {
  const { protocol, hostname } = new URL(redirectUri)
  if (protocol === 'https:' || hostname === 'localhost') return ''
  if (hostname === '127.0.0.1') {
    return ' The portal form refuses 127.0.0.1: enter the redirect URIs under Manifest instead, or use localhost in PUBLIC_URL.'
  }
  return ' Entra accepts only https, except for localhost: first set PUBLIC_URL to an https address.'
}

const permissionsStep = ({ permissions }: Registration, portal: Portal): Step => ({
  title: 'Add the API permissions',
  text: 'In the app, open API permissions > Add a permission > Microsoft Graph > Delegated permissions, select the permissions below, then select Add permissions.',
  url: portal.page('CallAnAPI'),
  values: [
    { label: 'API', value: 'Microsoft Graph' },
    { label: 'Type', value: 'Delegated permissions' },
    ...permissions.map(({ name, id }) => ({ label: `Permission ${id}`, value: name })),
  ],
})

function consentStep(
  { audience }: Registration,
  portal: Portal,
  { settings: { protocols }, calls }: SetupInput,
): Step {
  // Microsoft's managed policy lets users consent to sending, but not to reading.
  const once = protocols.includes('imap')
    ? "By default, an organisation's users cannot consent to IMAP access themselves, so a Cloud Application Administrator does it once for all of them"
    : "By default, an organisation's users can consent to sending themselves. If yours does not allow that, a Cloud Application Administrator consents once for all of them"
  const each = resourcesOf(protocols).length > 1 ? ', with one link for each API' : ''
  const others =
    audience === 'AzureADMyOrg'
      ? ''
      : ' Send such a link to an administrator of every other organisation whose mailboxes you want to connect.'
  const personal =
    audience === 'AzureADandPersonalMicrosoftAccount'
      ? ' Personal Microsoft accounts require no admin consent.'
      : ''
  return {
    title: 'Grant admin consent',
    text: `${once}: in the app, select API permissions > Grant admin consent for (your organisation) > Yes. If a sign-in still asks for approval, use an admin-consent link after saving the settings${each}.${others}${personal}`,
    url: portal.page('CallAnAPI'),
    values: [{ label: 'Admin-consent link', value: calls.createConsentLink }],
  }
}

const credentialNames = {
  federated: 'Federated credential',
  certificate: 'Certificate',
  client_secret: 'Client secret',
}

/** Returns the step with the kinds of credentials that work here, best first. The client secret is the worst. */
function credentialStep(
  registration: Registration,
  portal: Portal,
  calls: SetupInput['calls'],
): Step {
  const url = portal.page('Credentials')
  const best = bestCredential(registration)
  const { federation } = registration
  const alternatives = [
    ...(federation === null ? [] : [federatedStep(federation, url, best === 'certificate')]),
    {
      title: credentialNames.certificate,
      text: 'Works everywhere, and its private key stays in Mailgrant. Choose a certificate as the credential in the Microsoft settings. Mailgrant generates it for 180 days or another lifetime (7 to 730 days), and you download its public part. Then, in the app, open Certificates & secrets > Certificates > Upload certificate, choose that file and select Add.',
      url,
      values: [
        {
          label: 'Generate',
          value: `${calls.saveSettings} {"client_id":"...","credential":{"type":"certificate","lifetime_days":180}}`,
        },
      ],
    },
    {
      title: credentialNames.client_secret,
      text: 'Expires within 24 months, and many organisations forbid it. In the app, open Certificates & secrets > Client secrets > New client secret, choose an expiry and select Add. Copy the text in the column "Value" immediately, because it is not shown again. The column "Secret ID" is not the secret. If Entra refuses it, a policy of your organisation forbids client secrets or such a lifetime.',
      url,
      values: [
        { label: 'Description', value: 'Mailgrant' },
        { label: 'Expires', value: '24 months' },
      ],
    },
  ]
  const isBest = ({ title }: Step) => title === credentialNames[best]
  const none =
    federation === null
      ? ' A federated credential, without any secret, is not possible here: it needs a PUBLIC_URL with https that the internet can reach.'
      : ''
  return {
    title: 'Add a credential',
    text: `One is enough. The ${credentialNames[best].toLowerCase()} is recommended here.${none}`,
    url,
    values: [],
    alternatives: alternatives.sort((a, b) => Number(isBest(b)) - Number(isBest(a))),
  }
}

const federatedStep = (
  { issuer, subject, audience }: FederatedIdentity,
  url: string,
  isForPersonal: boolean,
): Step => ({
  title: credentialNames.federated,
  // Microsoft's pages neither exclude personal accounts nor have an example with them.
  text: `Entra trusts what Mailgrant signs, so there is no secret to copy, and nothing expires. Anyone who takes over the domain name of this Mailgrant takes over the app.${isForPersonal ? ' Microsoft does not say whether it accepts one for personal accounts, so it is not recommended here. Sign in with such an account before you rely on it.' : ''} In the app, open Certificates & secrets > Federated credentials > Add credential, choose the scenario Other issuer, enter these values exactly (Entra compares each character) and select Add. It can take a few minutes until Entra accepts it.`,
  url,
  values: [
    { label: 'Federated credential scenario', value: 'Other issuer' },
    { label: 'Issuer', value: issuer },
    { label: 'Type', value: 'Explicit subject identifier' },
    { label: 'Value (subject identifier)', value: subject },
    { label: 'Name', value: 'mailgrant' },
    { label: 'Audience', value: audience },
  ],
})

function settingsStep(registration: Registration, { settings, calls }: SetupInput): Step {
  const home = registration.workAccounts ? ', the Directory (tenant) ID as home_tenant' : ''
  const types =
    registration.federation === null
      ? 'certificate or client_secret'
      : 'federated, certificate or client_secret'
  return {
    title: 'Enter the values in the Microsoft settings',
    text: `Enter the Application (client) ID as client_id${home} and the credential: its type (${types}) as credential.type; for a client secret also its Value as credential.client_secret and its expiry date as credential.expires_at, so that you are warned in time. If the settings have another credential already, store this one as the next, verify it and promote it. Then activate the integration and verify the credential.`,
    url: null,
    values: [
      { label: 'Save', value: calls.saveSettings },
      ...(settings.clientId === null ? [] : [{ label: 'client_id', value: settings.clientId }]),
      { label: 'cloud', value: settings.cloud },
      { label: 'tenant', value: settings.tenant },
      ...(registration.home === null || !registration.workAccounts
        ? []
        : [{ label: 'home_tenant', value: registration.home }]),
      { label: 'Save as the next credential', value: calls.saveNextCredential },
      { label: 'Activate', value: calls.activate },
      { label: 'Verify', value: calls.verify },
    ],
  }
}
