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

/** A record of the program's own, by its number. */
export const OWN_RECORD =
  /\b(?:account|mailbox|connection|integration|provider) \d{1,9} (?:does not|doesn't) exist\b/

export const questions = {
  fullText: {
    text: "What is the complete error text, with every number in it (AADSTS..., 5.7.x) and the server's reply?",
  },
  step: {
    text: 'Which step failed: reaching the server, TLS, the login, opening the mailbox, sending, or the sign-in at Microsoft?',
  },
  otherSystem: {
    text: 'The text mentions another system. Which program wrote it, and was it connecting to a mailbox at Microsoft?',
    field: 'host',
  },
  provider: { text: "Which server, port and kind of login does the mailbox's provider require?" },
  audience: {
    text: [
      'What do the aud claim, scp or roles, upn and exp of the access token say? Decode its middle part (base64url) on your own machine.',
      'aud belongs to another service than {resource}: the token is not for this server.',
      'Neither scp nor roles lists {permission} or {appPermission}: the token lacks the permission.',
      'upn is another user than the mailbox: that user needs access to it, or the right one must sign in.',
      'exp has passed: the token has expired.',
      'All of them are right: {protocol} may be off for the mailbox.',
    ].join('\n'),
    field: 'token_audience',
    // The token of a personal account cannot be decoded.
    settled: ({ facts: { audience, personal } }) => audience !== undefined || personal === true,
  },
  scopes: {
    text: 'Which permissions does the scp or roles claim of the access token list, and is {permission} one of them?',
    field: 'token_scopes',
    settled: ({ facts: { tokenCovers, personal } }) =>
      tokenCovers !== undefined || personal === true,
  },
  roles: {
    text: 'Which permissions does the roles claim of the access token list, and is {appPermission} one of them?',
    field: 'token_scopes',
    settled: ({ facts }) => facts.tokenCovers !== undefined,
  },
  requestedScope: {
    text: 'Which scopes did the token request name, exactly?',
    field: 'requested_scope',
    settled: ({ facts: { asked, audience } }) => asked !== undefined || audience !== undefined,
  },
  signedInAs: {
    text: 'Which account signed in (upn or preferred_username in the token)?',
    field: 'signed_in_as',
    settled: ({ facts }) => facts.sameAccount !== undefined,
  },
  accountEmail: {
    text: 'Does the account that signed in have a mailbox, and an Email property in Microsoft Entra?',
  },
  ownMailbox: {
    text: "Does the same token open the signed-in user's own mailbox?",
    settled: ({ facts }) => facts.sameAccount === true,
  },
  shared: {
    text: 'Is {mailbox} a shared mailbox, which no user signs in to directly?',
    field: 'shared_mailbox',
  },
  exp: {
    text: 'Was the access token already expired when it was used (its exp claim)? If unsure, refresh it and log in again.',
    field: 'token_expired',
  },
  everWorked: {
    text: 'Has it ever worked with these settings?',
    field: 'worked_before',
    settled: ({ facts }) => facts.intermittent !== undefined,
  },
  intermittent: {
    text: 'Does it sometimes work, or does it fail every time?',
    field: 'intermittent',
  },
  otherProtocol: {
    text: 'Does the other protocol (IMAP or SMTP) work with the same sign-in?',
    field: 'other_protocol',
  },
  mechanism: {
    text: 'Which mechanism did the program use: XOAUTH2 with a token, or LOGIN or PLAIN with a password?',
    field: 'mechanism',
    settled: ({ facts }) => facts.password !== undefined,
  },
  loginInLog: {
    text: "What does the program's log show before this line: an AUTH command with its reply, or none?",
  },
  offeredMechanisms: {
    text: 'What does the server list after {capabilityCommand}, and which mechanism does the program look for?',
    // This mutt leaves the mechanism to Cyrus SASL.
    settled: ({ text }) => /\bmutt_sasl_cb_log\b/.test(text),
  },
  flow: {
    text: 'Does a user sign in (delegated), or does the app use its own token (client credentials)?',
    field: 'flow',
    settled: ({ facts }) => facts.appOnly !== undefined,
  },
  accountType: {
    text: 'Is it a work or school account, or a personal one (Outlook.com, Hotmail, Live)?',
    field: 'account_type',
    settled: ({ facts }) => facts.personal !== undefined,
  },
  servicePrincipal: {
    text: 'What does Get-ServicePrincipal in Exchange Online show for the app, and is its ObjectId the one under Enterprise apps?',
  },
  mailboxPermission: {
    text: 'What does Get-MailboxPermission {mailbox} show for the user or app that logs in: is FullAccess listed?',
  },
  appScope: {
    text: 'What does Test-ServicePrincipalAuthorization -Identity {clientId} -Resource {mailbox} show as InScope for Application Mail.Send?',
    settled: ({ facts }) => facts.appOnly === false,
  },
  casMailbox: {
    text: 'Does Get-CASMailbox {mailbox} show ImapEnabled as True, and SmtpClientAuthenticationDisabled as False?',
  },
  smtpAuth: {
    text: 'Is SMTP AUTH allowed, for the organisation (Get-TransportConfig) and for {mailbox} (Get-CASMailbox)?',
  },
  signInLog: {
    text: "What do Microsoft Entra's sign-in logs say about this attempt: status, error code, Conditional Access?",
  },
  ownRecord: {
    text: 'Is the account in the message still listed in the program for the user of this browser?',
    settled: ({ text }) => !OWN_RECORD.test(text),
  },
  pageText: {
    text: 'What did the last Microsoft page say? Copy its text including the AADSTS number, or take a screenshot.',
    settled: ({ protocol, source, codes }) =>
      protocol !== 'authorize' || source === 'sign_in_page' || codes.length > 0,
  },
  number: {
    text: "Which digits follow AADSTS in Microsoft's own message? Programs hide them, and people mask them.",
    settled: ({ codes, observed }) => codes.length > 0 || observed,
  },
  callbackLog: {
    text: "Does the log of the program's web server show the request to the redirect URI, and with which status?",
    settled: ({ text }) => /\b(?:40[0-8]|41\d|43\d|50[0-4])\b/.test(text),
  },
  registeredUris: {
    text: 'Which platform is the redirect URI registered under: Web, single-page application, or mobile and desktop?',
    field: 'redirect_platform',
  },
  redeemer: { text: 'Does a server or the browser redeem the code?' },
  audienceOfApp: {
    text: 'Which tenant is in the sign-in URL (common, organizations, consumers, or one organisation), and does it match the app registration\'s "Supported account types"?',
    field: 'tenant',
    settled: ({ stage }) => stage === 'client_credentials',
  },
  clientAuth: {
    text: 'How did the token request authenticate the app: with a client secret, a certificate, or not at all?',
    field: 'client_auth',
    settled: ({ protocol }) => protocol === 'authorize',
  },
  tokenLength: {
    text: 'How many bytes does the access token have, and does the program send it in the AUTH command or on a line of its own after 334?',
  },
  tokenCommand: {
    text: 'What does the command that fetches the token write to stderr when you run it by hand as the same user, and with which status does it exit (echo $?)? getmail and Exim discard what it writes.',
  },
  tokenStore: {
    text: 'Does the program store the new refresh token of each refresh in full? Compare the length of the stored one with the one that was issued.',
    settled: ({ subject }) => subject === 'other provider',
  },
  clientChanged: {
    text: 'Has the client ID in the settings changed since this sign-in, or was the token copied from another program?',
  },
  lastSignIn: {
    text: 'When was the token last refreshed, and has the password been changed or reset since the last sign-in?',
    // Google's messages have only one cause.
    settled: ({ subject }) => subject === 'other provider',
  },
  restrictedEntities: {
    text: 'Is {mailbox} listed in the Microsoft Defender portal under Email & collaboration > Review > Restricted entities?',
  },
  recipient: {
    text: 'Does a message from the same login to another recipient, such as the mailbox itself, go out?',
  },
  fromAddress: { text: 'Which From address did the message have, and which account logged in?' },
  route: {
    text: 'Can the same machine open a TCP connection to {server} (Test-NetConnection, nc)?',
  },
  greeting: {
    text: 'Which greeting (the line that begins with 220) does this machine receive from {server}?',
  },
  recipientType: {
    text: 'What does Get-EXORecipient {mailbox} show as RecipientTypeDetails: UserMailbox, SharedMailbox, MailUser, or nothing at all?',
  },
  issuer: {
    text: 'Who issued the certificate that the server shows to this machine (openssl s_client)?',
  },
  settings: {
    text: 'Which server, port and security (TLS from the start, STARTTLS, none) are configured?',
    field: 'host',
  },
  mailgrantResponse: {
    text: "What is Mailgrant's response? It contains the reason. Libraries hide it in the body (in Python's urllib, print error.read()), and mailgrant-token writes it to stderr.",
  },
  otherClient: {
    text: 'Can another program log in with the same account and token?',
    settled: ({ protocol }) => protocol === 'authorize',
  },
  serviceHealth: { text: 'What does Service health in the Microsoft 365 admin center report?' },
} as const satisfies Record<string, Question>
