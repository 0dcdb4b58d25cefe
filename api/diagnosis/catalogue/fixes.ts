/** Conditions of fixes, and pages of the portals and steps that the fixes of several causes share. */
import type { OneOrMore } from '../parse/join-patterns.ts'
import type { Condition, Fix, FixTemplate } from './cause.ts'
import { ofPersonal } from './conditions.ts'

export const templatesOf = (fixes: readonly OneOrMore<Fix>[]): FixTemplate[] =>
  fixes.flat().map(templateOf)

function templateOf(fix: Fix): FixTemplate {
  if (typeof fix === 'string') return { text: fix }
  if ('text' in fix) return fix
  if ('risk' in fix) return { ...fix, text: fix.risk, weakens: true }
  return 'test' in fix
    ? { ...fix, text: fix.test, purpose: 'check' }
    : { ...fix, text: fix.undo, purpose: 'undo' }
}

/** Limits fixes to the reports that match. There they come before the others. */
export const onlyFor = (condition: Condition, fixes: OneOrMore<Fix>): FixTemplate[] =>
  templatesOf([fixes]).map((fix) => ({ ...fix, onlyFor: condition }))

/** Limits fixes to the reports that do not match. */
export const unless = (condition: Condition, fixes: OneOrMore<Fix>): FixTemplate[] =>
  templatesOf([fixes]).map((fix) => ({ ...fix, unless: condition }))

/**
 * Limits fixes to the reports that match, where they replace all fixes without a matching `instead`. Not used for
 * failures that Mailgrant observed or reported.
 */
export const instead = (condition: Condition, fixes: OneOrMore<Fix>): FixTemplate[] =>
  templatesOf([fixes]).map((fix) => ({ ...fix, instead: condition }))

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
export const callTokenEndpoint: Fix = {
  text: 'Call it from the same machine. Microsoft responds with status 400, content-type application/json and x-ms-request-id. Anything else comes from a proxy or another host.',
  command: 'curl -sS -D - -o /dev/null -X POST {login}/common/oauth2/v2.0/token',
}

export const giveFullAccess: Fix = {
  risk: 'Give the user who signs in Full Access to the mailbox. It can take an hour to take effect.',
  command:
    'Add-MailboxPermission -Identity {mailbox} -User {delegate} -AccessRights FullAccess -AutoMapping $false',
}

export const giveAppFullAccess: Fix = {
  risk: "Give the app's service principal, registered in Exchange, Full Access to this mailbox. This requires the role Exchange Administrator.",
  command:
    'Add-MailboxPermission -Identity {mailbox} -User (Get-ServicePrincipal -Identity {clientId}).ObjectId -AccessRights FullAccess',
}

export const giveSendAs: Fix = {
  risk: 'Give the user who signs in Send As on the mailbox. It can take an hour to take effect.',
  command: 'Add-RecipientPermission -Identity {mailbox} -Trustee {delegate} -AccessRights SendAs',
}

export const allowSmtpAuth: Fix = {
  risk: 'Allow SMTP AUTH for this mailbox in Exchange Online PowerShell. It can take an hour to take effect.',
  command: 'Set-CASMailbox -Identity {expected} -SmtpClientAuthenticationDisabled $false',
}

export const listConnectors =
  'Get-InboundConnector | Format-List Name,Enabled,SenderIPAddresses,TlsSenderCertificateName'

/** Steps after an admin's consent: where it shows, and how to end it. */
export const consentCheckAndUndo = unless(ofPersonal, [
  {
    test: 'If an admin consented, it worked when {enterpriseApp} > Permissions lists the permissions under "Admin consent".',
    by: 'tenant_admin',
  },
  {
    undo: 'To undo the consent, revoke them there, or end all access with {enterpriseApp} > Properties > "Enabled for users to sign in?" > No.',
    by: 'tenant_admin',
  },
])
