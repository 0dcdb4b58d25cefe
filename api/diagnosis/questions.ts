/** Questions that distinguish causes. A question is asked only while no evidence answers it. */
import type { EvidenceField } from '../../schema/diagnosis.ts'
import type { Facts } from './parse/facts.ts'

export type Question = {
  text: string
  /** The evidence that answers it. */
  field?: EvidenceField
  /** Other evidence that makes it superfluous. */
  settled?: (facts: Facts) => boolean
}

/** Returns true if the evidence answers the question. */
export const isAnswered = ({ field, settled }: Question, facts: Facts): boolean =>
  (field !== undefined && facts.raw[field] !== undefined) || settled?.(facts) === true

const question = (
  text: string,
  field?: EvidenceField,
  settled?: Question['settled'],
): Question => ({
  text,
  ...(field && { field }),
  ...(settled && { settled }),
})

export const questions = {
  fullText: question(
    "What is the complete error text, with every number in it (AADSTS..., 5.7.x) and the server's reply?",
  ),
  step: question(
    'Which step failed: reaching the server, TLS, the login, opening the mailbox, sending, or the sign-in at Microsoft?',
  ),
  otherSystem: question(
    'The text names another system. Which program wrote it, and was it connecting to a mailbox at Microsoft?',
  ),
  audience: question(
    'What is the aud claim of the access token (decode its middle part, which is base64url, on your own machine): the Outlook or the Graph resource?',
    'token_audience',
    ({ audience }) => audience !== undefined,
  ),
  scopes: question(
    'Does the scp or roles claim of the access token contain {permission}?',
    'token_scopes',
    ({ tokenCovers }) => tokenCovers !== undefined,
  ),
  roles: question(
    'Does the roles claim of the access token contain {appPermission}?',
    'token_scopes',
    ({ tokenCovers }) => tokenCovers !== undefined,
  ),
  requestedScope: question(
    'What is the exact scope of the token request?',
    'requested_scope',
    ({ asked, audience }) => asked !== undefined || audience !== undefined,
  ),
  signedInAs: question(
    'Who signed in (upn or preferred_username in the token), and is that the mailbox of the login?',
    'signed_in_as',
    ({ sameAccount }) => sameAccount !== undefined,
  ),
  ownMailbox: question(
    'Does the same token open the mailbox of the user who signed in?',
    undefined,
    ({ sameAccount }) => sameAccount === true,
  ),
  shared: question(
    'Is {mailbox} a shared mailbox, and does the user who signs in have Full Access to it?',
    'shared_mailbox',
  ),
  exp: question(
    'Was the access token fresh? Refresh it, log in again, and check the clock of this machine.',
    'token_expired',
  ),
  everWorked: question(
    'Has it ever worked with these settings, and does it fail every time?',
    'worked_before',
    ({ intermittent }) => intermittent !== undefined,
  ),
  otherProtocol: question(
    'Does the other protocol (IMAP or SMTP) work with the same sign-in?',
    'other_protocol',
  ),
  mechanism: question(
    'Which mechanism did the program use: XOAUTH2 with a token, or LOGIN or PLAIN with a password?',
    'mechanism',
    ({ password }) => password !== undefined,
  ),
  loginInLog: question(
    'What does the log of the program show before this line: an AUTH command with its answer, or none?',
  ),
  offeredMechanisms: question(
    'What does the server list after EHLO (SMTP: after STARTTLS and a second EHLO) or CAPABILITY (IMAP), and which mechanism does the program look for?',
  ),
  flow: question(
    'Does a user sign in (delegated), or does the app use its own token (client credentials)?',
    'flow',
    ({ appOnly }) => appOnly !== undefined,
  ),
  accountType: question(
    'Is it a work or school account, or a personal one (Outlook.com, Hotmail, Live)?',
    'account_type',
    ({ personal }) => personal !== undefined,
  ),
  servicePrincipal: question(
    'What does Get-ServicePrincipal in Exchange Online show for the app, and is its ObjectId the one under Enterprise apps?',
  ),
  mailboxPermission: question(
    'What does Get-MailboxPermission {mailbox} show for the app or the user who logs in?',
  ),
  casMailbox: question(
    'What does Get-CASMailbox {mailbox} show for ImapEnabled and SmtpClientAuthenticationDisabled?',
  ),
  smtpAuth: question(
    'Is SMTP AUTH allowed, for the organisation (Get-TransportConfig) and for {mailbox} (Get-CASMailbox)?',
  ),
  signInLog: question(
    "What do Microsoft Entra's sign-in logs say about this attempt: status, error code, Conditional Access?",
  ),
  pageText: question(
    "What did Microsoft's page say at the end? Copy its text with the AADSTS number, or a screenshot.",
  ),
  registeredUris: question(
    'Which redirect URIs are registered, and under which platform (Web, single-page application, mobile and desktop)?',
    'redirect_platform',
  ),
  audienceOfApp: question(
    'Which "Supported account types" does the app registration have, and which tenant is in the authorize URL?',
    'tenant',
  ),
  clientAuth: question(
    'Did the token request carry a client secret, and is the redirect URI registered as Web or as a public client?',
    'client_auth',
  ),
  tokenStore: question(
    'How long is the stored token compared with the one that was issued, and is the newest refresh token the one in use?',
  ),
  lastSignIn: question(
    'When did the user last sign in, was the password changed since, and when was the token last refreshed?',
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
  issuer: question(
    'Who issued the certificate that the server shows to this machine (openssl s_client)?',
  ),
  settings: question(
    'Which host, port and security (TLS from the start, STARTTLS, none) are configured?',
    'host',
  ),
  otherClient: question(
    'Does another program log in with the same account and token, and what changed when it broke?',
  ),
  serviceHealth: question('What does Service health in the Microsoft 365 admin center report?'),
} as const satisfies Record<string, Question>
