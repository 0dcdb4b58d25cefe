/** Who signed in, who logs in, and whose mailbox it is. */
import { questions } from '../../questions.ts'
import {
  answers,
  both,
  type Cause,
  EXCLUDES,
  kind,
  known,
  NAMES,
  POINTS,
  PROVES,
  says,
  when,
} from '../cause.ts'
import { docs } from '../docs.ts'
import { NO_TENANT_NAMED } from '../numbers.ts'

export const accountMismatch: Cause = {
  slug: 'account-mismatch',
  title: 'Another account signed in than the mailbox',
  explanation:
    'The token was issued to another person than the mailbox that it is used for, often to the admin who happened to be signed in to the browser. [[{signedInAs} signed in, the mailbox is {mailbox}.]]',
  responsible: 'user',
  retryable: false,
  effect: 'none',
  fixes: [
    {
      text: 'Sign in again as {expected}: choose that account on the page of Microsoft, or use a private window.',
    },
    {
      text: 'If the person who signed in is meant to read this mailbox, give them Full Access and name them as the delegate.',
      command:
        'Add-MailboxPermission -Identity {mailbox} -User {delegate} -AccessRights FullAccess',
    },
    {
      text: 'In a program of your own: send prompt=select_account, or the mailbox as login_hint.',
      otherPrograms: true,
    },
  ],
  docs: [
    docs.mailOAuth,
    'https://github.com/getmail6/getmail6/issues/221',
    'https://github.com/tarickb/sasl-xoauth2/issues/43',
    'https://github.com/simonrob/email-oauth2-proxy/issues/275',
  ],
  signs: [
    kind(NAMES + 1, 'account_mismatch'),
    says(
      POINTS + 1,
      /(?:account|user|e-?mail address|mailbox) .{0,40}(?:does not|doesn't|did not|do not|mis) ?match/,
      /sign(?:ed)? in (?:as|with) (?:a different|another|the wrong) (?:account|user)/,
      /issued (?:to|for) (?:a different|another) (?:account|user|person)/,
      /signed in as .{1,80} (?:but|instead)/,
      /differs? from the (?:one|account)/,
    ),
    answers(2.6, 'imap not connected'),
    answers(1.5, 'imap refused'),
    answers(1.9, 'smtp refused'),
  ],
  hints: [
    both(
      known(4, 'sameAccount', false),
      when(1, ({ known: { shared } }) => shared !== true),
    ),
    both(known(-2, 'teamName', true), known(1, 'shared', undefined)),
    known(EXCLUDES, 'sameAccount', true),
    known(EXCLUDES, 'appOnly', true),
    known(EXCLUDES, 'password', true),
    known(-1.5, 'workedBefore', true),
    known(-1, 'shared', true),
    known(-2, 'intermittent', true),
    known(-1.5, 'tokenExpired', true),
    known(-1, 'personal', true),
    both(known(-1, 'password', undefined), answers(1, 'smtp refused')),
  ],
  ask: [questions.signedInAs, questions.ownMailbox],
}

export const usernameWrongForm: Cause = {
  slug: 'xoauth2-username-wrong-form',
  title: 'The login name is not the address that Exchange expects',
  explanation:
    'The user name of the login is an alias, a form like user\\mailbox, or otherwise not the primary address or user principal name of the mailbox.',
  responsible: 'operator',
  retryable: false,
  effect: 'none',
  fixes: [
    {
      text: 'Log in with the primary address or the user principal name; try the other of the two where they differ.',
      command:
        'Get-Mailbox {mailbox} | Format-List UserPrincipalName,PrimarySmtpAddress,EmailAddresses',
    },
    {
      text: "For a shared mailbox use nothing but its own address as the user, with the delegate's token; forms like user\\shared belong to password logins.",
    },
  ],
  docs: [
    docs.mailOAuth,
    'https://github.com/simonrob/email-oauth2-proxy/issues/75',
    'https://github.com/DirectoryTree/ImapEngine/issues/54',
    'https://github.com/mguessan/davmail/issues/308',
    'https://developer.nylas.com/docs/dev-guide/provider-guides/microsoft/troubleshooting/authentication/status-403/',
  ],
  signs: [
    says(
      NAMES - 1,
      /user address provided is not valid/,
      /invalid (?:user|e-?mail) (?:name|address)/,
      /user ?name (?:format|must be)/,
      /not a valid (?:e-?mail|address|upn)/,
    ),
    says(
      POINTS + 1,
      /address.{0,40}(?:differs?|different|not the same).{0,60}(?:started|requested|expected|original)/,
      /\balias(?:es)?\b.{0,60}(?:not|primary|instead|log ?in|user)/,
    ),
    answers(1, 'imap refused', 'smtp refused'),
    answers(0.8, 'imap not connected'),
    both(
      (reading) => (reading.codes.includes(NO_TENANT_NAMED) ? POINTS : 0),
      when(1, ({ protocol }) => protocol === 'smtp'),
    ),
  ],
  hints: [
    when(
      4.5,
      ({ known: { raw } }) =>
        raw.username !== undefined && (/[\\/]/.test(raw.username) || !raw.username.includes('@')),
    ),
    known(0.5, 'shared', true),
    known(-1, 'sameAccount', true),
    known(-2, 'workedBefore', true),
    known(-2, 'otherProtocol', 'ok'),
    known(-2, 'intermittent', true),
    known(-1.5, 'appOnly', true),
    known(-1, 'password', true),
  ],
  ask: [questions.signedInAs],
}

export const sharedMailboxNoPermission: Cause = {
  slug: 'shared-mailbox-no-permission',
  title: 'Whoever signed in may not open the shared mailbox',
  explanation:
    'The token is good, but [[{signedInAs} has ]]no Full Access to {mailbox} is set for the person or app that logs in.',
  responsible: 'tenant_admin',
  retryable: false,
  effect: 'none',
  fixes: [
    {
      text: 'Give Full Access to the person who signs in, or to the app (its object ID under Enterprise apps). It can take an hour to work.',
      command:
        'Add-MailboxPermission -Identity {mailbox} -User {delegate} -AccessRights FullAccess',
    },
    {
      text: 'Or in the Exchange admin center > Recipients > Mailboxes > (mailbox) > Delegation > Read and manage (Full Access).',
      url: '{exchangeAdminCenter}#/mailboxes',
    },
  ],
  docs: [
    docs.mailOAuth,
    'https://github.com/jstedfast/MailKit/issues/1486',
    'https://github.com/jstedfast/MailKit/issues/1412',
  ],
  signs: [
    answers(2, 'imap not connected'),
    answers(0.9, 'imap refused'),
    answers(0.3, 'smtp refused'),
    (reading) => (reading.imapCode === 'authorizationfailed' ? POINTS : 0),
  ],
  hints: [
    known(2.6, 'shared', true),
    known(EXCLUDES, 'shared', false),
    both(known(2, 'sameAccount', false), known(1, 'shared', true)),
    both(known(1, 'sameAccount', false), known(1, 'shared', undefined)),
    both(known(2.6, 'teamName', true), known(1, 'shared', undefined)),
    // The token is good: only this mailbox does not open.
    both(
      when(2.5, ({ delegateLogin }) => delegateLogin === 'ok'),
      known(1, 'shared', true),
    ),
    known(-3, 'sameAccount', true),
    known(EXCLUDES, 'personal', true),
    both(known(0.8, 'appOnly', true), known(1, 'shared', true)),
    known(-1, 'workedBefore', true),
    known(EXCLUDES, 'password', true),
  ],
  ask: [questions.shared, questions.mailboxPermission],
}

export const sharedMailboxSmtpIdentity: Cause = {
  slug: 'shared-mailbox-smtp-identity',
  title: 'SMTP does not take a shared mailbox as the login',
  explanation:
    'IMAP accepts the address of a shared mailbox with the token of a delegate; SMTP does not. There the delegate must log in, and the shared address stands in From only.',
  responsible: 'operator',
  retryable: false,
  effect: 'none',
  fixes: [
    { text: 'Log in to SMTP as {delegate} and put {mailbox} in From.' },
    {
      text: 'The delegate needs Send As on the shared mailbox.',
      command:
        'Add-RecipientPermission -Identity {mailbox} -Trustee {delegate} -AccessRights SendAs',
    },
    {
      text: 'SMTP AUTH must be allowed for the delegate.',
      command: 'Set-CASMailbox -Identity {delegate} -SmtpClientAuthenticationDisabled $false',
    },
  ],
  docs: [
    docs.smtpAuth,
    'https://github.com/nextcloud/mail/pull/13668',
    'https://github.com/jstedfast/MailKit/issues/1770',
  ],
  signs: [answers(1.2, 'smtp refused')],
  hints: [
    known(3.2, 'shared', true),
    known(EXCLUDES, 'shared', false),
    both(known(1, 'sameAccount', false), known(1, 'shared', true)),
    known(EXCLUDES, 'sameAccount', true),
    both(known(3.2, 'teamName', true), known(1, 'shared', undefined)),
    // Seen to work under the other name: nothing else is wrong.
    when(PROVES + 1.5, ({ delegateLogin }) => delegateLogin === 'ok'),
    when(-2, ({ delegateLogin }) => delegateLogin === 'failed'),
    known(0.8, 'otherProtocol', 'ok'),
    known(EXCLUDES, 'personal', true),
    known(-1.5, 'workedBefore', true),
    known(-2, 'appOnly', true),
  ],
  ask: [questions.shared],
}
