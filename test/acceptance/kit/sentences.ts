/**
 * Sentences of Microsoft that Mailgrant knows, with {placeholders} for what differs. Only these come into a transcript.
 * A sentence that is not among them is left out, until the person has read it.
 */

import { aadsts } from '../../sandbox/entra/aadsts.ts'
import { refusals } from '../../sandbox/graph/errors.ts'

const MAIL = [
  '* OK The Microsoft Exchange IMAP4 service is ready. [{server}]',
  '{tag} OK CAPABILITY completed.',
  '{tag} OK AUTHENTICATE completed.',
  '{tag} OK EXAMINE completed.',
  '{tag} OK [READ-ONLY] EXAMINE completed.',
  '{tag} NO AUTHENTICATE failed.',
  '{tag} BAD User is authenticated but not connected.',
  '{tag} NO User is authenticated but not connected.',
  '* {count} EXISTS',
  '* {count} RECENT',
  '* BYE Connection is closed. {number}',
  '* BYE Connection closed. {number}',
  '* BYE Microsoft Exchange Server IMAP4 server signing off.',
  '220 {server} Microsoft ESMTP MAIL Service ready at {date} [{id}]',
  '220 {server} Microsoft ESMTP MAIL Service ready at {date}',
  '220 2.0.0 SMTP server ready',
  '250-{server} Hello [{address}]',
  '250-SIZE {number}',
  '334',
  '235 2.7.0 Authentication successful',
  '535 5.7.3 Authentication unsuccessful [{server}]',
  '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information. [{server}]',
  '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [{server}]',
]

const GRAPH = [
  'Invalid base64 string for MIME content.',
  'Access is denied. Check credentials and try again.',
]

const PERSONAL = [
  "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. One or more scopes in '{scope}' are not compatible with each other.",
  'The request was denied because one or more scopes requested are unauthorized or expired. The user must first sign in and grant the client application access to the requested scope.',
]

const fixedRefusals = Object.values(refusals).map((refusal) =>
  typeof refusal === 'function' ? refusal('{value}').message : refusal.message,
)

const patternOf = (template: string) =>
  new RegExp(
    `^${template
      .split(/\{\w+\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.{1,300}?')}$`,
    's',
  )

const templates = [
  ...Object.values(aadsts).map(([, message]) => message),
  ...PERSONAL,
  ...fixedRefusals,
  ...GRAPH,
  ...MAIL,
].map((template) => ({ template, pattern: patternOf(template) }))

/** Names of extensions that Exchange lists. */
const CAPABILITIES =
  /^(?:IMAP4|IMAP4rev1|AUTH=(?:PLAIN|XOAUTH2|OAUTHBEARER)|SASL-IR|UIDPLUS|MOVE|ID|UNSELECT|CHILDREN|IDLE|NAMESPACE|LITERAL\+|CLIENTACCESSRULES|CLIENTNETWORKPRESENCELOCATION|BACKENDAUTHENTICATE|LOGINDISABLED|STARTTLS|PIPELINING|DSN|ENHANCEDSTATUSCODES|8BITMIME|BINARYMIME|CHUNKING|SMTPUTF8|AUTH|LOGIN|PLAIN|XOAUTH2|OAUTHBEARER)$/

const capabilities = (list: string) =>
  list
    .split(' ')
    .map((name) => (CAPABILITIES.test(name) ? name : '[unknown]'))
    .join(' ')

export const unknownSentence = (text: string) => `[unknown sentence, ${text.length} characters]`

/** Returns a sentence with placeholders. `approved`: sentences that the person has read. */
export function sentence(text: string, approved: ReadonlySet<string> = new Set()): string {
  const [, number = '', words = text] =
    /^(AADSTS\d{3,9}: )?(.*?)(?:\s+Trace ID: .*)?$/s.exec(text.trim()) ?? []
  const known = templates.find(({ pattern }) => pattern.test(words))
  if (known) return number + known.template
  return approved.has(words) ? number + words : number + unknownSentence(words)
}

/** Returns a line of a mail server with placeholders. */
export function mailLine(line: string, approved?: ReadonlySet<string>): string {
  const list =
    /^(\* CAPABILITY |250[- ](?=[A-Z0-9]+(?: (?:LOGIN|PLAIN|XOAUTH2|OAUTHBEARER))*$))(.*)$/.exec(
      line,
    )
  if (list) return `${list[1]}${capabilities(list[2] ?? '')}`
  const [, status = '', words = line] =
    /^((?:\w{1,4} (?:OK|NO|BAD) (?:\[[A-Z-]+\] )?|\d{3}[ -](?:\d\.\d{1,3}\.\d{1,3} )?))?(.*)$/.exec(
      line,
    ) ?? []
  const known = templates.find(({ pattern }) => pattern.test(line.trim()))
  if (known) return known.template
  return approved?.has(words) ? line : `${status}${unknownSentence(words)}`
}
