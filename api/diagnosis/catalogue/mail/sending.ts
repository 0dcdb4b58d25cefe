/** Settings and permissions for sending over SMTP. */
import { questions } from '../../questions.ts'
import { and, anyOf, type Cause, not, WEIGHT, where } from '../cause.ts'
import { atGraph, ofOrganisation, ofPersonal } from '../conditions.ts'
import { docs } from '../docs.ts'
import { unless } from '../fixes.ts'
import * as by from '../indicators.ts'
import { onlyIf, saidBy } from '../proof.ts'
import {
  afterAcceptedLogin,
  notAuthenticated,
  sendThroughGraph,
  sendThroughGraphFromPersonal,
} from '../submission.ts'

/** Shows the setting of the mailbox that logs in, which is the delegate's for a shared mailbox. */
const testSmtpAuth = (test: string) =>
  unless(ofPersonal, {
    test,
    command: 'Get-CASMailbox -Identity {expected} | Format-List SmtpClientAuthenticationDisabled',
  })

export const smtpAuthDisabledTenant: Cause = {
  slug: 'smtp-auth-disabled-tenant',
  title: 'SMTP AUTH is disabled for the organisation',
  explanation:
    'The organisation does not allow programs to log in over SMTP; this is the default for newer organisations. The setting applies to OAuth too.',
  responsible: 'tenant_admin',
  fixes: [
    {
      risk: 'Preferably allow it for this mailbox only: Microsoft 365 admin center > Users > Active users > (user) > Mail > Manage email apps > tick Authenticated SMTP, or use the command. This requires the role Exchange Administrator and overrides the setting of the organisation.',
      url: '{adminCenter}#/users',
      command: 'Set-CASMailbox -Identity {expected} -SmtpClientAuthenticationDisabled $false',
    },
    {
      risk: 'Or for the whole organisation: Exchange admin center > Settings > Mail flow > untick "Turn off SMTP AUTH protocol for your organization".',
      url: '{exchangeAdminCenter}#/settings',
      command: 'Set-TransportConfig -SmtpClientAuthenticationDisabled $false',
    },
    testSmtpAuth(
      'For the mailbox, it worked when this shows False, and the mailbox sends. The change can take an hour.',
    ),
    {
      test: 'For the whole organisation, it worked when this shows False.',
      command: 'Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled',
    },
    {
      undo: "To undo it for the mailbox, remove its own setting. The organisation's then applies again.",
      command: 'Set-CASMailbox -Identity {expected} -SmtpClientAuthenticationDisabled $null',
    },
    {
      undo: 'To undo it for the whole organisation, turn SMTP AUTH off again.',
      command: 'Set-TransportConfig -SmtpClientAuthenticationDisabled $true',
    },
    sendThroughGraph,
  ],
  docs: [docs.smtpAuth],
  proof: saidBy('mail_server', /\bsmtpclientauthentication is disabled for the tenant\b/),
  indicators: [
    by.text(WEIGHT.names + 1, [
      /smtp ?client ?auth[a-z]{0,14} (?:is |has been )?disabled for (?:the|your|this) (?:tenant|organi[sz]ation)/,
    ]),
    by.text(WEIGHT.names - 0.5, [
      /smtpclientauth[a-z]{0,14}(?: is)? disabled(?! for (?:the|this|your) mailbox)/,
      /aka\.ms\/smtp_auth_disabled/,
    ]),
    by.text(WEIGHT.suggests, [
      /smtp auth(?:entication)? (?:is |has been )?(?:disabled|turned off|not enabled)/,
    ]),
    by.text(3.4, /smtp server requires a secure connection/),
    by.response(2, 'smtp policy'),
    by.response(1.1, 'smtp refused'),
    notAuthenticated(2),
    // The login was accepted, but the server ignores it.
    and(notAuthenticated(WEIGHT.suggests), afterAcceptedLogin(1)),
  ],
  modifiers: [
    by.fact(WEIGHT.excludes, 'personal', true),
    by.fact(0.7, 'otherProtocol', 'ok'),
    and(by.fact(-0.7, 'workedBefore', true), by.response(1, 'smtp refused', 'smtp policy')),
    and(by.fact(-0.5, 'shared', true), by.response(1, 'smtp refused')),
    and(by.fact(-2, 'intermittent', true), by.response(1, 'smtp refused', 'smtp policy')),
  ],
  ask: [questions.smtpAuth],
}

