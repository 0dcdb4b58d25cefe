/**
 * From what a server did to what it means. Pure. The verdict has three values because a server that
 * is down, busy or failing says nothing about the credential: only a server that looked at it and
 * refused, or that can never be used as it is set up, makes a probe `failed`.
 */
import type { ProbeFailure } from '../schema/probe.ts'
import { saysServerTrouble } from './sasl.ts'
import type { Clean } from './text.ts'

export type Kind = ProbeFailure['kind']

/** Why a probe ends here. `detail` is for a person, the rest are the facts behind it. */
export type Fault = { kind: Kind; detail: string } & Partial<Omit<ProbeFailure, 'kind' | 'step'>>

/** What a stage hands on. Expected failures are values; only bugs are thrown. */
export type Result<Value> = { ok: true; value: Value } | { ok: false; fault: Fault }

export const ok = <Value>(value: Value) => ({ ok: true as const, value })
export const fail = (fault: Fault) => ({ ok: false as const, fault })

const INCONCLUSIVE: ReadonlySet<Kind> = new Set([
  'dns',
  'connect',
  'timeout',
  'throttled',
  'unavailable',
])

export function outcomeOf(kind: Kind): 'failed' | 'inconclusive' {
  return INCONCLUSIVE.has(kind) ? 'inconclusive' : 'failed'
}

const THROTTLED = /throttl|back-?off|too many|rate limit|limit exceeded|concurrent/i
const TRY_LATER = /try again later|temporar|service (?:is )?unavailable|internal (?:server )?error/i
/** Exchange takes the token and then has no mailbox session for it. */
const NOT_CONNECTED = /authenticated but not connected/i

export type ImapAnswer = {
  status: 'NO' | 'BAD' | 'BYE'
  /** Response code such as AUTHENTICATIONFAILED, upper case. */
  code: string | null
  text: string
}

/** RFC 5530 and RFC 9051, section 7.1, plus the sentences that Exchange uses instead of codes. */
export function judgeImap(answer: ImapAnswer, challenge: string | null): Kind {
  const { status, code, text } = answer
  if (NOT_CONNECTED.test(text)) return 'not_connected'
  if (THROTTLED.test(text) || code === 'LIMIT') return 'throttled'
  if (status === 'BYE') return 'unavailable'
  if (code === 'UNAVAILABLE' || code === 'SERVERBUG' || code === 'INUSE') return 'unavailable'
  if (saysServerTrouble(challenge) || TRY_LATER.test(text)) return 'unavailable'
  return 'rejected'
}

export type SmtpAnswer = {
  code: number
  /** RFC 3463. */
  enhanced: string | null
  text: string
}

/** RFC 4954, section 6: 4xx is about now, 5xx is about the credential or the mechanism. */
export function judgeSmtp(answer: SmtpAnswer, challenge: string | null): Kind {
  const { code, text } = answer
  if (code >= 400 && code < 500) return THROTTLED.test(text) ? 'throttled' : 'unavailable'
  if (code < 400 || code > 599) return 'protocol'
  if (code === 502 || code === 504) return 'mechanism_missing'
  return saysServerTrouble(challenge) ? 'unavailable' : 'rejected'
}

/** The three digits, enhanced code and text of an SMTP reply, or null if it is none. */
export function readSmtpReply(reply: string): SmtpAnswer | null {
  const match = /^(\d{3})(?:[ -](?:([245]\.\d{1,3}\.\d{1,3})(?=[ \r\n]|$))?|$)/.exec(reply)
  if (match === null) return null
  return { code: Number(match[1]), enhanced: match[2] ?? null, text: reply }
}

/** The fault as it goes into the report, every text cleaned and bounded as the contract says. */
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

/** What a refusal means for the person who waits for the result, with the words of the server. */
export function refusalSentence(kind: Kind, step: string, reply: string): string {
  const meaning: Partial<Record<Kind, string>> = {
    not_connected: 'The server takes the login but opens no mailbox for it',
    throttled: 'The server takes no more logins for now',
    unavailable: 'The server could not check the login',
    mechanism_missing: 'The server does not know this way to log in',
  }
  const refused =
    step === 'mailbox' ? 'The server does not open INBOX' : 'The server refuses the login'
  return `${meaning[kind] ?? refused}: ${reply}`
}
