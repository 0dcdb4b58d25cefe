/** Turns a report into the form that the indicators of the catalogue read. */
import type { Interpretation, ReportProtocol, Source, Stage } from '../../../schema/diagnosis.ts'
import { ProblemCode } from '../../../schema/problem.ts'
import type { ByProtocol, FailureKind, Report } from '../report.ts'
import { plainText } from './clean.ts'
import { aadstsCodes, enhancedCodes, oauthErrors, suberror } from './codes.ts'
import { type Facts, factsFrom } from './facts.ts'
import { assumedProtocol, protocolIn } from './protocol.ts'
import { responsesIn, type ServerResponse } from './responses.ts'
import { type MeaningName, type Reading, readSource } from './source.ts'
import { type Subject, subjectOf } from './subject.ts'

export type ParsedReport = {
  protocol: ReportProtocol
  stage: Stage | undefined
  /** Author of the deciding words. Null if unknown, and for a failure that Mailgrant itself observed. */
  source: Source | null
  /** Protocol, stage and source as shown to the caller: null instead of a default. */
  interpretation: Interpretation
  /** Names of the meanings that were read in the text. */
  meanings: ReadonlySet<MeaningName>
  /** The meaning of the code from Mailgrant's own runtime. */
  observedMeaning: MeaningName | undefined
  kind: FailureKind | undefined
  /** Lower-case text with single spaces and ASCII quotes, without markup; bounded. */
  text: string
  /** The text before its letters are made lower case. */
  written: string
  /** Entra's error numbers, in their order. */
  codes: readonly number[]
  oauth: ReadonlySet<string>
  suberror: string | null
  enhanced: ReadonlySet<string>
  responses: ReadonlySet<ServerResponse>
  /** True if the text is a web page, or quotes one. */
  isWebPage: boolean
  /** True if no response was recognised and one was guessed from the stage. */
  vague: boolean
  /** RFC 5530, in lower case: `unavailable`, `authenticationfailed`. */
  imapCode: string | null
  certificateIssuer: string | null
  delegateLogin: 'ok' | 'failed' | null
  /** True if the app's own token opened another mailbox there; null if unknown. */
  appWorks: boolean | null
  /** True if Mailgrant itself observed the failure, false for a pasted text. */
  observed: boolean
  /** Code of one of Mailgrant's responses in the text. */
  mailgrantProblem: ProblemCode | null
  subject: Subject
  /** True for a refusal that counts only when repeated. */
  unconfirmed: boolean
  /** The evidence, interpreted. */
  facts: Facts
}

export function parseReport(report: Report): ParsedReport {
  const { evidence = {}, facts: seen = {} } = report
  const challenge = seen.challenge ? ` ${seen.challenge}` : ''
  const written = plainText(`${report.error}${challenge}`)
  const text = written.toLowerCase()
  const reading = readSource(text)
  const numbers = aadstsCodes(text)
  const mailgrantProblem = report.facts ? null : mailgrantProblemIn(text)
  const foundProtocol =
    report.protocol ??
    (mailgrantProblem && 'token') ??
    protocolIn(text, reading.source, evidence) ??
    (numbers.length > 0 ? 'authorize' : null)
  const protocol = foundProtocol ?? assumedProtocol(text)
  const host = evidence.host?.toLowerCase() ?? ''
  const stage = report.stage ?? stageOf(reading, protocol)
  const heard = report.facts || mailgrantProblem ? null : sourceOf(reading, protocol, stage)
  // Broad words suggest a source, but exclude no other.
  const { isGuess } = reading
  // In Mailgrant's own request, Graph's words are not those of a login or of Entra.
  const isGraphs = protocol === 'graph' && seen.kind === 'refused'
  const codes = [...numbers]
  if (seen.aadsts) codes.push(seen.aadsts)
  const oauth = oauthErrors(text, protocol === 'token' || protocol === 'authorize')
  if (seen.oauth_error) oauth.add(seen.oauth_error)
  const enhanced = enhancedCodes(text)
  if (seen.smtp_enhanced) enhanced.add(seen.smtp_enhanced)
  const observed = seen.node_code ? meaningOfCode(seen.node_code) : undefined
  const meanings = new Set(reading.meanings)
  if (observed) meanings.add(observed)
  const responses = responsesIn({ text, protocol, enhanced, oauth, meanings })
  if (responses.size === 0) {
    const meant = responseMeant(reading, protocol)
    if (meant) responses.add(meant)
  }
  const isEmpty =
    responses.size + codes.length + oauth.size + enhanced.size === 0 &&
    !meansNoResponse(reading, observed)
  const fromKind = isEmpty && seen.kind ? responseOf(seen.kind, protocol, stage) : undefined
  const hasProtocol = foundProtocol !== null || codes.length + enhanced.size > 0
  const guesses = isEmpty && !fromKind && mayQuoteServer(isGuess ? null : reading.source)
  const vague = guesses ? responsesAt(stage, protocol, text) : []
  for (const response of [fromKind ?? [], vague].flat()) responses.add(response)
  return {
    protocol,
    stage,
    source: isGraphs ? 'graph' : isGuess ? null : heard,
    interpretation: { protocol: foundProtocol, stage: stage ?? null, source: heard },
    meanings,
    observedMeaning: observed,
    kind: seen.kind ?? undefined,
    text,
    written,
    codes: [...new Set(codes)],
    oauth,
    suberror: seen.suberror ?? suberror(text),
    enhanced,
    responses,
    isWebPage: /<(?:!doctype html|html|body)\b/i.test(report.error),
    vague: vague.length > 0,
    imapCode: seen.imap_response_code?.toLowerCase() ?? responseCode(text),
    certificateIssuer: seen.certificate_issuer ?? null,
    delegateLogin: seen.delegate_login ?? null,
    appWorks: seen.app_works ?? null,
    observed: report.facts !== undefined,
    mailgrantProblem,
    subject:
      report.facts || mailgrantProblem ? 'microsoft mail' : subjectOf(text, host, hasProtocol),
    unconfirmed: seen.unconfirmed ?? false,
    facts: factsFrom(evidence, protocol, text),
  }
}

