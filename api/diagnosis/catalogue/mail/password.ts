/** Logins with a password, or without any, where Exchange Online requires a token. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import { and, anyOf, type Cause, not, WEIGHT, where } from '../cause.ts'
import { ofProgram, ofReading } from '../conditions.ts'
import { docs } from '../docs.ts'
import { allowSmtpAuth, instead, onlyFor, unless } from '../fixes.ts'
import { isAtMicrosoft, isMicrosofts, isOthersPassword } from '../hosts.ts'
import * as by from '../indicators.ts'
import { fact, onlyIf, saidBy } from '../proof.ts'
import {
  afterAcceptedLogin,
  loginRefused,
  noLoginInLog,
  notAuthenticated,
  sendThroughGraph,
} from '../submission.ts'

/** The imap extension of PHP, which sends nothing but passwords. */
const PHP_IMAP = /\bimap_open\b|\bphp imap\b/

const FREESCOUT =
  'https://github.com/freescout-help-desk/freescout/wiki/Connect-FreeScout-to-Microsoft-365-Exchange-via-oAuth'

/** Matches a LOGIN whose user name is no email address. */
const NO_ADDRESS = by.text(1, /\blogin "?[^\s"@]{8,250}"? /)

const SWIFT = /\bswift(?:_|mailer\b)/
/** Programs that will never support OAuth. */
const WITHOUT_OAUTH = new RegExp(`${PHP_IMAP.source}|${SWIFT.source}`)

/** Matches advice to check or to enter the password, as programs give it. */
const BLAMES_PASSWORD =
  /\b(?:check|verify|correct|re-?enter|enter|review)\b[^.;]{0,40}\bpass(?:word|phrase)\b/

/** Detects Exchange's reply to a password, in its exact spelling. With `user\shared`, the name is at fault, too. */
const sentPassword = (parsed: ParsedReport) =>
  isAtMicrosoft(parsed) &&
  /\b(?:AUTHENTICATE failed|Server Unavailable|Authentication unsuccessful)/.test(parsed.written) &&
  parsed.facts.password === true &&
  !/[\\/]/.test(parsed.facts.raw.username ?? '')

/** Detects such a reply where Microsoft accepts no password at all. */
const isRefusedPassword = (parsed: ParsedReport) =>
  (parsed.protocol === 'imap' || parsed.facts.personal === true) && sentPassword(parsed)

