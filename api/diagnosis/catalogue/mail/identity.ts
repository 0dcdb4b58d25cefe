/** The account that signed in, the login name, and the owner of the mailbox. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import { and, type Cause, WEIGHT, where } from '../cause.ts'
import { hasNoValue, ofPersonal } from '../conditions.ts'
import { docs } from '../docs.ts'
import { giveAppFullAccess, giveSendAs, unless } from '../fixes.ts'
import * as by from '../indicators.ts'
import { NO_TENANT_NAMED } from '../numbers.ts'
import { fact } from '../proof.ts'

/** Detects a login name that is no address, or `user\mailbox`. */
const hasWrongForm = ({ facts: { raw } }: ParsedReport): boolean =>
  raw.username !== undefined && (/[\\/]/.test(raw.username) || !raw.username.includes('@'))

export const accountMismatch: Cause = {
  slug: 'account-mismatch',
  title: 'The account that signed in does not match the mailbox',
  explanation:
    'The token belongs to a different account from the mailbox it is used for, often to the admin who was already signed in to the browser. [[{signedInAs} signed in; the mailbox is {mailbox}.]]',
  responsible: 'user',
  fixes: [
    "Sign in again as {expected}: choose that account on Microsoft's page, or use a private window.",
    unless(ofPersonal, {
      risk: 'If the user who signed in is meant to open this mailbox, give them Full Access and enter their address as the person who signs in (the delegate).',
      command:
        'Add-MailboxPermission -Identity {mailbox} -User {delegate} -AccessRights FullAccess -AutoMapping $false',
    }),
    {
      text: 'In your own program: send prompt=select_account, or the mailbox as login_hint.',
      otherPrograms: true,
    },
  ],
  docs: [docs.mailOAuth],
  login: 'token',
  indicators: [
    by.kind(WEIGHT.names + 1, 'account_mismatch'),
    by.text(WEIGHT.suggests + 1, [
      /(?:account|user|e-?mail address|mailbox) .{0,40}(?:does not|doesn't|did not|do not|mis) ?match/,
    ]),
    by.meaning(WEIGHT.names, 'account-mismatch'),
    // The program stopped after the sign-in of an account that is not the mailbox.
    and(by.fact(1.5, 'sameAccount', false), ({ stage }) => stage === 'callback'),
    by.response(2.6, 'imap not connected'),
    by.response(1.5, 'imap refused'),
    by.response(1.9, 'smtp refused'),
  ],
  modifiers: [
    and(
      by.fact(4, 'sameAccount', false),
      ({ facts: { shared, personal } }) => shared === false || personal === true,
    ),
    // Another account may be a delegate of a shared mailbox.
    and(
      by.fact(2, 'sameAccount', false),
      ({ facts: { shared, personal } }) => shared === undefined && personal !== true,
    ),
    and(by.fact(-0.5, 'teamName', true), by.fact(1, 'shared', undefined)),
    by.fact(WEIGHT.excludes, 'sameAccount', true),
    by.fact(WEIGHT.excludes, 'appOnly', true),
    by.fact(-1.5, 'workedBefore', true),
    by.fact(-1, 'shared', true),
    by.fact(-2, 'intermittent', true),
    by.fact(-1.5, 'tokenExpired', true),
    by.fact(-1, 'personal', true),
    // The program did not even read an address to compare.
    where(-3, hasNoValue),
    and(by.fact(-1, 'password', undefined), by.response(1, 'smtp refused')),
  ],
  ask: [questions.signedInAs, questions.ownMailbox, questions.shared],
}

export const usernameWrongForm: Cause = {
  slug: 'xoauth2-username-wrong-form',
  title: 'The login name is not the address that Exchange expects',
  explanation:
    "The login's user name is an alias, a form like user\\mailbox, or something else that isn't the mailbox's primary address or user principal name.",
  responsible: 'operator',
  fixes: [
    {
      text: 'Log in with the primary address or the user principal name; if they differ, try both.',
      command:
        'Get-Mailbox {mailbox} | Format-List UserPrincipalName,PrimarySmtpAddress,EmailAddresses',
    },
    "For a shared mailbox, use only its own address, with the delegate's token. Forms like user\\shared belong to password logins.",
  ],
  docs: [docs.mailOAuth],
  indicators: [
    by.text(WEIGHT.names - 1, [
      /user address provided is not valid/,
      /invalid (?:user|e-?mail) (?:name|address)(?! or )/,
    ]),
    by.text(WEIGHT.suggests + 1, [
      /address.{0,40}(?:differs?|different|not the same).{0,60}(?:started|requested|expected|original)/,
    ]),
    by.response(1, 'imap refused', 'smtp refused'),
    by.response(0.8, 'imap not connected'),
    and(by.code(WEIGHT.suggests, NO_TENANT_NAMED), ({ protocol }) => protocol === 'smtp'),
    // The program looks its settings up by the user name.
    and(
      by.text(3, [
        /\b(?:entry|account|section|profile)\b.{0,30}\b(?:missing|not (?:found|configured)|unknown)/,
      ]),
      hasWrongForm,
    ),
  ],
  modifiers: [
    where(4.5, hasWrongForm),
    by.fact(0.5, 'shared', true),
    by.fact(-1, 'sameAccount', true),
    by.fact(-2, 'workedBefore', true),
    by.fact(-2, 'intermittent', true),
    by.fact(-1.5, 'appOnly', true),
    by.fact(-1, 'password', true),
    by.fact(-2, 'otherProtocol', 'ok'),
  ],
  ask: [questions.signedInAs],
}

export const sharedMailboxNoPermission: Cause = {
  slug: 'shared-mailbox-no-permission',
  title: 'No permission to open the shared mailbox',
  explanation:
    'The token is valid, but the user or app that logs in has no Full Access to {mailbox}.[[ {signedInAs} signed in.]]',
  responsible: 'tenant_admin',
  fixes: [
    unless(by.fact(1, 'appOnly', true), {
      risk: 'Give the user who signs in[[, {delegate},]] Full Access to the mailbox: Exchange admin center > Recipients > Mailboxes > {mailbox} > Delegation > Read and manage, or use the command. This requires the role Exchange Administrator.',
      url: '{exchangeAdminCenter}#/mailboxes',
      command:
        'Add-MailboxPermission -Identity {mailbox} -User {delegate} -AccessRights FullAccess -AutoMapping $false',
    }),
    unless(by.fact(1, 'appOnly', false), giveAppFullAccess),
    unless(by.fact(1, 'appOnly', true), [
      {
        test: 'It worked when this lists FullAccess, and the mailbox opens. The change can take an hour.',
        command: 'Get-MailboxPermission -Identity {mailbox} -User {delegate}',
      },
      {
        undo: 'To undo it, remove the permission.',
        command:
          'Remove-MailboxPermission -Identity {mailbox} -User {delegate} -AccessRights FullAccess',
      },
    ]),
  ],
  docs: [docs.mailOAuth],
  login: 'token',
  indicators: [
    by.response(2, 'imap not connected'),
    by.response(0.9, 'imap refused'),
    by.response(0.3, 'smtp refused'),
    (parsed) => (parsed.imapCode === 'authorizationfailed' ? WEIGHT.suggests : 0),
  ],
  modifiers: [
    by.fact(2.6, 'shared', true),
    by.fact(-3, 'sameAccount', true),
    by.fact(WEIGHT.excludes, 'personal', true),
    by.fact(-1, 'workedBefore', true),
    by.fact(WEIGHT.excludes, 'shared', false),
    and(by.fact(2, 'sameAccount', false), by.fact(1, 'shared', true)),
    and(
      by.fact(0.5, 'sameAccount', false),
      ({ facts: { shared }, protocol }) => shared === undefined && protocol !== 'smtp',
    ),
    and(by.fact(1, 'sameAccount', false), by.fact(1, 'shared', undefined)),
    and(by.fact(1, 'teamName', true), by.fact(1, 'shared', undefined)),
    // The token is good. Only this mailbox does not open.
    and(
      where(2.5, ({ delegateLogin }) => delegateLogin === 'ok'),
      by.fact(1, 'shared', true),
    ),
    and(by.fact(0.8, 'appOnly', true), by.fact(1, 'shared', true)),
  ],
  ask: [questions.shared, questions.mailboxPermission],
}

export const sharedMailboxSmtpIdentity: Cause = {
  slug: 'shared-mailbox-smtp-identity',
  title: 'SMTP does not accept a shared mailbox as the login',
  explanation:
    "IMAP accepts a shared mailbox's address with a delegate's token, but SMTP doesn't. There the delegate must log in, and the shared address goes only into From.",
  responsible: 'operator',
  fixes: [
    'Log in to SMTP as {delegate} and put {mailbox} in From.',
    giveSendAs,
    {
      risk: 'SMTP AUTH must be allowed for the delegate.',
      command: 'Set-CASMailbox -Identity {delegate} -SmtpClientAuthenticationDisabled $false',
    },
  ],
  docs: [docs.smtpAuth],
  login: 'token',
  proof: fact(
    'mailgrant',
    'The same token logs in as the user who signed in.',
    ({ delegateLogin }) => delegateLogin === 'ok',
  ),
  indicators: [
    by.response(1.2, 'smtp refused'),
    // Exchange cannot route a login as a shared mailbox.
    by.text(5, /temporary server error.{0,60}\bprx\d/),
  ],
  modifiers: [
    by.fact(3.2, 'shared', true),
    by.fact(WEIGHT.excludes, 'sameAccount', true),
    by.fact(WEIGHT.excludes, 'personal', true),
    by.fact(-1.5, 'workedBefore', true),
    by.fact(-2, 'appOnly', true),
    by.fact(WEIGHT.excludes, 'shared', false),
    and(by.fact(1, 'sameAccount', false), by.fact(1, 'shared', true)),
    and(by.fact(3.2, 'teamName', true), by.fact(1, 'shared', undefined)),
    // The login worked under the other name, so nothing else is wrong.
    where(WEIGHT.proves + 1.5, ({ delegateLogin }) => delegateLogin === 'ok'),
    where(-2, ({ delegateLogin }) => delegateLogin === 'failed'),
    by.fact(0.8, 'otherProtocol', 'ok'),
  ],
  ask: [questions.shared],
}