/**
 * Returns the stage that was read. A call of Microsoft Graph has neither of these two stages, but a page that a proxy
 * sends in its place can contain their words.
 */
const stageOf = ({ stage }: Reading, protocol: ReportProtocol): Stage | undefined =>
  protocol === 'graph' && (stage === 'token_exchange' || stage === 'greeting')
    ? undefined
    : (stage ?? undefined)

/** Returns the author that was read. Entra's sign-in page writes the sentences of its token endpoint, too. */
function sourceOf(
  { source }: Reading,
  protocol: ReportProtocol,
  stage: Stage | undefined,
): Source | null {
  const isPage = protocol === 'authorize' && (stage === 'authorize' || stage === 'callback')
  return isPage && source === 'token_endpoint' ? 'sign_in_page' : source
}

/** Returns true if the attempt ended before a server could respond. */
const meansNoResponse = (
  { source, meanings }: Reading,
  observed: MeaningName | undefined,
): boolean =>
  observed !== undefined ||
  source === 'system' ||
  source === 'tls' ||
  meanings.has('connect-failed')

const REFUSED: ByProtocol<ServerResponse> = { imap: 'imap refused', smtp: 'smtp refused' }

/** Returns the mail server's response that a program reports in its own words. */
function responseMeant(
  { source, stage, meanings }: Reading,
  protocol: ReportProtocol,
): ServerResponse | undefined {
  if (source !== 'summary' && source !== 'mail_server') return undefined
  const isClosed =
    meanings.has('authenticated-not-connected') ||
    (meanings.has('mailbox-unavailable') && stage === 'select')
  if (isClosed && protocol === 'imap') return 'imap not connected'
  return meanings.has('login-refused') ? REFUSED[protocol] : undefined
}

/** Responses by the stage at which a login or its mailbox is refused. */
const RESPONSE_AT: ByProtocol<Partial<Record<Stage, ServerResponse>>> = {
  imap: { auth: 'imap refused', select: 'imap not connected' },
  smtp: { auth: 'smtp refused' },
}

function responseOf(
  kind: FailureKind,
  protocol: ReportProtocol,
  stage: Stage | undefined,
): ServerResponse | undefined {
  if (kind === 'not_connected') return 'imap not connected'
  // The login was accepted before.
  if (stage === 'send') return undefined
  return kind === 'rejected' ? (REFUSED[protocol] ?? REFUSED.imap) : undefined
}

/** Returns false for an author who does not repeat a server's response. */
const mayQuoteServer = (source: Source | null): boolean =>
  source === null || source === 'summary' || source === 'mail_server'

