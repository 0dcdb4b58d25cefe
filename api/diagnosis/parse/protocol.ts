/** Detects from a text alone what failed: a mail login, the sign-in page, the token endpoint, or the connection. */
import type { Evidence, ReportProtocol, Source } from '../../../schema/diagnosis.ts'

/** Names of permissions and of the sign-in host, which do not show the protocol. */
const MISLEADING =
  /\b(?:imap|smtp|pop)\.(?:accessas\w{1,12}|send\w{0,10})\b|https?:\/\/(?:outlook|ps)\.office(?:365)?\.com\b(?!:)/g

/** Words of each protocol, the most reliable first: replies and commands, programs and modules, ports. */
const WORDS: readonly (readonly [ReportProtocol, RegExp])[] = [
  [
    'smtp',
    /\b(?:220|235|250|334|354|4[2-5]\d|5[0-5]\d)\b[ :,-]{1,3}\W{0,3}b?['"]?[245]\.\d{1,3}\.\d{1,3}\b|(?<![\d.])[45]\.[0-7]\.\d{1,3}(?![\d.])|\b(?:storedrv|sendasdenied|mail from|rcpt to|ehlo|helo)\b|\bauthentication unsuccessful\b|\bnot authenticated to send\b|\baccepted domain\b|\bsend as\b|\b(?:mail|rcpt|data) failed: [45]\d\d\b/,
  ],
  [
    'imap',
    /\b(?:no|bad) (?:\[\w|login failed|authenticate failed|user is auth|command|request is|server unavail)|\* (?:bye|ok|no|bad)\b|(?:^|\W)(?:-err|\+ok)\b|\bauthenticate failed\b|\blogin failed\.|\bbut not connected\b|\brequest is throttled\b|\bcommand (?:argument )?error\. 1\d|\b(?:logon|authentication) failure: unknown user|\bconnection (?:is )?closed\. 1\d\b|\baccesstokenexpired\b|\bsession invalidated\b/,
  ],
  [
    'smtp',
    /\bsmtp|smtp\b|smtpclient|\bsasl authentication failed; server\b|\binvalid response code received from server\b|\bsendmail\b|\bpostfix\b/,
  ],
  [
    'imap',
    /imap|\bpop3?\b|\bpoplib\b|\bexamine\b|\binbox\b|\b(?:mailbox )?select(?:ion)? failed\b/,
  ],
  [
    'smtp',
    /:(?:587|465|25)\b|\bport\W{1,3}(?:587|465|25)\b|\bsend(?:ing)? (?:the |an |your )?(?:e-?mail|message)/,
  ],
  ['imap', /(?::|\bport\W{1,3})(?:993|143|995|110)\b/],
]

const TOKEN =
  /\blogin\.(?:microsoftonline|windows|live)\b|\boauth2\/(?:v2\.0\/)?token\b|\brefresh[ _]?token\b|\btoken (?:endpoint|request|response)\b|\b(?:fetch|get|getting|obtain|request|requesting|acquire|refresh|renew) (?:an? |the )?(?:\w{1,12} ){0,2}access[ _]token\b|\b(?:client (?:secret|assertion)|authorization code)\b|(?<![a-z])(?:invalid_grant|invalid_client)\b|\boauth 2\.0 credentials\b/
const AUTHORIZE =
  /\/authorize\b|\bsign[- ]?in page\b|\bconsent\b|\bredirect uri\b|\bapproval\b|\bcallback\b|[?&](?:code|session_state)=|\bauthori[sz]ation failed\b|\berror code: ?\d{5,8}\b/
/**
 * The URL of a call to Microsoft Graph, which has a version in its path, unlike a scope. Also names that only programs
 * for Graph print.
 */
const GRAPH =
  /\b(?:graph\.microsoft\.(?:com|us)|microsoftgraph\.chinacloudapi\.cn)\/(?:v1\.0|beta)\b|\bsend-mguser(?:mail|message)\b|\bgrapherror\b/
/** A refused login without a protocol. IMAP's rules are those that all protocols share. */
const LOGIN =
  /\b(?:auth(?:enticat\w{1,6})?|log(?:in|on)|sign-?in)\b[ :]{1,2}(?:has |attempt )?(?:fail|error|denied|reject|unsuccess|incorrect)|\b(?:authenticate|authenticating|log(?:ging)? in|sign(?:ing)? in) fail|\blogondenied|\bauthenticationexception\b|\[authenticationfailed\]|\baborting login\b|\blogin to server \S{1,120} with username .{1,120} failed\b/

/** Finds the protocol in a clean text of a known source, else in the evidence. Returns null if neither shows it. */
export function protocolIn(
  text: string,
  source: Source | null = null,
  evidence: Evidence = {},
): ReportProtocol | null {
  if (source === 'graph') return 'graph'
  if (source === 'token_endpoint') return 'token'
  if (source === 'sign_in_page' || source === 'callback') return 'authorize'
  const plain = text.replace(MISLEADING, ' ')
  const mail = WORDS.find(([, words]) => words.test(plain))?.[0]
  if (source === 'mail_server') return mail ?? protocolOf(evidence) ?? 'imap'
  if (GRAPH.test(plain)) return 'graph'
  if (TOKEN.test(plain) && !(mail && /\b(?:smtp|imap)\b/.test(plain))) return 'token'
  if (mail) return mail
  if (AUTHORIZE.test(plain)) return 'authorize'
  return protocolOf(evidence)
}

/** Returns the protocol that is assumed if the text does not show it. */
export const assumedProtocol = (text: string): ReportProtocol =>
  LOGIN.test(text) ? 'imap' : 'network'

const PORTS: readonly (readonly [ReportProtocol, readonly number[]])[] = [
  ['imap', [110, 143, 993, 995]],
  ['smtp', [25, 465, 587]],
]

/** Reads the protocol from the configured server, or from permissions that only one protocol needs. */
function protocolOf({
  host = '',
  port,
  requested_scope,
  token_scopes,
}: Evidence): ReportProtocol | null {
  const known = PORTS.find(([, ports]) => ports.includes(port ?? 0))
  if (known) return known[0]
  if (/smtp/i.test(host)) return 'smtp'
  if (/^(?:imap|pop|outlook\.office)/i.test(host.trim())) return 'imap'
  if (/^login\./i.test(host.trim())) return 'token'
  const scopes = `${requested_scope ?? ''} ${token_scopes ?? ''}`
  const [imap, smtp] = [/\b(?:imap|pop)\./i.test(scopes), /\bsmtp\./i.test(scopes)]
  if (imap === smtp) return null
  return imap ? 'imap' : 'smtp'
}
