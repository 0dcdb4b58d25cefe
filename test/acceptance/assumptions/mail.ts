/** Statements about Exchange Online and Outlook.com: IMAP and SMTP with XOAUTH2, and the settings that refuse it. */
import { type Assumptions, documented, files, from, reported } from './assumption.ts'

const { appOnly, identity, imap, mailbox, sending, servers, smtp, verdict } = files
const oauth = documented(
  'exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth',
  '2026-06',
)
const popImap = documented(
  'exchange/clients-and-mobile-in-exchange-online/pop3-and-imap4/pop3-and-imap4',
)
const smtpAuth = documented(
  'exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission',
)
const casMailbox = documented('powershell/module/exchangepowershell/set-casmailbox')
const smtpLimits = documented('exchange/troubleshoot/send-emails/smtp-submission-improvements')
const smtpRbac = documented(
  'exchange/client-developer/legacy-protocols/smtp-app-rbac-onboarding',
  '2025-10-17',
)
const notConnected = reported('https://github.com/simonrob/email-oauth2-proxy/issues/74')
const capabilities = reported('https://github.com/jstedfast/MailKit/issues/1494')
const smtpLog = reported('https://github.com/jstedfast/MailKit/issues/1770')
const sharedOverSmtp = reported('https://github.com/nextcloud/mail/pull/13668')
const outlookCom = from('documented')(
  'https://support.microsoft.com/en-us/office/pop-imap-and-smtp-settings-for-outlook-com-d088b986-291d-42b8-9564-9c414e2aa040',
)

