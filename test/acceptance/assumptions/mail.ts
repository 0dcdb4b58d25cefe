/** Statements about Exchange Online and Outlook.com: IMAP and SMTP with XOAUTH2, and the settings that refuse it. */
import {
  type Assumptions,
  believed,
  concluded,
  documented,
  files,
  from,
  notes,
  reported,
} from './assumption.ts'

const { appOnly, clouds, identity, imap, mailbox, sending, servers, smtp, verdict } = files
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
const smtpLog = reported('https://github.com/jstedfast/MailKit/issues/1603', '2023-07-12')
const outlookCom = from('documented')(
  'https://support.microsoft.com/en-us/office/pop-imap-and-smtp-settings-for-outlook-com-d088b986-291d-42b8-9564-9c414e2aa040',
)

export const mail = {
  // Servers
  'imap-host': {
    statement: 'outlook.office365.com serves IMAP on port 993.',
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
  'mail-host-gcc-high': {
    statement: 'GCC High serves IMAP and SMTP at outlook.office365.us.',
    source: concluded('microsoft-365/enterprise/microsoft-365-u-s-government-gcc-high-endpoints'),
    check: 'needs an admin',
    file: servers,
    code: "smtp('outlook.office365.us')",
  },
  'mail-host-dod': {
    statement: 'DoD serves IMAP and SMTP at outlook-dod.office365.us.',
    source: concluded('microsoft-365/enterprise/microsoft-365-u-s-government-dod-endpoints'),
    check: 'needs an admin',
    file: servers,
    code: "smtp('outlook-dod.office365.us')",
  },
  'smtp-host-china': {
    statement: 'smtp.partner.outlook.cn serves SMTP in China.',
    source: concluded('microsoft-365/enterprise/urls-and-ip-address-ranges-21vianet'),
    check: 'needs an admin',
    file: servers,
    code: "smtp('smtp.partner.outlook.cn')",
  },
  'mail-scopes-in-clouds': {
    statement: 'The mail scopes of GCC High and DoD begin with https://outlook.office365.us/.',
    source: believed('https://learn.emailengine.app/docs/accounts/outlook-365'),
    check: 'needs an admin',
    file: clouds,
    code: "scopePrefix: 'https://outlook.office365.us/'",
  },

  // IMAP
  'imap-offers-xoauth2': {
    statement: 'IMAP offers AUTH=XOAUTH2 and SASL-IR before the login.',
    source: reported('https://github.com/jstedfast/MailKit/issues/1494', '2022-12-27'),
    check: 'automatic',
    file: imap,
    code: "capabilities.has('AUTH=XOAUTH2')",
  },
  'imap-accepts': {
    statement: 'A token for Outlook opens INBOX over IMAP.',
    source: oauth,
    check: 'automatic',
    file: imap,
    code: "client.mailboxOpen('INBOX', { readOnly: true })",
  },
  'imap-refuses': {
    statement: 'IMAP refuses a bad token with NO AUTHENTICATE failed.',
    source: oauth,
    check: 'automatic',
    file: verdict,
    code: "return TRY_LATER.test(text) ? 'unavailable' : 'rejected'",
  },
  'imap-wrong-audience': {
    statement: 'IMAP refuses a token for Graph with NO AUTHENTICATE failed.',
    source: believed(
      'https://github.com/MicrosoftDocs/office-developer-exchange-docs/issues/87',
      '2020-05-14',
    ),
    check: 'automatic',
    file: 'api/diagnosis/catalogue/mail/token.ts',
    code: "by.response(2.4, 'imap refused')",
  },
  'imap-other-mailbox': {
    statement:
      'After a login to a mailbox without a right, the next command fails with "User is authenticated but not connected".',
    source: believed('https://github.com/simonrob/email-oauth2-proxy/issues/275', '2024-08-28'),
    check: 'automatic',
    file: identity,
    code: "by.response(2, 'imap not connected')",
  },
  'imap-off': {
    statement: 'A login to a mailbox whose IMAP is off is authenticated but not connected.',
    source: believed('https://github.com/simonrob/email-oauth2-proxy/issues/74', '2022-10-13'),
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
      'IMAP refuses a throttled command with "Request is throttled. Suggested Backoff Time".',
    source: reported('https://github.com/ikvk/imap_tools/issues/135', '2021-08-20'),
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
    statement: 'Before TLS, SMTP offers STARTTLS in its reply to EHLO.',
    source: smtpLog,
    check: 'automatic',
    file: 'checker/starttls.ts',
    code: '/^250[ -]STARTTLS\\s*$/im',
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
    code: "if (!reply.value.startsWith('334')) break",
  },
  'smtp-accepts': {
    statement: 'SMTP accepts a token for Outlook with 235.',
    source: oauth,
    check: 'automatic',
    file: smtp,
    code: 'parsed?.code === 235',
  },
  'smtp-refuses': {
    statement: 'SMTP refuses a bad token with 535 5.7.3.',
    source: oauth,
    check: 'automatic',
    file: 'api/diagnosis/parse/responses.ts',
    code: 'unsuccessful|rejected|denied|not accepted|was not successful',
  },
  'smtp-off-mailbox': {
    statement:
      'Where SMTP AUTH is off for the mailbox, SMTP refuses a token with 535 5.7.139 "SmtpClientAuthentication is disabled for the Mailbox".',
    source: reported('https://docs.bookyourpto.com/features/smtp-troubleshoot'),
    check: 'needs an admin',
    file: sending,
    code: 'smtpclientauthentication is disabled for the mailbox',
  },
  'smtp-off-tenant': {
    statement:
      'Where SMTP AUTH is off for the organisation, the sentence of 535 5.7.139 ends with "for the Tenant".',
    source: reported('https://github.com/simonrob/email-oauth2-proxy/issues/193', '2023-09-12'),
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
    statement: 'A new personal mailbox refuses SMTP with 535 5.7.139.',
    source: notes,
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/submission.ts',
    code: 'New personal mailboxes at Outlook.com',
  },
  'personal-smtp-has-no-switch': {
    statement: 'A personal mailbox has no setting that turns on SMTP.',
    source: notes,
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/submission.ts',
    code: 'Outlook.com has no setting that changes this',
  },
  'personal-sends-by-graph': {
    statement: 'A personal mailbox without SMTP sends through Graph.',
    source: notes,
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/submission.ts',
    code: 'The owner consents to "Send mail as you" (Mail.Send)',
  },
  'smtp-shared-user': {
    statement:
      'For a shared mailbox, SMTP accepts the person who sends as the user, and not the mailbox.',
    source: reported('https://github.com/nextcloud/mail/pull/13668', '2026-09-16'),
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
    statement: 'A change of SMTP AUTH takes effect within an hour.',
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
      "In the worldwide cloud, the scope of the app's token for IMAP and SMTP is https://outlook.office365.com/.default.",
    source: oauth,
    check: 'automatic',
    file: clouds,
    code: "appOnlyScope: 'https://outlook.office365.com/.default'",
  },
  'app-not-in-exchange': {
    statement:
      'Exchange refuses an app that New-ServicePrincipal has not registered with NO AUTHENTICATE failed.',
    source: believed(oauth.url, oauth.date),
    check: 'needs an admin',
    file: appOnly,
    code: "by.response(1.9, 'imap refused', 'smtp refused')",
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
    source: believed(oauth.url, oauth.date),
    check: 'needs an admin',
    file: appOnly,
    code: "by.response(1.5, 'imap not connected')",
  },
  'app-full-access': {
    statement: 'Add-MailboxPermission for the service principal opens the mailbox to the app.',
    source: oauth,
    check: 'needs an admin',
    file: 'api/diagnosis/catalogue/fixes.ts',
    code: 'Add-MailboxPermission -Identity {mailbox} -User (Get-ServicePrincipal -Identity {clientId})',
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
