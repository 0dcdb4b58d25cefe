/**
 * Judges what a server did (pure functions). A verdict has three values, because a server that is down or busy says
 * nothing about the credential. A probe has `failed` only if a server rejected the credential, or cannot be used with
 * these settings.
 */
import type { MailProtocol } from '../schema/mail-servers.ts'
import type { ProbeFailure } from '../schema/probe.ts'
import { PROTOCOL_NAMES } from '../schema/protocols.ts'
import type { Clean } from './cleaner.ts'
import {
  DOVECOT_MAX_SASL_OCTETS,
  isServerError,
  MAX_COMMAND_OCTETS,
  MAX_SASL_OCTETS,
} from './sasl.ts'

type FaultKind = ProbeFailure['kind']

/** Reason to end a probe: `detail` is a sentence for people, the other fields are the facts behind it. */
export type Fault = { kind: FaultKind; detail: string } & Partial<
  Omit<ProbeFailure, 'kind' | 'step'>
>

/** Result of a stage. Expected failures are values; only bugs are thrown. */
export type Result<Value> = { ok: true; value: Value } | { ok: false; fault: Fault }

export const ok = <Value>(value: Value) => ({ ok: true as const, value })
export const err = (fault: Fault) => ({ ok: false as const, fault })

const INCONCLUSIVE: ReadonlySet<FaultKind> = new Set([
  'dns',
  'connect',
  'timeout',
  'throttled',
  'unavailable',
])

export function outcomeOf(kind: FaultKind): 'failed' | 'inconclusive' {
  return INCONCLUSIVE.has(kind) ? 'inconclusive' : 'failed'
}

/** Fault of a server that exceeds a size limit. */
export const TOO_MUCH_DATA: Fault = {
  kind: 'protocol',
  detail: 'The server sent too much data; connection closed.',
}

/** Fault of a server that accepts a login before it has received the credential. */
export const ACCEPTED_EARLY: Fault = {
  kind: 'protocol',
  detail:
    "The server accepted the login before it received the credential, so it doesn't check credentials.",
}

export function connectionClosed(code: string | null): Fault {
  return { kind: 'unavailable', code, detail: 'The server closed the connection.' }
}

export function wrongProtocol(protocol: MailProtocol, reply: string): Fault {
  const detail = `This is not an ${PROTOCOL_NAMES[protocol]} server. It sent: ${reply}`
  return { kind: 'protocol', reply, detail }
}

const THROTTLED = /throttl|back-?off|too many|rate limit|limit exceeded|concurrent/i
const TRY_LATER = /try again later|temporar|service (?:is )?unavailable|internal (?:server )?error/i
/** Exchange accepts the token, but cannot open a mailbox session for it. */
const NOT_CONNECTED = /authenticated but not connected/i

export type ImapResponse = {
  status: 'NO' | 'BAD' | 'BYE'
  /** Response code in upper case, such as AUTHENTICATIONFAILED. */
  code: string | null
  text: string
}

/** Divides the text of a status response: `[CODE ...] words`. */
export function splitResponseCode(rest: string): { code: string | null; text: string } {
  const [, code, text = rest] = /^\[([^\] ]+)[^\]]*\] ?(.*)$/.exec(rest) ?? []
  return { code: code?.toUpperCase() ?? null, text }
}

/**
 * Response codes that show whether the server decided about the credential (RFC 5530; RFC 9051, section 7.1). THROTTLED
 * is Google's.
 */
export const CODE_KINDS: Readonly<Record<string, FaultKind>> = {
  AUTHENTICATIONFAILED: 'rejected',
  AUTHORIZATIONFAILED: 'rejected',
  EXPIRED: 'rejected',
  PRIVACYREQUIRED: 'rejected',
  CONTACTADMIN: 'rejected',
  NOPERM: 'rejected',
  LIMIT: 'throttled',
  THROTTLED: 'throttled',
  UNAVAILABLE: 'unavailable',
  SERVERBUG: 'unavailable',
  INUSE: 'unavailable',
}

/** Judges by the response code, or else by the sentences that Exchange uses instead. */
export function judgeImap(response: ImapResponse, challenge: string | null): FaultKind {
  const { status, code, text } = response
  const named = code !== null && Object.hasOwn(CODE_KINDS, code) ? CODE_KINDS[code] : undefined
  if (named !== undefined && named !== 'rejected') return named
  if (status === 'BYE') return THROTTLED.test(text) ? 'throttled' : 'unavailable'
  if (isServerError(challenge)) return 'unavailable'
  if (named !== undefined) return named
  if (NOT_CONNECTED.test(text)) return 'not_connected'
  if (THROTTLED.test(text)) return 'throttled'
  return TRY_LATER.test(text) ? 'unavailable' : 'rejected'
}