export const mail = {
  // Servers
  'imap-host': {
    statement: 'outlook.office365.com serves IMAP for work and personal accounts on port 993.',
    source: popImap,
    check: 'automatic',
    file: servers,
    code: "imap: [imap('outlook.office365.com')]",
  },
  'smtp-host': {
    statement: 'smtp.office365.com serves SMTP on port 587 with STARTTLS.',
    source: smtpAuth,
    check: 'automatic',
    file: servers,
    code: "smtp('smtp.office365.com')",
  },
  'smtp-host-personal': {
    statement:
      'smtp-mail.outlook.com serves SMTP for personal accounts, on port 587 with STARTTLS.',
    source: outlookCom,
    check: 'automatic',
    file: servers,
    code: "smtp('smtp-mail.outlook.com')",
  },
  'mail-hosts-in-clouds': {
    statement:
      'GCC High, DoD and China have one name each for IMAP and SMTP. That for SMTP in China is not published.',
    source: reported('https://docs.emailengine.app'),
    check: 'needs an admin',
    file: servers,
    code: 'No SMTP name is published for China',
  },
  'mail-scopes-in-clouds': {
    statement: 'The mail scopes of GCC High and DoD begin with https://outlook.office365.us/.',
    source: reported('https://docs.emailengine.app'),
    check: 'needs an admin',
    file: files.clouds,
    code: "scopePrefix: 'https://outlook.office365.us/'",
  },

  // IMAP
  'imap-offers-xoauth2': {
    statement: 'IMAP offers AUTH=XOAUTH2 and SASL-IR before the login.',
    source: oauth,
    check: 'automatic',
    file: imap,
    code: "capabilities.has('AUTH=XOAUTH2')",
  },
  'imap-no-oauthbearer': {
    statement: 'IMAP does not offer OAUTHBEARER.',
    source: capabilities,
    check: 'automatic',
    file: imap,
    code: "capabilities.delete('AUTH=OAUTHBEARER')",
  },
  'imap-accepts': {
    statement: 'IMAP accepts a token for Outlook with OK, and INBOX can be opened.',
    source: oauth,
    check: 'automatic',
    file: imap,
    code: "client.mailboxOpen('INBOX', { readOnly: true })",
  },
  'imap-refuses': {
    statement: 'IMAP refuses a bad token with NO AUTHENTICATE failed, without an error challenge.',
    source: oauth,
    check: 'automatic',
    file: verdict,
    code: "return TRY_LATER.test(text) ? 'unavailable' : 'rejected'",
  },
  'imap-wrong-audience': {
    statement: 'IMAP refuses a token for Graph with NO AUTHENTICATE failed, too.',
    source: reported('https://github.com/MicrosoftDocs/office-developer-exchange-docs/issues/87'),
    check: 'automatic',
    file: 'api/diagnosis/catalogue/mail/token-permission.ts',
    code: "by.response(2.4, 'imap refused')",
  },
  'imap-other-mailbox': {
    statement:
      'A login to a mailbox without a right is accepted, and the next command fails: User is authenticated but not connected.',
    source: notConnected,
    check: 'automatic',
    file: identity,
    code: "by.response(2, 'imap not connected')",
  },
  'imap-off': {
    statement: 'A login to a mailbox whose IMAP is off is authenticated but not connected, too.',
    source: notConnected,
    check: 'needs an admin',
    file: mailbox,
    code: 'Set-CASMailbox -Identity {mailbox} -ImapEnabled $true',
  },
  'imap-off-personal': {
    statement:
      "A personal mailbox refuses IMAP until its owner switches it on in Outlook.com's settings.",
    source: outlookCom,
    check: 'needs a person',
    file: mailbox,
    code: 'Let devices and apps use IMAP',
  },
  'imap-throttled': {
    statement:
      'IMAP refuses a throttled login with "Request is throttled. Suggested Backoff Time".',
    source: reported('https://github.com/ikvk/imap_tools/issues/135'),
    check: 'needs waiting',
    file: 'api/diagnosis/catalogue/mail/limits.ts',
    code: 'request is throttled\\. suggested backoff time',
  },
  'imap-shared-user': {
    statement:
      'A shared mailbox opens with its own address as the user and the token of a person with Full Access.',
    source: oauth,
    check: 'needs an admin',
    file: 'api/domain/tokens/login-identity.ts',
    code: "imap: 'mailbox'",
  },

  // SMTP
  'smtp-auth-after-tls': {
    statement: 'SMTP offers STARTTLS first, and AUTH only over TLS.',
    source: smtpLog,
    check: 'automatic',
    file: 'checker/starttls.ts',
    code: 'STARTTLS',
  },
  'smtp-offers-xoauth2': {
    statement: 'Over TLS, SMTP offers AUTH XOAUTH2.',
    source: smtpLog,
    check: 'automatic',
    file: smtp,
    code: "credential.type === 'oauth' ? ['XOAUTH2']",
  },
  'smtp-two-lines': {
    statement: 'AUTH XOAUTH2 without a response is continued with an empty 334.',
    source: oauth,
    check: 'automatic',
    file: smtp,
    code: 'In XOAUTH2 it has no content',
  },
  'smtp-accepts': {
    statement: 'SMTP accepts a token for Outlook with 235.',
    source: oauth,
    check: 'automatic',
    file: smtp,
    code: 'parsed?.code === 235',
  },
  'smtp-refuses': {
    statement: 'SMTP refuses a bad token with 535 5.7.3, without an error challenge.',
    source: oauth,
    check: 'automatic',
    file: 'api/diagnosis/parse/responses.ts',
    code: '535 5.7.3',
  },
  'smtp-off-mailbox': {
    statement:
      'Where SMTP AUTH is off for the mailbox, also a token is refused, with 535 5.7.139 "SmtpClientAuthentication is disabled for the Mailbox".',
    source: reported('https://docs.bookyourpto.com/features/smtp-troubleshoot'),
    check: 'needs an admin',
    file: sending,
    code: 'smtpclientauthentication is disabled for the mailbox',
  },
  'smtp-off-tenant': {
    statement:
      'Where SMTP AUTH is off for the organisation, the sentence of 535 5.7.139 ends with "for the Tenant".',
    source: reported('https://github.com/mustang-im/mustang/issues/137'),
    check: 'needs an admin',
    file: sending,
    code: 'smtpclientauthentication is disabled for the tenant',
  },
  'smtp-off-by-default': {
    statement: 'SMTP AUTH is off in organisations that were created after January 2020.',
    source: documented('powershell/module/exchangepowershell/set-transportconfig'),
    check: 'needs an admin',
    file: sending,
    code: 'this is the default for newer organisations',
  },
  'personal-smtp-is-closed': {
    statement:
      'A new personal mailbox refuses SMTP with 535 5.7.139, has no setting for it, and sends by Graph.',
    source: reported(
      'https://github.com/SheikhFahan/notes/tree/main/skills/email-provider-auth',
      '2026-09-19',
    ),
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/submission.ts',
    code: 'New personal mailboxes',
  },
  'smtp-shared-user': {
    statement:
      'SMTP refuses the address of a shared mailbox as the user, and accepts the person who sends for it.',
    source: sharedOverSmtp,
    check: 'needs an admin',
    file: 'api/domain/tokens/login-identity.ts',
    code: "smtp: 'delegate'",
  },
  'send-as-refused': {
    statement: 'A From address without the right Send As is refused with 5.7.60 or 5.2.252.',
    source: documented(
      'exchange/mail-flow-best-practices/fix-issues-with-printers-scanners-and-lob-applications-that-send-email-using-off',
    ),
    check: 'needs an admin',
    file: sending,
    code: 'client does not have permissions to send as this sender',
  },
  'smtp-throttled': {
    statement: 'More than three connections of a mailbox at once are refused with 432 4.3.2.',
    source: smtpLimits,
    check: 'needs waiting',
    file: 'api/diagnosis/catalogue/mail/limits.ts',
    code: '\\b432\\b',
  },

  // Settings, and commands of Exchange Online PowerShell
  'mailbox-overrides-organisation': {
    statement:
      "Set-CASMailbox -SmtpClientAuthenticationDisabled $false overrides the organisation's setting.",
    source: casMailbox,
    check: 'needs an admin',
    file: sending,
    code: 'Set-CASMailbox -Identity {expected} -SmtpClientAuthenticationDisabled $false',
  },
  'organisation-switch': {
    statement:
      'Set-TransportConfig -SmtpClientAuthenticationDisabled is the setting of all mailboxes.',
    source: documented('powershell/module/exchangepowershell/set-transportconfig'),
    check: 'needs an admin',
    file: sending,
    code: 'Set-TransportConfig -SmtpClientAuthenticationDisabled $false',
  },
  'settings-take-an-hour': {
    statement: 'A change of IMAP or SMTP AUTH takes effect within an hour.',
    source: smtpAuth,
    check: 'needs waiting',
    file: sending,
    code: 'The change can take an hour',
  },
  'full-access-command': {
    statement: 'Add-MailboxPermission -AccessRights FullAccess opens a mailbox to a person.',
    source: oauth,
    check: 'needs an admin',
    file: identity,
    code: 'Add-MailboxPermission -Identity {mailbox} -User {delegate} -AccessRights FullAccess -AutoMapping $false',
  },
  'send-as-command': {
    statement: 'Add-RecipientPermission -AccessRights SendAs lets a person send as a mailbox.',
    source: documented('powershell/module/exchangepowershell/add-recipientpermission'),
    check: 'needs an admin',
    file: 'api/diagnosis/catalogue/mail/sending.ts',
    code: 'Add-RecipientPermission',
  },

  // App-only
  'app-scope': {
    statement:
      "The app's token for IMAP and SMTP is requested with outlook.office365.com/.default.",
    source: oauth,
    check: 'automatic',
    file: files.clouds,
    code: "appOnlyScope: 'https://outlook.office365.com/.default'",
  },
  'app-not-in-exchange': {
    statement:
      'With consent alone, Exchange refuses the app with NO AUTHENTICATE failed, until New-ServicePrincipal has registered it.',
    source: oauth,
    check: 'needs an admin',
    file: appOnly,
    code: 'New-ServicePrincipal -AppId {clientId} -ObjectId {objectId}',
  },
  'app-object-id': {
    statement:
      'New-ServicePrincipal needs the object ID of the enterprise application, not that of the app registration.',
    source: oauth,
    check: 'needs an admin',
    file: appOnly,
    code: 'not the one under App registrations',
  },
  'app-without-mailbox': {
    statement:
      'A registered app without a right on the mailbox is authenticated but not connected.',
    source: from('believed')(oauth.url, oauth.date),
    check: 'needs an admin',
    file: appOnly,
    code: "by.response(1.5, 'imap not connected')",
  },
  'app-full-access': {
    statement:
      'Add-MailboxPermission for the service principal opens the mailbox to the app. user= is the mailbox.',
    source: oauth,
    check: 'needs an admin',
    file: appOnly,
    code: '-User (Get-ServicePrincipal -Identity {clientId}).ObjectId -AccessRights FullAccess',
  },
  'app-sends-by-role': {
    statement:
      'The role Application SMTP.SendAsApp lets the app send as the mailboxes of its scope, without a permission in Entra.',
    source: smtpRbac,
    check: 'needs an admin',
    file: appOnly,
    code: "New-ManagementRoleAssignment -Role 'Application SMTP.SendAsApp'",
  },
  'app-permission-undoes-role': {
    statement: 'With the permission SMTP.SendAsApp, Exchange requires mailbox permissions again.',
    source: smtpRbac,
    check: 'needs an admin',
    file: appOnly,
    code: 'SMTP.SendAsApp must then be neither declared',
  },
  'app-roles-take-two-hours': {
    statement: 'A change of a role or its scope takes effect within two hours.',
    source: documented('exchange/permissions-exo/application-rbac'),
    check: 'needs waiting',
    file: appOnly,
    code: 'A change can take two hours',
  },
} as const satisfies Assumptions