export const smtpAuthDisabledMailbox: Cause = {
  slug: 'smtp-auth-disabled-mailbox',
  title: 'SMTP AUTH is disabled for this mailbox',
  explanation:
    "Programs aren't allowed to log in over SMTP as {expected}. In an organisation, the mailbox's own setting overrides the organisation's.",
  responsible: 'tenant_admin',
  responsibleForPersonal: 'user',
  fixes: [
    unless(ofPersonal, {
      risk: 'Microsoft 365 admin center > Users > Active users > (user) > Mail > Manage email apps > tick Authenticated SMTP, or use the command. This requires the role Exchange Administrator.',
      url: '{adminCenter}#/users',
      command: 'Set-CASMailbox -Identity {expected} -SmtpClientAuthenticationDisabled $false',
    }),
    testSmtpAuth(
      'It worked when this shows False, and the mailbox sends. The change can take an hour.',
    ),
    unless(ofPersonal, {
      undo: 'To undo it, untick Authenticated SMTP, or use the command.',
      command: 'Set-CASMailbox -Identity {expected} -SmtpClientAuthenticationDisabled $true',
    }),
    sendThroughGraph,
    sendThroughGraphFromPersonal,
  ],
  docs: [docs.smtpAuth],
  proof: saidBy('mail_server', /\bsmtpclientauthentication is disabled for the mailbox\b/),
  indicators: [
    and(
      by.text(WEIGHT.names + 1.5, /disabled for (?:the|this|your) mailbox/),
      ({ protocol }) => protocol === 'smtp',
    ),
    by.text(WEIGHT.names + 1.5, [
      /smtp ?client ?auth[a-z]{0,14} (?:is |has been )?disabled for (?:the|this|your) mailbox/,
    ]),
    and(by.text(3, /security defaults/), by.fact(1, 'password', false)),
    by.response(1.4, 'smtp policy'),
    by.response(0.7, 'smtp refused'),
  ],
  modifiers: [
    and(by.fact(-2, 'personal', true), ({ text }) => !/disabled for the mailbox/.test(text)),
    by.fact(0.5, 'otherProtocol', 'ok'),
    and(by.fact(-0.7, 'workedBefore', true), by.response(1, 'smtp refused')),
    and(by.fact(-2, 'intermittent', true), by.response(1, 'smtp refused', 'smtp policy')),
  ],
  ask: [questions.smtpAuth],
}

const ofApp = by.fact(1, 'appOnly', true)
/** The account to which Exchange gives the app's rights. */
const SERVICE_PRINCIPAL = '(Get-ServicePrincipal -Identity {clientId}).ObjectId'

export const sendAsDenied: Cause = {
  slug: 'send-as-denied',
  title: "The account isn't allowed to send from this From address",
  explanation:
    "The login worked, but the From address belongs to another mailbox, and the account isn't allowed to send as it. [[{from} was the From address.]]",
  responsible: 'tenant_admin',
  responsibleForPersonal: 'user',
  fixes: [
    unless(anyOf(ofPersonal, ofApp), {
      risk: 'Give the account that logs in, {sender}, Send As permission on the mailbox in From: Exchange admin center > Recipients > Mailboxes > {from} > Delegation > Send as, or use the command. This requires the role Exchange Administrator.',
      url: '{exchangeAdminCenter}#/mailboxes',
      command: 'Add-RecipientPermission -Identity {from} -Trustee {sender} -AccessRights SendAs',
    }),
    unless(not(ofApp), {
      risk: "App-only: give the app's service principal, registered in Exchange, Send As permission on the mailbox in From. This requires the role Exchange Administrator.",
      command: `Add-RecipientPermission -Identity {from} -Trustee ${SERVICE_PRINCIPAL} -AccessRights SendAs`,
    }),
    {
      text: "Or use the login's address as the From address. In an organisation, its aliases work only if an admin has allowed that.",
      by: 'operator',
    },
    unless(anyOf(ofPersonal, ofApp), {
      test: 'It worked when this shows SendAs, and the message is sent. The change can take an hour.',
      command: 'Get-RecipientPermission -Identity {from} -Trustee {sender}',
    }),
    unless(not(ofApp), {
      test: 'App-only: it worked when this shows SendAs, and the message is sent. The change can take an hour.',
      command: `Get-RecipientPermission -Identity {from} -Trustee ${SERVICE_PRINCIPAL}`,
    }),
    unless(anyOf(ofPersonal, ofApp), {
      undo: 'To undo it, remove the permission.',
      command: 'Remove-RecipientPermission -Identity {from} -Trustee {sender} -AccessRights SendAs',
    }),
    unless(not(ofApp), {
      undo: 'App-only: to undo it, remove the permission.',
      command: `Remove-RecipientPermission -Identity {from} -Trustee ${SERVICE_PRINCIPAL} -AccessRights SendAs`,
    }),
    unless(anyOf(not(atGraph), ofPersonal), {
      risk: 'For Microsoft Graph, the sign-in needs {graphScope}.Shared as well, and Full Access where the message is sent from the mailbox in the path.',
    }),
    unless(ofOrganisation, {
      text: 'A personal account can send only under its own addresses: outlook.com > Settings > Mail > Sync email > Email aliases.',
      first: ofPersonal,
    }),
  ],
  docs: [docs.printers],
  proof: [
    onlyIf(
      ({ facts }) => facts.intermittent !== true,
      saidBy('mail_server', [
        /\b5\.7\.60 smtp; client does not have permissions to send as this sender\b/,
        /\b5\.2\.252 sendasdenied; [^ ]{3,250} not allowed to send as [^ ]{3,250}/,
        /\bstoredrv\.submission\.exception:sendasdeniedexception\b/,
      ]),
    ),
    onlyIf(({ facts }) => facts.intermittent !== true, saidBy('graph', /\berrorsendasdenied\b/)),
  ],
  indicators: [
    by.text(WEIGHT.names + 0.5, [
      /send ?as ?denied/,
      /permissions? to send (?:as|on behalf)/,
      /5\.7\.60\b/,
      /5\.2\.252\b/,
      /not allowed to send as/,
      /right to send (?:the message )?(?:as|on behalf)/,
    ]),
    by.text(WEIGHT.suggests + 1, [
      /sender address rejected/,
      /not authori[sz]ed to send (?:as|on behalf)/,
      /sendonbehalf/,
    ]),
    where(WEIGHT.suggests, ({ stage, enhanced: found }) => stage === 'send' && found.has('5.7.1')),
  ],
  ask: [questions.fromAddress],
}