export const basicAuthBlocked: Cause = {
  slug: 'basic-auth-blocked',
  title: 'A password was sent where Microsoft accepts only OAuth',
  explanation:
    'The program logged in with a user name and password (LOGIN, PLAIN), or with an app password. Microsoft no longer accepts either for IMAP and POP, nor for SMTP at Outlook.com.[[ "{misleadingReply}" looks like an outage, but waiting does not help.]]',
  variants: [
    {
      onlyFor: ({ responses, facts }) => responses.has('smtp refused') && facts.personal !== true,
      title: 'A login with a password was refused',
      explanation:
        'Exchange Online accepts a user name and password for SMTP only where an admin allows it, and Outlook.com no longer does. A wrong user name or password gets the same reply.',
    },
    {
      onlyFor: (parsed) => ofProgram(PHP_IMAP)(parsed) && parsed.source === 'summary',
      explanation:
        "Even if the network is fine, this login cannot succeed: PHP's imap extension knows only passwords, and Microsoft no longer accepts passwords for IMAP.",
    },
    {
      onlyFor: ofReading,
      explanation:
        'The program logged in with a user name and a password, or with an app password (LOGIN or PLAIN). Microsoft no longer accepts either for IMAP and POP, and no admin setting brings that back.[[ "{misleadingReply}" looks like an outage, but waiting does not help.]]',
    },
  ],
  responsible: 'operator',
  fixes: [
    instead((parsed) => ofProgram(/\bfreescout\b/)(parsed) && NO_ADDRESS(parsed), {
      text: 'In the FreeScout mailbox, open Connection Settings > Fetching Emails, save, select "Connect" next to "Microsoft Exchange", and sign in as the mailbox in a private window. Until then FreeScout sends the client ID and secret as a password.',
      url: FREESCOUT,
    }),
    onlyFor(NO_ADDRESS, [
      "The user name is not an email address. Instead of a client ID and secret as user name and password, finish the program's sign-in with Microsoft.",
    ]),
    'Switch the account to OAuth2 (XOAUTH2) with Microsoft and sign in once.',
    onlyFor(ofProgram(PHP_IMAP), [
      "PHP's imap extension has no XOAUTH2. Use a library that has it, such as webklex/php-imap, or an XOAUTH2 proxy.",
    ]),
    unless(ofProgram(WITHOUT_OAUTH), [
      'If {program} has no setting for OAuth2 even after an update, put an XOAUTH2 proxy such as email-oauth2-proxy in front of it and enter that as its server.',
    ]),
    onlyFor(ofProgram(SWIFT), [
      'Replace SwiftMailer, which ended in 2021, by Symfony Mailer, which supports XOAUTH2.',
    ]),
    unless(ofReading, {
      risk: "Until then, an organisation's admin can allow a password for one mailbox over SMTP, unless security defaults or an authentication policy forbid it. Passwords are off by default from the end of December 2026. This shows both settings.",
      command:
        'Get-CASMailbox {mailbox} | Format-List SmtpClientAuthenticationDisabled; Get-AuthenticationPolicy | Format-List Name,AllowBasicAuthSmtp',
    }),
    unless(anyOf(ofReading, ofProgram(SWIFT)), {
      text: 'For a device that only sends, use a relay connector for its IP address or certificate, Azure Communication Services Email, or High Volume Email for recipients inside the organisation.',
      url: docs.devices,
    }),
  ],
  docs: [docs.basicAuth, docs.smtpBasicAuth],
  login: 'password',
  proof: [
    saidBy('mail_server', [
      /(?:(?:^|[^a-z ] ?)no |-err |\b5\.7\.139 authentication unsuccessful, )basic auth(?:entication)? is disabled\b/,
      /\b550 5\.7\.30 basic authentication is not supported\b/,
      /\blogondenied-basicauthblocked\b/,
    ]),
    // Exchange Online refuses every LOGIN and PLAIN, whose credential is a password. Programs spell their own "login
    // failed" differently.
    onlyIf(
      (parsed) => isAtMicrosoft(parsed) && /\bLOGIN failed\./.test(parsed.written),
      saidBy('mail_server', /(?:\b[a-z]{0,6}\d{0,8} no |(?<=["'[:(] ?))login failed\.(?!\w)/),
    ),
    onlyIf(isAtMicrosoft, saidBy('mail_server', /\bauthenticate plain: authenticate failed\b/)),
    // Any refusal counts if the program is known to have sent a password. The same holds for Outlook.com over SMTP. The
    // line with the password itself comes before the reply to it.
    onlyIf(
      isRefusedPassword,
      saidBy('mail_server', [
        /\blogin "[^"]{1,100}" "[^"]{1,100}" ?<< ?\w{1,10} no server unavailable\. 15\b/,
        /\bretrying plain authentication after authenticate failed\b/,
      ]),
    ),
    onlyIf(
      isRefusedPassword,
      saidBy('mail_server', [
        /\bauthenticate failed\b/,
        /\bno server unavailable\. 15\b/,
        /\b535 5\.7\.3 authentication unsuccessful\b/,
      ]),
    ),
  ],
  indicators: [
    by.text(WEIGHT.names, [
      /basic ?auth(?:entication)? (?:is |was |has been )?(?:disabled|blocked|not supported|not enabled|turned off)/,
    ]),
    by.text(WEIGHT.names, [/basicauthblocked/, /5\.7\.30\b/, /\bno login failed/]),
    // The command LOGIN carries a password; the server no longer takes it.
    by.text(WEIGHT.names - 0.5, [
      /disabled (?:the )?login command|login command (?:is |has been )?disabled/,
    ]),
    // A login before STARTTLS ends in the same way, and so does one with a mechanism that Exchange does not have.
    by.text(WEIGHT.suggests, [/unrecognized authentication type/, /\b5\.7\.4\b/]),
    and(
      by.text(WEIGHT.suggests + 1, [/unrecognized authentication type/, /\b5\.7\.4\b/]),
      by.fact(1, 'password', true),
    ),
    // Also the reply to an app password, and to a password without a second factor.
    by.text(WEIGHT.suggests + 0.5, /user credentials were incorrect/),
    by.text(WEIGHT.suggests, /app(?:lication)?[- ]specific password|app ?password/),
    by.text(WEIGHT.suggests, [
      /authenticate plain/,
      /plain authentication (?:failed|after)/,
      /login authentication failed/,
    ]),
    by.text(WEIGHT.suggests, [/oauth2? (?:is )?required/, /logindisabled/]),
    // Exchange sends this for a LOGIN, too.
    and(
      by.text(WEIGHT.overrides + 1, /\bno server unavailable\. 15\b/),
      by.fact(1, 'password', true),
    ),
    and(by.text(3.4, /\bimap_open\b/), isAtMicrosoft),
    by.enhanced(WEIGHT.names - 1, '5.7.30'),
    by.response(WEIGHT.suggests + 0.5, 'imap login failed'),
    by.text(3.6, /did not meet the criteria/),
    by.text(3, /smtp server requires a secure connection/),
    by.response(1, 'smtp policy'),
    by.response(0.6, 'imap refused'),
    by.response(0.9, 'smtp refused'),
    notAuthenticated(2.5),
    // Exchange refuses every password, whatever the program makes of the reply.
    and(
      by.meaning(2.6, 'connect-failed'),
      by.fact(1, 'password', true),
      (parsed) => parsed.protocol === 'imap' && parsed.stage === 'auth' && isMicrosofts(parsed),
    ),
  ],
  modifiers: [
    // A program that blames the password, or asks for it again, may have sent one.
    and(
      by.response(2, 'imap refused'),
      by.text(1, BLAMES_PASSWORD),
      by.fact(1, 'password', undefined),
    ),
    and(notAuthenticated(1.5), by.fact(1, 'password', true)),
    and(notAuthenticated(-2), by.fact(1, 'password', false)),
    and(by.response(3.5, 'imap refused'), by.fact(1, 'password', true)),
    and(by.response(1.5, 'smtp refused', 'smtp policy'), by.fact(1, 'password', true)),
    and(by.response(0.8, 'smtp refused'), by.fact(1, 'password', undefined)),
    // Sentences that are specific to the cause still count, since programs fall back to a password without reporting
    // it.
    and(
      by.response(-3, 'imap refused', 'smtp refused', 'smtp policy'),
      by.fact(1, 'password', false),
    ),
    where(-4, isOthersPassword),
    // Programs write "login failed" about a refused token, too.
    and(
      by.response(-1.5, 'imap login failed'),
      ({ source, facts }) => source === 'summary' && facts.password !== true,
    ),
    // The sign-in of a program that asks for one; no password was refused.
    where(-3, ({ text }) =>
      /\b(?:request|sign-?in|login) (?:has |was )?(?:expired|cancell?ed|timed out)/.test(text),
    ),
    // A user name like user\shared is refused with any password, so the refusal does not show that only OAuth is
    // accepted.
    where(-1.2, ({ facts: { raw } }) => /[\\/]/.test(raw.username ?? '')),
  ],
  ask: [questions.mechanism],
}

export const passwordRefused: Cause = {
  slug: 'password-refused',
  title: 'The server refused the user name or the password',
  explanation:
    'The mail server {server} refused the login of {mailbox}: the user name or the password is wrong, or the account does not allow this kind of login.',
  responsible: 'user',
  fixes: [
    'Enter the password again, and the user name that the provider requires: usually the full address.',
    "Check in the provider's settings whether programs may log in and need an app password.",
  ],
  docs: ['https://www.rfc-editor.org/rfc/rfc5530#section-3'],
  login: 'password',
  proof: fact(
    'mailgrant',
    "The server refused Mailgrant's login with the password.",
    (parsed) => parsed.kind === 'rejected' && isOthersPassword(parsed),
  ),
  indicators: and(
    by.response(WEIGHT.names - 0.4, 'imap refused', 'imap login failed', 'smtp refused'),
    isOthersPassword,
  ),
}

export const clientSentNoAuth: Cause = {
  slug: 'client-sent-no-auth',
  title: 'The program did not log in before sending',
  explanation:
    'The server received a sender without a login: the program uses HELO instead of EHLO, sends without authentication, or finds no mechanism it supports and continues without one.',
  responsible: 'operator',
  fixes: [
    'Make the program authenticate: EHLO, STARTTLS, EHLO again, AUTH XOAUTH2, only then MAIL FROM (Postfix: smtp_sasl_auth_enable = yes with a map for the relay host).',
    'Use port 587 with STARTTLS. On port 25 and before TLS, the server offers no login.',
    {
      risk: 'To send without a login, set up a connector in Exchange Online for the address of the sending machine.',
    },
  ],
  docs: [docs.clientNotAuthenticated, docs.printers, docs.devices],
  proof: onlyIf(
    (parsed) => noLoginInLog(parsed) > 0 || parsed.facts.raw.mechanism === 'none',
    saidBy('mail_server', /\b5\.7\.57 .{0,10}client (?:was )?not authenticated\b/),
  ),
  indicators: [
    and(notAuthenticated(WEIGHT.names + 0.5), noLoginInLog),
    // A login that was refused earlier ends in the same words; .NET prints them in front of its refusal.
    and(notAuthenticated(WEIGHT.suggests + 0.3), not(loginRefused)),
    and(by.meaning(WEIGHT.suggests, 'auth-required'), not(loginRefused)),
    by.text(WEIGHT.names - 1, [
      /530 5\.7\.1\b.{0,60}(?:not authenticated|authentication required)/,
      // Exim continues with its own conclusion from the login.
      /(?<!proxy )authentication (?:is )?required(?! but )/,
      /must authenticate/,
      /unauthenticated senders? (?:is |are )?not allowed/,
      /send hello first/,
    ]),
    by.text(WEIGHT.suggests + 0.5, [
      /relay(?:ing)? (?:access )?(?:is )?denied(?<!tenantattribution; relay access denied)/,
      /unable to relay/,
      /relaying not (?:allowed|permitted)/,
      /5\.7\.54\b/,
    ]),
    by.text(WEIGHT.suggests, /missing credentials for/),
    and(by.meaning(2, 'mechanism-not-offered'), not(loginRefused)),
    notAuthenticated(2.5),
    by.text(2, /unrecognized authentication type/),
  ],
  modifiers: [
    // .NET prints this after a refused login, too.
    where(-2.2, ({ text }) => /smtp server requires a secure connection/.test(text)),
    where(1.5, ({ facts: { raw } }) => raw.port === 25),
    where(0.5, ({ stage }) => stage === 'send'),
    afterAcceptedLogin(WEIGHT.excludes),
    where(3, ({ facts: { raw } }) => raw.mechanism === 'none'),
    by.fact(-1, 'password', true),
  ],
  ask: [questions.loginInLog, questions.settings, questions.mechanism],
}

/** Matches a login with an access token. */
const sendsToken = by.fact(1, 'password', false)

export const securityDefaultsBlock: Cause = {
  slug: 'security-defaults-block',
  title: "The organisation's security defaults refuse the login",
  explanation:
    'Microsoft Entra security defaults block every login with a password over IMAP, POP and SMTP, whatever the mailbox allows.',
  responsible: 'tenant_admin',
  effect: 'block',
  fixes: [
    unless(sendsToken, [
      'Use OAuth (XOAUTH2) instead of a password, and leave security defaults on.',
    ]),
    unless((parsed) => parsed.protocol !== 'smtp' || !sendsToken(parsed), allowSmtpAuth),
    unless(not(sendsToken), [
      'Leave security defaults on. Reports differ on whether they refuse OAuth as well. For many messages, High Volume Email (inside the organisation) and Azure Communication Services Email have servers of their own.',
    ]),
    unless(sendsToken, {
      text: "Without OAuth, send through a proxy that logs in with OAuth, a relay connector for the machine's IP address, or Azure Communication Services Email.",
      url: 'https://learn.microsoft.com/en-us/azure/communication-services/quickstarts/email/send-email-smtp/smtp-authentication',
    }),
    sendThroughGraph,
  ],
  docs: [docs.securityDefaults, docs.smtpAuth],
  aadsts: { "The organisation's security defaults forbid this sign-in": [530035] },
  proof: onlyIf(
    ({ facts }) => facts.password !== false,
    saidBy('mail_server', /\blocked by your organi[sz]ation's security defaults policy\b/),
  ),
  indicators: [
    by.text(WEIGHT.names + 1, /security[- ]defaults/),
    by.text(3.4, /did not meet the criteria/),
    by.text(3, /smtp server requires a secure connection/),
    by.response(0.7, 'smtp refused'),
    by.response(1, 'smtp policy'),
  ],
  modifiers: [
    and(by.response(1, 'smtp refused', 'smtp policy'), by.fact(1, 'password', true)),
    and(by.response(0.7, 'smtp refused', 'smtp policy'), by.fact(1, 'password', undefined)),
    and(by.response(-1.2, 'smtp refused', 'smtp policy'), by.fact(1, 'password', false)),
    by.fact(WEIGHT.excludes, 'personal', true),
    by.fact(-2, 'appOnly', true),
    where(-4, isOthersPassword),
    // Microsoft's pages disagree on whether this blocks logins with a token too, so a token only makes it less likely.
    by.fact(-2, 'password', false),
  ],
  ask: [questions.mechanism, questions.signInLog],
}
