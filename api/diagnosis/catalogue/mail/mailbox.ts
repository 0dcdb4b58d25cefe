/** Settings and states of the mailbox. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import { and, anyOf, type Cause, MAIL_AND_GRAPH, WEIGHT, where } from '../cause.ts'
import { docs } from '../docs.ts'
import * as by from '../indicators.ts'
import { saidBy } from '../proof.ts'

const isReported = ({ observed }: ParsedReport) => !observed

export const imapDisabledMailbox: Cause = {
  slug: 'imap-disabled-mailbox',
  title: 'IMAP is disabled for this mailbox',
  explanation:
    'The sign-in is valid, but IMAP is off for {mailbox}: an admin turned it off, it is off by default in the organisation, or the licence does not include it.',
  responsible: 'tenant_admin',
  fixes: [
    {
      risk: 'Microsoft 365 admin center > Users > Active users > (user) > Mail > Manage email apps > tick IMAP, or use the command. This requires the role Exchange Administrator.',
      url: '{adminCenter}#/users',
      command: 'Set-CASMailbox -Identity {mailbox} -ImapEnabled $true',
    },
    {
      test: 'It worked when this shows True, and the mailbox opens. The change can take an hour.',
      command: 'Get-CASMailbox -Identity {mailbox} | Format-List ImapEnabled',
    },
    {
      undo: 'To undo it, untick IMAP, or use the command.',
      command: 'Set-CASMailbox -Identity {mailbox} -ImapEnabled $false',
    },
  ],
  docs: [
    docs.popImap,
    'https://learn.microsoft.com/powershell/module/exchangepowershell/set-casmailbox',
    docs.mailOAuth,
  ],
  login: 'token',
  indicators: [
    by.text(WEIGHT.names, [
      /imap (?:access )?(?:is |was |has been )?(?:disabled|not enabled|turned off|switched off)/,
      /imapdisabled/,
      /mailboxnotenabledforthisprotocol/,
      /(?:imap|this) protocol (?:is )?(?:disabled|not enabled)/,
      /\bimapenabled(?: is|:|=)? ?\$?false/,
      /not enabled for (?:this protocol|imap)/,
    ]),
    by.response(1.9, 'imap not connected'),
    by.response(0.8, 'imap refused'),
    // A single command checks it, so it comes early among the candidates.
    and(
      anyOf(by.response(1.95, 'imap not connected'), by.response(1.6, 'imap refused')),
      isReported,
    ),
  ],
  modifiers: [
    by.fact(0.8, 'otherProtocol', 'ok'),
    by.fact(WEIGHT.excludes, 'personal', true),
    by.fact(0.8, 'sameAccount', true),
    by.fact(-1, 'shared', true),
    by.fact(-2, 'intermittent', true),
    by.fact(-0.8, 'appOnly', true),
    and(by.fact(0.6, 'personal', false), by.response(1, 'imap not connected')),
    // If the token has the permission, the mailbox is the likely place.
    and(by.fact(0.5, 'tokenCovers', true), by.response(1, 'imap not connected')),
  ],
  ask: [questions.casMailbox],
}

export const consumerImapToggleOff: Cause = {
  slug: 'consumer-imap-toggle-off',
  title: 'IMAP is disabled in the Outlook.com mailbox',
  explanation:
    'Personal mailboxes (Outlook.com, Hotmail, Live) refuse IMAP until their owner allows it in the settings. The sign-in works regardless.',
  responsible: 'user',
  fixes: [
    {
      risk: 'The owner opens Outlook.com > Settings > Mail > Forwarding and IMAP and switches on "Let devices and apps use IMAP".',
      url: 'https://outlook.live.com/mail/0/options/mail/accounts',
    },
  ],
  docs: [docs.outlookCom],
  login: 'token',
  indicators: [by.response(1.3, 'imap not connected'), by.response(0.4, 'imap refused')],
  modifiers: [
    by.fact(2.6, 'personal', true),
    by.fact(WEIGHT.excludes, 'appOnly', true),
    by.fact(WEIGHT.excludes, 'shared', true),
    by.fact(-1.8, 'workedBefore', true),
    by.fact(-2.5, 'intermittent', true),
    by.fact(WEIGHT.excludes, 'personal', false),
    by.fact(0.8, 'otherProtocol', 'ok'),
  ],
  ask: [questions.accountType],
}

export const consumerImapServiceBug: Cause = {
  slug: 'consumer-imap-service-bug',
  title: 'Outlook.com refuses a valid session',
  explanation:
    'This is a fault at Outlook.com, which sometimes refuses personal mailboxes although the token is valid, or only over IPv6. It comes and goes without any change of settings.',
  responsible: 'microsoft',
  retryable: true,
  fixes: [
    'Let the program connect over IPv4, less often and with fewer parallel connections.',
    'Try again later. If it persists, read this mailbox through Microsoft Graph or forward its mail.',
  ],
  docs: [
    'https://github.com/thunderbird/thunderbird-android/issues/9635',
    'https://github.com/Webklex/php-imap/issues/464',
  ],
  indicators: [by.response(1.1, 'imap not connected')],
  modifiers: [
    by.fact(2, 'personal', true),
    by.fact(WEIGHT.excludes, 'appOnly', true),
    by.fact(1.5, 'workedBefore', true),
    by.fact(2.5, 'intermittent', true),
    by.fact(WEIGHT.excludes, 'shared', true),
    by.fact(WEIGHT.excludes, 'personal', false),
  ],
  ask: [questions.accountType, questions.everWorked],
}

export const mailboxMissing: Cause = {
  slug: 'mailbox-missing',
  title: 'This address has no Exchange Online mailbox',
  explanation:
    'The account can sign in, but has no mailbox in Exchange Online: it has no licence, its mailbox is still on premises (hybrid) or at another provider, or the mailbox was deleted or disabled. Microsoft Graph gives the same errors for a misspelt address and for a group.',
  responsible: 'tenant_admin',
  responsibleForPersonal: 'user',
  fixes: [
    {
      text: "Check that the mailbox exists and where it is. A MailUser is still on premises, on the organisation's own server instead of {imapHost}.",
      command: 'Get-EXORecipient {mailbox} | Format-List RecipientTypeDetails,PrimarySmtpAddress',
    },
    {
      text: 'Give the account a licence with Exchange Online: Microsoft 365 admin center > Users > Active users > (user) > Licenses and apps.',
      url: '{adminCenter}#/users',
      command: 'Get-MgUserLicenseDetail -UserId {mailbox}',
    },
    'A new licence or a restored mailbox takes up to a day to appear.',
  ],
  docs: [docs.popImap, docs.smtpAuth, docs.mailboxLocation, docs.graphErrors],
  sources: MAIL_AND_GRAPH,
  proof: saidBy('graph', [
    /\bmailbox is either inactive, soft-deleted, or is hosted on-premise\b/,
    /\brest api is not yet supported for this mailbox\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names - 1, [
      // .NET prints "Mailbox unavailable" for every 550.
      /mailbox (?:was |is )?(?:not found|unavailable(?!\W{1,3}the server (?:response|said))|inactive|soft-?deleted|on-?premises|does(?: not|n't) exist)/,
      /mailboxnotfound/,
      /mailboxnot(?:enabledforrestapi|supportedforrestapi|hostedinexchangeonline)|restapinotenabled/,
      /errorinvaliduser|requested user '[^']{1,300}' is invalid/,
      // In parentheses it is the status line of mutt.
      /(?<!\()no mailbox/,
      /nonexistentmailbox/,
      /mailboxdisabled/,
      /mailbox (?:cannot|could not) be (?:accessed|located)/,
      /(?:is|still) (?:hosted )?on[- ]premises/,
      /no exchange (?:online )?(?:license|licence)/,
    ]),
    by.text(WEIGHT.suggests + 0.5, [
      /request_resourcenotfound/,
      /does not exist or one of its queried reference-property objects/,
      /\bextensionerror\b/,
    ]),
    by.response(0.6, 'imap not connected'),
    by.response(0.1, 'imap refused', 'smtp refused', 'graph denied'),
  ],
  modifiers: [
    by.fact(-1.5, 'workedBefore', true),
    by.fact(-2, 'intermittent', true),
    by.fact(-2, 'personal', true),
    by.fact(-3, 'otherProtocol', 'ok'),
    // The token has the permission, so Microsoft Graph refuses because of the mailbox.
    and(by.fact(1.5, 'tokenCovers', true), by.response(1, 'graph denied')),
    // In IMAP, a folder is called a mailbox, too.
    where(
      -3,
      ({ protocol, stage, meanings }) =>
        protocol === 'imap' && stage === 'select' && meanings.has('mailbox-unavailable'),
    ),
  ],
  ask: [questions.recipientType],
}