/** Guesses the responses from the stage, for text in another language or in a program's own words. */
function responsesAt(
  stage: Stage | undefined,
  protocol: ReportProtocol,
  text: string,
): ServerResponse[] {
  if (stage === undefined || !/\p{L}{3}/u.test(text)) return []
  const response = RESPONSE_AT[protocol]?.[stage]
  if (response) return [response]
  return protocol === 'token' ? (OF_TOKEN_STAGE[stage] ?? []) : []
}

const OF_TOKEN_STAGE: Partial<Record<Stage, ServerResponse[]>> = {
  token_exchange: ['grant refused', 'client refused'],
  refresh: ['grant refused'],
  client_credentials: ['client refused'],
}

const responseCode = (text: string): string | null =>
  /\[(unavailable|authenticationfailed|authorizationfailed|expired|privacyrequired|contactadmin|limit|inuse|overquota|serverbug|clientbug|cannot|alert)\b/.exec(
    text,
  )?.[1] ?? null

/** Codes of Node's errors by what they mean. */
const NODE_CODES: readonly (readonly [MeaningName, readonly string[]])[] = [
  ['name-not-found', ['ENOTFOUND']],
  ['name-lookup-temporary', ['EAI_AGAIN']],
  ['connection-refused', ['ECONNREFUSED']],
  ['connection-timeout', ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']],
  ['no-route', ['EHOSTUNREACH', 'ENETUNREACH']],
  ['connection-reset', ['ECONNRESET']],
  ['connection-closed', ['EPIPE']],
  ['not-tls', ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO']],
  ['certificate-name', ['ERR_TLS_CERT_ALTNAME_INVALID']],
  ['certificate-date', ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']],
  [
    'certificate-untrusted',
    [
      'CERT_SIGNATURE_FAILURE',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  ],
  ['certificate-purpose', ['INVALID_PURPOSE', 'INVALID_CA', 'PATH_LENGTH_EXCEEDED']],
  // OpenSSL reports the first three only in its message. The checker gives them a code.
  [
    'weak-encryption',
    [
      'EE_KEY_TOO_SMALL',
      'CA_KEY_TOO_SMALL',
      'CA_MD_TOO_WEAK',
      'ERR_SSL_EE_KEY_TOO_SMALL',
      'ERR_SSL_CA_KEY_TOO_SMALL',
      'ERR_SSL_CA_MD_TOO_WEAK',
      'ERR_SSL_DH_KEY_TOO_SMALL',
      'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
      'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    ],
  ],
  ['tls-version', ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION']],
  ['proxy-failed', ['PROXY_UNREACHABLE']],
  ['proxy-refused', ['PROXY_REFUSED']],
]

export const meaningOfCode = (code: string): MeaningName | undefined =>
  NODE_CODES.find(([, codes]) => codes.includes(code))?.[0]

// Recognises this product's own responses in pasted text: lines, problem details, OAuth errors.

/** Codes whose names other programs use as well, so that alone they do not show who responded. */
const COMMON: ReadonlySet<ProblemCode> = new Set([
  'bad_request',
  'invalid_json',
  'validation_failed',
  'unauthorized',
  'insufficient_scope',
  'rate_limited',
  'not_found',
  'method_not_allowed',
  'payload_too_large',
  'unsupported_media_type',
  'precondition_failed',
  'account_mismatch',
  'origin_not_allowed',
  'password_required',
  'overloaded',
  'internal_error',
])

/** All codes with which a call can be refused. `login_failed` is the state of an account, with its own diagnosis. */
const CODES = ProblemCode.options.filter((code) => code !== 'login_failed').join('|')

/** Mailgrant's words beside a code: its name, or sentences of its token issue. */
const OWN_WORDS =
  /\bmailgrant\b|\bnothing with this id\b|\bsend a valid api key as\b|\brequires an api key with the scope\b|\bmicrosoft was asked about this sign-in\b|\btoo many requests of this kind\b/

/** The code at the end of a sentence, as in the text form, or in the type of problem details. */
const CODE = new RegExp(`\\((${CODES})\\)|/docs/problems#(${CODES})\\b`, 'g')

/** Returns the code of the last of Mailgrant's problems in a clean text, or null. */
function mailgrantProblemIn(text: string): ProblemCode | null {
  let found: ProblemCode | null = null
  for (const [, bracketed, documented] of text.matchAll(CODE)) {
    const code = (bracketed ?? documented) as ProblemCode
    if (documented || !COMMON.has(code) || OWN_WORDS.test(text)) found = code
  }
  return found
}
