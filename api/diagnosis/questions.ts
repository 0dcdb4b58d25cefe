/** Questions that distinguish causes. A question is asked only while no evidence answers it. */
import type { EvidenceField } from '../../schema/diagnosis.ts'
import type { ParsedReport } from './parse/parse-report.ts'

export type Question = {
  text: string
  /** The evidence that answers it. */
  field?: EvidenceField
  /** Detects reports that answer it in another way, or to which it does not apply. */
  settled?: (report: ParsedReport) => boolean
}

/** Returns true if the report answers the question. */
export const isAnswered = ({ field, settled }: Question, report: ParsedReport): boolean =>
  (field !== undefined && report.facts.raw[field] !== undefined) || settled?.(report) === true

const question = (
  text: string,
  field?: EvidenceField,
  settled?: Question['settled'],
): Question => ({
  text,
  ...(field && { field }),
  ...(settled && { settled }),
})

/** A record of the program's own, by its number. */
export const OWN_RECORD =
  /\b(?:account|mailbox|connection|integration|provider) \d{1,9} (?:does not|doesn't) exist\b/

export const questions = {
  fullText: question(
    "What is the complete error text, with every number in it (AADSTS..., 5.7.x) and the server's reply?",
  ),
  step: question(
    'Which step failed: reaching the server, TLS, the login, opening the mailbox, sending, or the sign-in at Microsoft?',
  ),
  otherSystem: question(
    'The text mentions another system. Which program wrote it, and was it connecting to a mailbox at Microsoft?',
    'host',
  ),
  provider: question("Which server, port and kind of login does the mailbox's provider require?"),
  audience: question(
    [
      'What do the aud claim, scp or roles, upn and exp of the access token say? Decode its middle part (base64url) on your own machine.',
      'aud belongs to another service than {resource}: the token is not for this server.',
      'Neither scp nor roles lists {permission} or {appPermission}: the token lacks the permission.',
      'upn is another user than the mailbox: that user needs access to it, or the right one must sign in.',
      'exp has passed: the token has expired.',
      'All of them are right: {protocol} may be off for the mailbox.',
    ].join('\n'),
    'token_audience',
    // The token of a personal account cannot be decoded.
    ({ facts: { audience, personal } }) => audience !== undefined || personal === true,
  ),
  scopes: question(
    'Which permissions does the scp or roles claim of the access token list, and is {permission} one of them?',
    'token_scopes',
    ({ facts: { tokenCovers, personal } }) => tokenCovers !== undefined || personal === true,
  ),
  roles: question(
    'Which permissions does the roles claim of the access token list, and is {appPermission} one of them?',
    'token_scopes',
    ({ facts }) => facts.tokenCovers !== undefined,
  ),
  requestedScope: question(
    'Which scopes did the token request name, exactly?',
    'requested_scope',
    ({ facts: { asked, audience } }) => asked !== undefined || audience !== undefined,
  ),
  signedInAs: question(
    'Which account signed in (upn or preferred_username in the token)?',
    'signed_in_as',
    ({ facts }) => facts.sameAccount !== undefined,
  ),
  accountEmail: question(
    'Does the account that signed in have a mailbox, and an Email property in Microsoft Entra?',
  ),
  ownMailbox: question(
    "Does the same token open the signed-in user's own mailbox?",
    undefined,
    ({ facts }) => facts.sameAccount === true,
  ),
  shared: question(
    'Is {mailbox} a shared mailbox, which no user signs in to directly?',
    'shared_mailbox',
  ),
  exp: question(
    'Was the access token already expired when it was used (its exp claim)? If unsure, refresh it and log in again.',
    'token_expired',
  ),
  everWorked: question(
    'Has it ever worked with these settings?',
    'worked_before',
    ({ facts }) => facts.intermittent !== undefined,
  ),
  intermittent: question('Does it sometimes work, or does it fail every time?', 'intermittent'),
  otherProtocol: question(
    'Does the other protocol (IMAP or SMTP) work with the same sign-in?',
    'other_protocol',
  ),
  mechanism: question(
    'Which mechanism did the program use: XOAUTH2 with a token, or LOGIN or PLAIN with a password?',
    'mechanism',
    ({ facts }) => facts.password !== undefined,
  ),
  loginInLog: question(
    "What does the program's log show before this line: an AUTH command with its reply, or none?",
  ),
  offeredMechanisms: question(
    'What does the server list after {capabilityCommand}, and which mechanism does the program look for?',
    undefined,
    // This mutt leaves the mechanism to Cyrus SASL.
    ({ text }) => /\bmutt_sasl_cb_log\b/.test(text),
  ),
  flow: question(
    'Does a user sign in (delegated), or does the app use its own token (client credentials)?',
    'flow',
    ({ facts }) => facts.appOnly !== undefined,
  ),
  accountType: question(
    'Is it a work or school account, or a personal one (Outlook.com, Hotmail, Live)?',
    'account_type',
    ({ facts }) => facts.personal !== undefined,
  ),
  servicePrincipal: question(
    'What does Get-ServicePrincipal in Exchange Online show for the app, and is its ObjectId the one under Enterprise apps?',
  ),
  mailboxPermission: question(
    'What does Get-MailboxPermission {mailbox} show for the user or app that logs in: is FullAccess listed?',
  ),
  appScope: question(
    'What does Test-ServicePrincipalAuthorization -Identity {clientId} -Resource {mailbox} show as InScope for Application Mail.Send?',
    undefined,
    ({ facts }) => facts.appOnly === false,
  ),
  casMailbox: question(
    'Does Get-CASMailbox {mailbox} show ImapEnabled as True, and SmtpClientAuthenticationDisabled as False?',
  ),
  smtpAuth: question(
    'Is SMTP AUTH allowed, for the organisation (Get-TransportConfig) and for {mailbox} (Get-CASMailbox)?',
  ),
  signInLog: question(
    "What do Microsoft Entra's sign-in logs say about this attempt: status, error code, Conditional Access?",
  ),
  ownRecord: question(
    'Is the account in the message still listed in the program for the user of this browser?',
    undefined,
    ({ text }) => !OWN_RECORD.test(text),
  ),
  pageText: question(
    'What did the last Microsoft page say? Copy its text including the AADSTS number, or take a screenshot.',
    undefined,
    ({ protocol, source, codes }) =>
      protocol !== 'authorize' || source === 'sign_in_page' || codes.length > 0,
  ),
  number: question(
    "Which digits follow AADSTS in Microsoft's own message? Programs hide them, and people mask them.",
    undefined,
    ({ codes, observed }) => codes.length > 0 || observed,
  ),
  callbackLog: question(
    "Does the log of the program's web server show the request to the redirect URI, and with which status?",
    undefined,
    ({ text }) => /\b(?:40[0-8]|41\d|43\d|50[0-4])\b/.test(text),
  ),
  registeredUris: question(
    'Which platform is the redirect URI registered under: Web, single-page application, or mobile and desktop?',
    'redirect_platform',
  ),
  redeemer: question('Does a server or the browser redeem the code?'),
  audienceOfApp: question(
    'Which tenant is in the sign-in URL (common, organizations, consumers, or one organisation), and does it match the app registration\'s "Supported account types"?',
    'tenant',
    ({ stage }) => stage === 'client_credentials',
  ),
  clientAuth: question(
    'How did the token request authenticate the app: with a client secret, a certificate, or not at all?',
    'client_auth',
    ({ protocol }) => protocol === 'authorize',
  ),
  tokenLength: question(
    'How many bytes does the access token have, and does the program send it in the AUTH command or on a line of its own after 334?',
  ),
  tokenCommand: question(
    'What does the command that fetches the token write to stderr when you run it by hand as the same user, and with which status does it exit (echo $?)? getmail and Exim discard what it writes.',
  ),
  tokenStore: question(
    'Does the program store the new refresh token of each refresh in full? Compare the length of the stored one with the one that was issued.',
    undefined,
    ({ subject }) => subject === 'other provider',
  ),
  clientChanged: question(
    'Has the client ID in the settings changed since this sign-in, or was the token copied from another program?',
  ),
  lastSignIn: question(
    'When was the token last refreshed, and has the password been changed or reset since the last sign-in?',
    undefined,
    // Google's messages have only one cause.
    ({ subject }) => subject === 'other provider',
  ),
  restrictedEntities: question(
    'Is {mailbox} listed in the Microsoft Defender portal under Email & collaboration > Review > Restricted entities?',
  ),
  recipient: question(
    'Does a message from the same login to another recipient, such as the mailbox itself, go out?',
  ),
  fromAddress: question('Which From address did the message have, and which account logged in?'),
  route: question(
    'Can the same machine open a TCP connection to {server} (Test-NetConnection, nc)?',
  ),
  greeting: question(
    'Which greeting (the line that begins with 220) does this machine receive from {server}?',
  ),
  recipientType: question(
    'What does Get-EXORecipient {mailbox} show as RecipientTypeDetails: UserMailbox, SharedMailbox, MailUser, or nothing at all?',
  ),
  issuer: question(
    'Who issued the certificate that the server shows to this machine (openssl s_client)?',
  ),
  settings: question(
    'Which server, port and security (TLS from the start, STARTTLS, none) are configured?',
    'host',
  ),
  mailgrantResponse: question(
    "What is Mailgrant's response? It contains the reason. Libraries hide it in the body (in Python's urllib, print error.read()), and mailgrant-token writes it to stderr.",
  ),
  otherClient: question(
    'Can another program log in with the same account and token?',
    undefined,
    ({ protocol }) => protocol === 'authorize',
  ),
  serviceHealth: question('What does Service health in the Microsoft 365 admin center report?'),
} as const satisfies Record<string, Question>
