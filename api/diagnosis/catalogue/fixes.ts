/** Pages of the portals and steps that the fixes of several causes share. */
import type { FixTemplate } from './cause.ts'

const registration = (page: string) =>
  `{portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/${page}/appId/{clientId}`

export const pages = {
  authentication: registration('Authentication'),
  permissions: registration('CallAnAPI'),
  secrets: registration('Credentials'),
  newRegistration: '{portal}/#view/Microsoft_AAD_RegisteredApps/CreateApplicationBlade',
  signInLogs: '{portal}/#view/Microsoft_AAD_IAM/SignInEventsV3Blade',
} as const

/** The status of any response to these requests shows whether Microsoft gave it. */
export const callTokenEndpoint: FixTemplate = {
  text: 'Call it from the same machine. Microsoft responds with status 400, content-type application/json and x-ms-request-id. Anything else comes from a proxy or another host.',
  command: 'curl -sS -D - -o /dev/null -X POST {login}/common/oauth2/v2.0/token',
}

export const giveFullAccess: FixTemplate = {
  text: 'Give the user who signs in Full Access to the mailbox. It can take an hour to take effect.',
  weakens: true,
  command:
    'Add-MailboxPermission -Identity {mailbox} -User {delegate} -AccessRights FullAccess -AutoMapping $false',
}

export const giveAppFullAccess: FixTemplate = {
  text: "Give the app's service principal, registered in Exchange, Full Access to this mailbox. This requires the role Exchange Administrator.",
  weakens: true,
  command:
    'Add-MailboxPermission -Identity {mailbox} -User (Get-ServicePrincipal -Identity {clientId}).ObjectId -AccessRights FullAccess',
}

export const giveSendAs: FixTemplate = {
  text: 'Give the user who signs in Send As on the mailbox. It can take an hour to take effect.',
  weakens: true,
  command: 'Add-RecipientPermission -Identity {mailbox} -Trustee {delegate} -AccessRights SendAs',
}

export const allowSmtpAuth: FixTemplate = {
  text: 'Allow SMTP AUTH for this mailbox in Exchange Online PowerShell. It can take an hour to take effect.',
  weakens: true,
  command: 'Set-CASMailbox -Identity {expected} -SmtpClientAuthenticationDisabled $false',
}

export const listConnectors =
  'Get-InboundConnector | Format-List Name,Enabled,SenderIPAddresses,TlsSenderCertificateName'
