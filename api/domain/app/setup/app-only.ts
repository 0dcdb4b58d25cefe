/**
 * The part of the setup guide for app-only access: application permissions, admin consent, and the app's
 * service principal in Exchange Online with its mailboxes or their group. Pure.
 */

import type { Protocol } from '../../../../schema/mail-servers.ts'
import { isMailProtocol } from '../../../../schema/protocols.ts'
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { clouds } from '../../../entra/clouds.ts'
import { APP_ONLY_PERMISSIONS } from '../../../entra/scopes.ts'
import type { Registration, SetupInput } from './app-registration.ts'
import { fillIn, powershellQuote } from './scripts.ts'

type AppOnlyGuide = NonNullable<SetupGuide['app_only']>
type Step = AppOnlyGuide['steps'][number]

export function appOnlyGuide(
  registration: Registration,
  { settings: { clientId, protocols }, calls, scripts }: SetupInput,
): AppOnlyGuide {
  const { cloud, name, home } = registration
  const { portal, exchangeEnvironment } = clouds[cloud]
  const app =
    clientId === null
      ? `${portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade`
      : `${portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/CallAnAPI/appId/${encodeURIComponent(clientId)}`
  const viaGraph = protocols.includes('graph_send')
  return {
    steps: [
      ...(protocols.some(isMailProtocol)
        ? [permissionsStep(app, protocols), consentStep(registration, app, calls)]
        : []),
      objectIdStep(portal),
      exchangeStep(registration, clientId, protocols),
      ...(viaGraph || protocols.includes('smtp')
        ? [groupStep(registration, clientId, protocols)]
        : []),
      ...(viaGraph ? [everyMailboxStep(app)] : []),
      accountStep(registration, calls),
    ],
    scripts: fillIn(scripts.appOnly, {
      protocols: protocols.join(' '),
      appName: name,
      appId: clientId,
      cloud,
      exchangeEnvironment,
      tenant: home,
    }),
  }
}

const permissionsStep = (url: string, protocols: readonly Protocol[]): Step => ({
  title: 'Add the application permissions',
  text: `In the app, open API permissions > Add a permission > APIs my organization uses, search for Office 365 Exchange Online, choose Application permissions (not Delegated permissions), select the permissions below, then select Add permissions.${protocols.includes('smtp') ? ' (Without the permission to send, if the app is to send as the members of a group: see below.)' : ''} Leave the delegated permissions of Microsoft Graph as they are.`,
  url,
  values: [
    { label: 'API', value: 'Office 365 Exchange Online' },
    { label: 'Type', value: 'Application permissions' },
    ...protocols.filter(isMailProtocol).map((protocol) => ({
      label: protocol === 'imap' ? 'Permission to read' : 'Permission to send',
      value: APP_ONLY_PERMISSIONS[protocol],
    })),
  ],
})

function consentStep({ audience }: Registration, url: string, calls: SetupInput['calls']): Step {
  const others =
    audience === 'AzureADMyOrg'
      ? ''
      : ' Send an administrator of another organisation an admin-consent link with the flow app_only.'
  return {
    title: 'Grant admin consent',
    text: `In the app, select API permissions > Grant admin consent for (your organisation) > Yes. Without it, Microsoft issues a token that opens no mailbox.${others}`,
    url,
    values: [
      {
        label: 'Admin-consent link',
        value: `${calls.createConsentLink} {"flow":"app_only"}`,
      },
    ],
  }
}

const objectIdStep = (portal: string): Step => ({
  title: 'Copy the Object ID of the enterprise application',
  text: 'Open Enterprise apps > All applications > (your app) > Overview and copy the Object ID. App registrations shows another Object ID for the same app; with that one, every login fails.',
  url: `${portal}/#view/Microsoft_AAD_IAM/StartboardApplicationsMenuBlade/~/AppAppsPreview`,
  values: [{ label: 'From', value: 'Enterprise apps > (your app) > Overview > Object ID' }],
})