type SmtpReply = {
  code: number
  /** Enhanced status code (RFC 3463). */
  enhanced: string | null
  text: string
}

/**
 * Judges by RFC 4954, section 6: 4xx is temporary, 5xx concerns the credential or the mechanism. `octets` is
 * the length of the longest line sent, with its CRLF.
 */
export function judgeSmtp(response: SmtpReply, challenge: string | null, octets = 0): FaultKind {
  const { code, text } = response
  if (code >= 400 && code < 500) return THROTTLED.test(text) ? 'throttled' : 'unavailable'
  if (code < 400 || code > 599) return 'protocol'
  if (code === 502 || code === 504) return 'mechanism_missing'
  if (isLineTooLong(response, octets)) return 'line_too_long'
  return isServerError(challenge) ? 'unavailable' : 'rejected'
}

/** Judges a response to MAIL, RCPT, DATA or the message, after the login: 4xx is temporary (RFC 5321, section 4.2.1). */
export function judgeSending({ code, text }: SmtpReply): FaultKind {
  if (code >= 400 && code < 500) return THROTTLED.test(text) ? 'throttled' : 'unavailable'
  return code >= 500 && code < 600 ? 'rejected' : 'protocol'
}

/** A server that decodes a line it has cut finds its base64 invalid, as Postfix does. */
const CUT_OR_REFUSED = /too long|limit exceeded|base64/i

/** Returns true if the refusal concerns the length of the line that carried the credential. */
function isLineTooLong({ code, enhanced, text }: SmtpReply, octets: number): boolean {
  if (octets <= MAX_COMMAND_OCTETS) return false
  if (octets > MAX_SASL_OCTETS) return true
  return code === 500 || enhanced === '5.5.6' || CUT_OR_REFUSED.test(text)
}

/** Judges a connection that ended instead of a response to the credential, in a line of `octets`. */
export function judgeClosing(fault: Fault, octets: number): Fault {
  if (fault.kind !== 'unavailable' || octets <= DOVECOT_MAX_SASL_OCTETS) return fault
  const detail = `The server closed the connection instead of reading the login message, a line of ${octets} characters.`
  return { ...fault, kind: 'line_too_long', detail }
}

/** Parses code and enhanced code; returns null unless `reply` is an SMTP reply. */
export function parseSmtpReply(reply: string): SmtpReply | null {
  const match = /^(\d{3})(?:[ -](?:([245]\.\d{1,3}\.\d{1,3})(?=[ \r\n]|$))?|$)/.exec(reply)
  if (match === null) return null
  return { code: Number(match[1]), enhanced: match[2] ?? null, text: reply }
}

/** Returns the fault of an SMTP reply. */
export function smtpFault(kind: FaultKind, reply: string, detail: string): Fault {
  const { code = null, enhanced = null } = parseSmtpReply(reply) ?? {}
  return { kind, reply, smtp_code: code, smtp_enhanced: enhanced, detail }
}

/** Converts a fault for the report: all texts cleaned, and truncated to the lengths in the schema. */
export function toFailure(step: ProbeFailure['step'], fault: Fault, clean: Clean): ProbeFailure {
  return {
    step,
    kind: fault.kind,
    code: clean(fault.code, 100),
    reply: clean(fault.reply, 1000),
    smtp_code: fault.smtp_code ?? null,
    smtp_enhanced: clean(fault.smtp_enhanced, 20),
    imap_status: fault.imap_status ?? null,
    imap_response_code: clean(fault.imap_response_code, 100),
    challenge: clean(fault.challenge, 1000),
    certificate_issuer: clean(fault.certificate_issuer, 300),
  }
}

/** Explains a refusal in a sentence that ends with the server's reply. */
export function describeRefusal(kind: FaultKind, step: string, reply: string): string {
  const meaning: Partial<Record<FaultKind, string>> = {
    not_connected: 'The server accepted the login but could not open the mailbox',
    throttled: 'The server is limiting logins',
    unavailable: 'The server could not verify the login',
    mechanism_missing: 'The server does not support this login method',
    line_too_long: 'The server does not read lines as long as the login message',
  }
  const rejected =
    step === 'mailbox' ? 'The server refused to open INBOX' : 'The server rejected the login'
  return `${meaning[kind] ?? rejected}: ${reply}`
}
