/** Messages that Microsoft refuses after a successful login, or at a server without logins. */
import { questions } from '../../questions.ts'
import { and, type Cause, type Indicator, WEIGHT, where } from '../cause.ts'
import { atGraph, ofOrganisation, ofPersonal } from '../conditions.ts'
import { docs } from '../docs.ts'
import { listConnectors, onlyFor, unless } from '../fixes.ts'
import { isHighVolume } from '../hosts.ts'
import * as by from '../indicators.ts'
import { saidBy } from '../proof.ts'

const isSending: Indicator = where(
  1,
  ({ protocol, stage }) => protocol === 'smtp' || stage === 'send',
)

/** Restrictions for suspicious mail that pass by themselves, or become a block. */
const TEMPORARY = /\b4\.7\.(?:5|6|8)\d\d\b.{0,20}access denied/

export const senderRestricted: Cause = {
  slug: 'sender-restricted',
  title: 'Microsoft has blocked this sender',
  explanation:
    'The login worked, but Microsoft stopped {mailbox} from sending after suspicious or too much mail, often because someone else used the account. Further attempts prolong the block.',
  responsible: 'tenant_admin',
  responsibleForPersonal: 'user',
  fixes: [
    "Stop sending. Reset the account's password, revoke its sessions, and remove inbox rules and forwarding that its user does not know.",
    unless(ofPersonal, [
      {
        risk: 'Then unblock it: Microsoft Defender portal > Email & collaboration > Review > Restricted entities > {mailbox} > Unblock. It takes up to a day to take effect.',
        url: 'https://security.microsoft.com/restrictedentities',
        command: 'Remove-BlockedSenderAddress -SenderAddress {mailbox}',
      },
      {
        text: 'A sender that is not listed there (5.7.501 to 5.7.511): ask Microsoft, under Microsoft 365 admin center > Support > Help & support.',
        url: '{adminCenter}#/support',
      },
    ]),
    unless(ofOrganisation, [
      'A personal account: its owner sends a message at https://outlook.live.com, and confirms by telephone that the account is theirs.',
    ]),
  ],
  docs: [docs.restrictedUsers, docs.deliveryReports],
  proof: saidBy('mail_server', [
    /\b5\.1\.8 access denied, bad outbound sender\b/,
    /\b5\.7\.50[123] access denied, (?:spam abuse detected|banned sender)/,
    /\bstoredrv\.submission\.exception:outboundspamexception\b(?!.{0,240}refusequota)/,
  ]),
  indicators: [
    by.text(WEIGHT.names + 1, [
      /bad outbound sender/,
      /banned sender\b/,
      /spam abuse detected/,
      /outboundspam(?!.{0,240}refusequota)/,
      /(?:not|n't) recognized as a valid sender/,
      /\b5\.1\.8\b.{0,20}access denied/,
      /\b55\d[ -]#?5\.1\.8\b/,
    ]),
    and(by.enhanced(WEIGHT.names, '5.7.501', '5.7.502', '5.7.503', '5.7.511'), isSending),
    by.text(WEIGHT.suggests, [TEMPORARY, /restricted (?:entit(?:y|ies)|users?)\b/]),
    // Refused for a day only, unless it happens again.
    by.text(2, [/5\.1\.90\b/, /submission ?quota/, /refusequota/]),
  ],
  ask: [questions.restrictedEntities],
}

export const tenantBlockedFromSending: Cause = {
  slug: 'tenant-blocked-from-sending',
  title: 'Microsoft has blocked sending for the whole organisation',
  explanation:
    'Microsoft blocks mail from this organisation or address, because of too much suspicious mail, a new or trial organisation, or senders in domains that the organisation does not own. Nothing is wrong with the account or its login.',
  responsible: 'tenant_admin',
  fixes: [
    unless(by.enhanced(1, '5.7.708', '5.7.750'), {
      text: 'Find the account or connector that sent the mail (Exchange admin center > Mail flow > Message trace), secure it, then ask Microsoft to lift the block: Microsoft 365 admin center > Support > Help & support.',
      url: '{adminCenter}#/support',
    }),
    onlyFor(by.enhanced(1, '5.7.708'), [
      '5.7.708: a trial organisation needs a paid licence or an exception from Microsoft support.',
    ]),
    onlyFor(by.enhanced(1, '5.7.750'), {
      text: '5.7.750: verify the domain of the From address: Microsoft 365 admin center > Settings > Domains > Add domain.',
      url: '{adminCenter}#/Domains',
    }),
    onlyFor(by.text(1, /\b5\.7\.6[0-4]\d\b/), {
      text: '5.7.606 to 5.7.649: ask Microsoft to remove the IP address in the message from the block list.',
      url: 'https://sender.office.com',
    }),
    onlyFor(by.enhanced(1, '5.7.711'), {
      text: '5.7.711: correct or remove the inbound connector that was abused.',
      command: listConnectors,
    }),
  ],
  docs: [docs.tenantBlocked, docs.deliveryReports],
  proof: saidBy('mail_server', [
    /\b5\.7\.705\b.{0,30} access denied, tenant has exceeded threshold\b/,
    /\b5\.7\.708\b.{0,30} access denied, traffic not accepted from this ip\b/,
    /\b5\.7\.711\b.{0,30} access denied, bad inbound connector\b/,
    /\b5\.7\.750\b.{0,30} client blocked from sending from unregistered domains?\b/,
    /\b5\.7\.6[0-4]\d access denied, banned sending ip\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names + 1, [
      /tenant has exceeded (?:its )?threshold/,
      /traffic not accepted from this ip/,
      /sending from unregistered domains?/,
      /bad inbound connector/,
      /banned sending ip/,
      /client host .{0,60}blocked/,
    ]),
    and(by.enhanced(WEIGHT.names, '5.7.705', '5.7.708', '5.7.711', '5.7.750'), isSending),
    and(by.text(WEIGHT.names, /\b5\.7\.6[0-4]\d\b/), isSending),
    by.text(2.5, /\b4\.7\.8[5-9]\d\b.{0,20}access denied/),
    by.text(1.5, /5\.7\.233\b/),
  ],
  ask: [questions.restrictedEntities],
}

export const recipientRefused: Cause = {
  slug: 'recipient-refused',
  title: 'The recipient was refused, not the login',
  explanation:
    "The login and the sender are fine. The recipient's address does not exist, or its owner does not accept mail from this sender.",
  responsible: 'user',
  fixes: [
    "Check the recipient's address. The sign-in doesn't need to change.",
    {
      risk: 'For a group or a restricted mailbox, ask its owner to allow the sender: Exchange admin center > Recipients > Groups > (group) > Settings > Edit delivery management.',
      url: '{exchangeAdminCenter}#/groups',
    },
    onlyFor(isHighVolume, [
      'High Volume Email delivers to recipients in the organisation only. Send to others from a mailbox, or through Azure Communication Services Email.',
    ]),
    '5.7.509: the domain of the From address fails DMARC. Set up SPF and DKIM for it.',
  ],
  docs: [docs.deliveryReports, docs.highVolume],
  proof: saidBy('mail_server', [
    /\b5\.1\.(?:1|10) resolver\.adr\.\w{0,20}(?:recipientnotfound|exrecipnotfound)\b/,
    /\b5\.4\.1 recipient address rejected: access denied\. as\(\d{3,12}\)/,
    /\b5\.7\.(?:1|124|133|134|136) resolver\.rst\.\w{3,60}/,
    /\b5\.7\.509\b.{0,40} access denied, sending domain .{1,253} does not pass dmarc\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names, [
      /bad destination mailbox/,
      /recipient ?not ?found/,
      /errorinvalidrecipients|at least one recipient (?:is not|isn't) valid/,
      /(?:recipient|user|mailbox|address)[^.;]{0,60}(?:unknown|no such user|does(?: not|n't) exist here)/,
      /recipient address rejected/,
      /banned recipient/,
      // Microsoft did not reach the server of the recipient.
      /\b4\.4\.316\b/,
      /sender not in allowed[- ]senders? list/,
      /delivery not authori[sz]ed/,
      /does not pass dmarc/,
      /sender (?:is )?not authenticated for (?:group|mailbox|recipient)/,
    ]),
    and(
      by.enhanced(
        WEIGHT.names,
        '5.1.10',
        '5.5.105',
        '5.7.12',
        '5.7.124',
        '5.7.133',
        '5.7.134',
        '5.7.136',
        '5.7.504',
        '5.7.505',
        '5.7.509',
      ),
      isSending,
    ),
    and(by.text(WEIGHT.names - 1, /\b550[ -]#?5\.(?:1\.[0-7]|4\.1)\b/), isSending),
    // The same reply to RCPT TO also refuses to relay.
    by.meaning(3, 'recipient-refused'),
  ],
  ask: [questions.recipient],
}

export const relayWithoutConnector: Cause = {
  slug: 'relay-without-connector',
  title: "Mail was sent to the organisation's own server without a matching connector",
  explanation:
    '(organisation).mail.protection.outlook.com has no login. Microsoft recognises the sender by a connector, or accepts mail only for the organisation itself. The connector is missing, its IP address or certificate has changed, or direct send is turned off.',
  responsible: 'tenant_admin',
  fixes: [
    'Let the program log in instead: {smtpHost}, port 587, STARTTLS, XOAUTH2.',
    {
      risk: "Or set up a connector: Exchange admin center > Mail flow > Connectors > Add a connector, from your organization's email server to Office 365, recognised by the certificate or static IP address of the sending machine.",
      url: '{exchangeAdminCenter}#/connectors',
    },
    {
      text: 'If a connector exists, compare its addresses and certificate with those of the sending machine.',
      command: listConnectors,
    },
    {
      text: '5.7.68: the organisation rejects mail that its own addresses send without a connector (RejectDirectSend). Leave that on: a connector is the exception for a known machine.',
      command: 'Get-OrganizationConfig | Format-List RejectDirectSend',
    },
  ],
  docs: [docs.relayDenied, docs.devices, docs.directSend],
  proof: saidBy('mail_server', [
    /\b5\.7\.64 tenantattribution; relay access denied\b/,
    /\b5\.7\.68 tenantinboundattribution; direct send not allowed\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names + 1, [
      /tenant(?:inbound)?attribution/,
      /direct send (?:is )?not allowed/,
      /\b5\.7\.6(?:4|8)\b/,
    ]),
    and(
      by.text(WEIGHT.names - 0.5, [
        /relay(?:ing)? (?:access )?(?:is )?denied/,
        /unable to relay/,
        /5\.7\.54\b/,
      ]),
      isSentToOwnServer,
    ),
    by.text(3, [/unable to relay/, /relay(?:ing)? (?:access )?(?:is )?denied/, /5\.7\.54\b/]),
  ],
  modifiers: [
    where(1.5, isSentToOwnServer),
    by.fact(-2, 'password', true),
    where(-1.5, ({ text, facts: { raw } }) =>
      /smtp\.office365|smtp-mail\.outlook/.test(`${text} ${raw.host ?? ''}`),
    ),
  ],
  ask: [questions.settings],
}

function isSentToOwnServer({ text, facts: { raw } }: Parameters<Indicator>[0]): boolean {
  return /mail\.protection\.(?:outlook|partner)/.test(`${text} ${raw.host ?? ''}`)
}

export const messageTooLarge: Cause = {
  slug: 'message-too-large',
  title: 'The message is too large',
  explanation:
    'The login worked. The message with its attachments exceeds the size limit of the mailbox, the organisation or the server. Attachments grow by a third when they are encoded.',
  responsible: 'user',
  fixes: [
    'Send a link instead of the attachment, or split the message.',
    onlyFor(atGraph, [
      'Microsoft Graph takes about 3 MB of message (requests of 4 MB). For more, use a draft with an upload session (permission Mail.ReadWrite), or SMTP.',
    ]),
    unless(ofPersonal, {
      text: 'An admin can raise the limit of the mailbox, to 150 MB at most.',
      command: 'Set-Mailbox -Identity {mailbox} -MaxSendSize 150MB',
    }),
  ],
  docs: [docs.exchangeLimits],
  proof: [
    saidBy('mail_server', [
      /\b5\.3\.4 message size exceeds fixed maximum message size\b/,
      /\bmaximum size of appendable message has been exceeded\b/,
    ]),
    saidBy('graph', /\berrormessagesizeexceeded\b/),
  ],
  indicators: [
    by.text(WEIGHT.names, [
      /message size exceeds|message exceeds the maximum supported size/,
      /messagesubmissionexceeded|errormessagesizeexceeded|requestentitytoolarge/,
      /maximum size of appendable message/,
      /(?:message|mail) (?:is |was )?(?:too (?:large|big)|larger than)/,
    ]),
    by.meaning(WEIGHT.suggests, 'size-limit'),
    and(by.text(WEIGHT.suggests, /\b55\d[ -]#?5\.[23]\.[34]\b/), isSending),
  ],
}