function exchangeStep(
  { cloud, home, name }: Registration,
  clientId: string | null,
  protocols: readonly Protocol[],
): Step {
  const app = clientId === null ? '<client ID>' : powershellQuote(clientId)
  const object = '<object ID of the enterprise application>'
  const mailbox = '<mailbox>'
  const environment = clouds[cloud].exchangeEnvironment
  const registered = [
    {
      label: 'Connect',
      value: `Connect-ExchangeOnline -Organization ${home === null ? '<tenant>' : powershellQuote(home)}${environment === null ? '' : ` -ExchangeEnvironmentName ${environment}`}`,
    },
    {
      label: 'Register the app',
      value: `New-ServicePrincipal -AppId ${app} -ObjectId ${object} -DisplayName ${powershellQuote(name)}`,
    },
  ]
  if (!protocols.some(isMailProtocol)) {
    return {
      title: 'Register the app in Exchange Online',
      text: 'As an Exchange administrator, run these commands once, in PowerShell with the module ExchangeOnlineManagement.',
      url: RBAC,
      values: registered,
    }
  }
  const sends = protocols.includes('smtp')
  return {
    title: 'Register the app in Exchange Online and give it access to the mailboxes',
    text: `As an Exchange administrator, run the first two commands once and the others for each mailbox, in PowerShell with the module ExchangeOnlineManagement. It can take 30 minutes before the app can open a mailbox.${sends ? ' Sending over SMTP also requires Send As and SMTP AUTH.' : ''}`,
    url: 'https://learn.microsoft.com/en-us/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth',
    values: [
      ...registered,
      {
        label: 'Let it open a mailbox',
        value: `Add-MailboxPermission -Identity ${mailbox} -User ${object} -AccessRights FullAccess`,
      },
      ...(sends
        ? [
            {
              label: 'Let it send as the mailbox',
              value: `Add-RecipientPermission -Identity ${mailbox} -Trustee ${object} -AccessRights SendAs`,
            },
            {
              label: 'Allow SMTP AUTH for the mailbox',
              value: `Set-CASMailbox -Identity ${mailbox} -SmtpClientAuthenticationDisabled $false`,
            },
          ]
        : []),
    ],
  }
}

const RBAC = 'https://learn.microsoft.com/en-us/exchange/permissions-exo/application-rbac'
const SMTP_RBAC =
  'https://learn.microsoft.com/en-us/exchange/client-developer/legacy-protocols/smtp-app-rbac-onboarding'

/**
 * Returns the step for RBAC for Applications, with which Exchange grants the rights instead of Entra. For Graph, it is
 * the only recommended way.
 */
function groupStep(
  { name }: Registration,
  clientId: string | null,
  protocols: readonly Protocol[],
): Step {
  const app = clientId === null ? '<client ID>' : powershellQuote(clientId)
  const scope = powershellQuote(`${name} sending`)
  const [smtp, graph] = [protocols.includes('smtp'), protocols.includes('graph_send')]
  const roleFor = (label: string, permission: string) => ({
    label,
    value: `New-ManagementRoleAssignment -Role 'Application ${permission}' -App ${app} -CustomResourceScope ${scope}`,
  })
  const text = [
    'With RBAC for Applications, Exchange Online itself lists the mailboxes that the app may send from: the members of a distribution group or mail-enabled security group.',
    ...(graph
      ? [
          'Microsoft Graph needs no permission in Entra for that. A consent to the application permission Mail.Send, which has no limits, stays valid beside the group: the app can then send as every mailbox until that consent is removed.',
        ]
      : []),
    ...(smtp
      ? [
          `${graph ? 'For SMTP' : 'Then'} leave out the permission SMTP.SendAsApp above, which applies to the whole organisation, or remove it and its consent: with it, Exchange ignores the group and checks the access to each mailbox again. Send As is not required.`,
        ]
      : []),
    ...(protocols.includes('imap')
      ? [
          'There is no such role for IMAP: reading still requires IMAP.AccessAsApp and access to each mailbox.',
        ]
      : []),
    'A change can take two hours to take effect, although the last command shows it at once.',
  ]
  return {
    title: `${graph ? 'Let' : 'Or: let'} the app send only as the members of a group`,
    text: text.join(' '),
    url: graph ? RBAC : SMTP_RBAC,
    values: [
      {
        label: 'Define the group',
        value: `New-ManagementScope -Name ${scope} -RecipientRestrictionFilter "MemberOfGroup -eq '$((Get-DistributionGroup -Identity '<group>').DistinguishedName.Replace("'", "''"))'"`,
      },
      ...(graph ? [roleFor('Allow the app to send for it through Graph', 'Mail.Send')] : []),
      ...(smtp ? [roleFor('Allow the app to send for it', 'SMTP.SendAsApp')] : []),
      {
        label: 'Check a mailbox',
        value: `Test-ServicePrincipalAuthorization -Identity ${app} -Resource <mailbox>`,
      },
    ],
  }
}

const everyMailboxStep = (url: string): Step => ({
  title: 'Or: let the app send through Microsoft Graph as every mailbox',
  text: 'Only if the app is to send as each mailbox that the organisation has and will have. In the app, open API permissions > Add a permission > Microsoft Graph > Application permissions, select the permission below, then select Add permissions. A Privileged Role Administrator then selects Grant admin consent. To use a group later, revoke that consent and remove the permission first.',
  url,
  values: [
    { label: 'API', value: 'Microsoft Graph' },
    { label: 'Type', value: 'Application permissions' },
    { label: 'Permission to send through Graph', value: APP_ONLY_PERMISSIONS.graph_send },
  ],
})

const accountStep = ({ home }: Registration, calls: SetupInput['calls']): Step => ({
  title: 'Save the email account',
  text: 'Save it with the flow app_only and the tenant as its authentication; no sign-in is required. Then validate it. The result shows what is still missing.',
  url: null,
  values: [
    { label: 'Save', value: calls.saveMailAccount },
    { label: 'authentication.flow', value: 'app_only' },
    ...(home === null ? [] : [{ label: 'authentication.tenant', value: home }]),
  ],
})
