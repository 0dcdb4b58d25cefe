/**
 * Responses that mail servers, Microsoft Graph and the token endpoint give for more than one reason. Each is recognised
 * here in all its wordings, and the catalogue weighs their possible causes. Sentences with a single cause are
 * indicators of that cause instead.
 */
import type { ReportProtocol } from '../../../schema/diagnosis.ts'
import type { ByProtocol } from '../report.ts'

export type ServerResponse =
  /** IMAP refuses the token: `NO AUTHENTICATE failed`. */
  | 'imap refused'
  /** IMAP refuses a password: `NO LOGIN failed`. */
  | 'imap login failed'
  /** The token is accepted, but no mailbox opens: `BAD User is authenticated but not connected`. */
  | 'imap not connected'
  /** 535 5.7.3, or a program's words for it. */
  | 'smtp refused'
  /** 535 5.7.139 without a known sentence. */
  | 'smtp policy'
  /** 403 of Microsoft Graph, `ErrorAccessDenied`: the token is accepted, but not for this mailbox. */
  | 'graph denied'
  /** 401 of Microsoft Graph, `InvalidAuthenticationToken`. */
  | 'graph token refused'
  /** The token endpoint responds with an OAuth error only. */
  | 'grant refused'
  | 'client refused'
  | 'request refused'

const notConnected = [/auth[a-z]{3,14}d,? but (?:is )?not (?:yet )?connected/]

/** Wordings for a refused password. */
const loginFailed = [
  /\blogin failed/,
  /\blogin failure/,
  /logon failure/,
  // curl and getmail print this for a refused token, too.
  /(?<!curl: \(67\) |credential\/)\blogin (?:denied|rejected|incorrect|error)/,
  /logondenied/,
  /incorrect (?:user|password)/,
  /(?:user ?name|password|credentials?) (?:is |are |or password )?(?:incorrect|invalid|wrong|rejected)/,
  // POP prints this for a refused token, too.
  /(?<!authentication failure: unknown user name or )(?:wrong|bad) (?:user ?name|password|credentials)/,
]

/** Wordings for a refused login with any mechanism. */
const refused = [
  /auth(?:enticate|enticating|entication|n|orization)?[ :_-]{0,3}(?:command |attempt )?(?:has )?(?:fail|error|unsuccessful|rejected|denied|not accepted|was not successful)/,
  /authenticationfailed/,
  /authentication(?:failed)?(?:exception|error)/,
  /(?:unable|not|n't|failed) (?:to )?(?:be )?(?:authenticated?|log ?in|sign in)\b/,
  /(?:failed|failure|error) (?:while |when )?(?:to )?(?:authenticat|log(?:ging)? ?in)/,
  /invalid (?:credentials|login|user|token)/,
  /credentials/,
  /\b(?:client )?aborted authenticat/,
  /login to .{1,120} failed/,
  /too many login failures/,
  // php-imap prints this for a refused login, too.
  /connection setup failed/,
  /xoauth2?\b.{0,60}(?:fail|error|reject)/,
  /\be_?auth\b/,
  // With 550, a message was denied, not a login.
  /(?<!\b55\d .{0,20})access ?denied/,
  /unauthorized/,
  /curl: \(67\) login denied|credential\/login error/,
  // Sentences that hide a refusal: of mutt, of Net_SMTP, and of aioimaplib, which does not raise.
  /\bsmtp session failed: 500 5\.3\.3\b|\binvalid response code received from server\b|\billegal in state nonauth\b(?!,)/,
]

const any = (text: string, wordings: readonly RegExp[]) =>
  wordings.some((wording) => wording.test(text))

/** POP's single line for all refusals, which proves nothing about the user. */
const POP_REFUSAL = /(failure): unknown user ?name or bad password/g

/** Replies to a message: the login before them was accepted, or none was made. */
const REPLIES_TO_MESSAGE = ['sending-refused', 'sender-refused', 'recipient-refused', 'size-limit']

export function responsesIn({
  text: written,
  protocol,
  enhanced,
  oauth,
  meanings,
}: {
  text: string
  protocol: ReportProtocol
  enhanced: ReadonlySet<string>
  oauth: ReadonlySet<string>
  meanings: ReadonlySet<string>
}): Set<ServerResponse> {
  const found = new Set<ServerResponse>()
  const text = written.replace(POP_REFUSAL, '$1')
  const isOfMessage = REPLIES_TO_MESSAGE.some((name) => meanings.has(name))
  if (isOfMessage && !meanings.has('login-refused')) return found
  if (any(text, notConnected)) found.add('imap not connected')
  else (READERS[protocol] ?? readOther)(text, found, enhanced)
  if (protocol === 'token' || protocol === 'authorize') readOAuth(text, oauth, found)
  return found
}

type Reader = (text: string, found: Set<ServerResponse>, enhanced: ReadonlySet<string>) => void

const READERS: ByProtocol<Reader> = { imap: readImap, smtp: readSmtp, graph: readGraph }

function readImap(text: string, found: Set<ServerResponse>): void {
  if (any(text, loginFailed)) found.add('imap login failed')
  if (any(text, refused) && !/\bno login failed/.test(text)) found.add('imap refused')
}

function readSmtp(text: string, found: Set<ServerResponse>, enhanced: ReadonlySet<string>): void {
  if (enhanced.has('5.7.139')) found.add('smtp policy')
  else if (enhanced.has('5.7.3') || any(text, refused) || any(text, loginFailed)) {
    found.add('smtp refused')
  }
}

function readGraph(text: string, found: Set<ServerResponse>): void {
  if (/\berroraccessdenied\b|\b403\b/.test(text)) found.add('graph denied')
  if (/\binvalidauthenticationtoken\b|\b401\b/.test(text)) found.add('graph token refused')
}

/** Recognises a mail server's replies in a report about another protocol. */
function readOther(text: string, found: Set<ServerResponse>, enhanced: ReadonlySet<string>): void {
  if (enhanced.has('5.7.139')) found.add('smtp policy')
  if (enhanced.has('5.7.3')) found.add('smtp refused')
  if (/\b(?:no|command) authenticate failed/.test(text)) found.add('imap refused')
  if (/\bno login failed/.test(text)) found.add('imap login failed')
}

function readOAuth(text: string, oauth: ReadonlySet<string>, found: Set<ServerResponse>): void {
  if (oauth.has('invalid_grant')) found.add('grant refused')
  if (oauth.has('invalid_client') || oauth.has('unauthorized_client')) found.add('client refused')
  if (oauth.has('invalid_request')) found.add('request refused')
  if (/\b401\b|unauthorized\b/.test(text) && !oauth.has('unauthorized_client')) {
    found.add('client refused')
  }
  if (/\b400\b|bad request/.test(text) && found.size === 0) found.add('request refused')
}
