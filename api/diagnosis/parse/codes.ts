/** The numbers and short tokens in an error text: AADSTS, OAuth errors, enhanced status codes. */
import { lastSaid } from './mentions.ts'

/** Most matches that are read. Enough for any log, since a text with more numbers is a document. */
const MOST_CODES = 50

function matchesOf(text: string, pattern: RegExp): RegExpExecArray[] {
  const found: RegExpExecArray[] = []
  for (const match of text.matchAll(pattern)) {
    if (found.push(match) === MOST_CODES) break
  }
  return found
}

/** The shape of Entra's numbers, which those of Windows, SQL, ports, times and telephones do not have. */
const ENTRA =
  '(?:16|17|20|40|5[0-4]|6[5-7]|7[05]|8[01]|90)\\d{3}|(?:13|16|50|53|65|70|75|90)\\d{4}|(?:500|700)0\\d{3}|900[12]\\d{3}|100[0-3]\\d{3}'
const END = '(?![\\d\\w]|[.:,/-]\\d)'
/** Numbers that people type without their prefix: alone, after "error", or before the step at which they came. */
const BARE = [
  `^\\W{0,3}(${ENTRA})\\W{0,3}$`,
  `(?<![-_.\\w])(?:error|fehler|erreur|errore|error de|entra|azure(?: ad)?|aad)(?: ?(?:code|number|no|nr|num|#))?[ :.=#]{1,2}(${ENTRA})${END}`,
  `^\\W{0,2}(${ENTRA}) (?:when|while|during|on|at|after|if|error|bei|beim|nach|lors|quand)\\b`,
].map((source) => new RegExp(source, 'g'))

/** Returns Entra's error numbers in order of appearance, each once, at its last position. */
export function aadstsCodes(text: string): number[] {
  const found: { at: number; code: number }[] = []
  // The forms of error_description, of the link in error_uri, and of Microsoft's own error page.
  for (const pattern of [
    // A time stamp can come right before the number.
    /(?:\b|(?<=\dz))a?adsts?[\s:_-]{0,2}0{0,3}(\d{4,9})(?!\d)/g,
    /error\?code=(\d{4,9})(?!\d)/g,
    // An 80049217 of the token that Microsoft Graph cannot read is a code of Windows.
    /(?<!socket )(?:sign-?in )?error code:? (?!8004\d{4}\b)(\d{5,9})(?!\d)/g,
    ...BARE,
  ]) {
    for (const match of matchesOf(text, pattern)) {
      found.push({ at: match.index, code: Number(match[1]) })
    }
  }
  for (const match of matchesOf(text, /error_codes\W{1,12}(\d[\d, ]{3,80})/g)) {
    for (const digits of match[1]?.split(/\D+/) ?? []) {
      if (digits.length > 3) found.push({ at: match.index, code: Number(digits) })
    }
  }
  const order = found.sort((a, b) => a.at - b.at).map(({ code }) => code)
  return [...new Set(order.reverse())].reverse()
}

/** First words of Entra's sentences, for texts that lost the colon before them. */
const FIRST_WORDS =
  '(?:The|Access|Application|Client|Due|Error|Invalid|Proof|Provided|Selected|Tenant|This|User|Your) [a-z]'

/** The number as Entra writes it before its sentence, in `error_codes`, in a link, or in the details of a page. */
const inSentence = (number: number): RegExp =>
  new RegExp(
    [
      String.raw`(?:AADSTS|aadsts)[\s_-]?0{0,3}${number}(?!\d)['"]?(?: ?[:\uff1a]| (?=${FIRST_WORDS}))(?:(?! Trace ID|["\n]|\. [A-Z]).){0,400}`,
      // A whole message of Entra, whatever is between its number and its sentence.
      String.raw`(?:AADSTS|aadsts)[\s_-]?0{0,3}${number}(?!\d)(?=.{0,400}\b[Tt]race ?I[Dd]\b.{0,80}\b[Cc]orrelation ?I[Dd]\b)`,
      String.raw`\berror_codes\W{1,12}(?:\d+, ?){0,5}${number}(?!\d)`,
      String.raw`\berror\?code=${number}(?!\d)`,
      String.raw`\b[Ss]ign-?in error code:? ${number}(?!\d)`,
      String.raw`\b[Ee]rror [Cc]ode:? ${number}(?!\d)(?=.{0,400}\b(?:Correlation|Request) I[dD])`,
    ].join('|'),
    'g',
  )

/** Returns the last place where Entra itself gives the number, rather than someone who mentions it. */
export function numberSentence(
  written: string,
  number: number,
): { start: number; length: number } | null {
  const last = lastSaid(written, inSentence(number))
  return last ? { start: last.index, length: last[0].length } : null
}

/** Detects a text that is a number and nothing else. */
export const isOneNumber = (text: string, number: number): boolean =>
  new RegExp(`^\\W*(?:error\\W{1,3})?(?:a?adsts\\W?)?0{0,3}${number}\\W*$`).test(text)

/** RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect, RFC 8628, and Microsoft's own. */
const OAUTH_ERRORS = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
  'invalid_scope',
  'invalid_resource',
  'access_denied',
  'server_error',
  'temporarily_unavailable',
  'interaction_required',
  'login_required',
  'consent_required',
  'authorization_pending',
  'authorization_declined',
  'expired_token',
  'slow_down',
  'bad_verification_code',
  'permission_denied',
]
const SUBERRORS = [
  'message_only',
  'additional_action',
  'basic_action',
  'user_password_expired',
  'consent_required',
  'bad_token',
  'token_expired',
  'protection_policy_required',
  'client_mismatch',
  'device_authentication_failed',
]

/** Sentences of RFC 6749, section 5.2, which libraries print in place of the error. */
const SENTENCES: readonly (readonly [error: string, sentence: RegExp])[] = [
  ['invalid_client', /\bclient authentication failed \(e\.g\., unknown client\b/],
  [
    'invalid_grant',
    /\bauthorization grant \(e\.g\., authorization code, .{1,60}\bis invalid, expired, revoked\b/,
  ],
  [
    'unauthorized_client',
    /\bclient is not authori[sz]ed to (?:use this authorization grant type|request an access token using this method)\b/,
  ],
]

const spelled = (separator: string) =>
  new RegExp(
    `(?<![a-z]|resource )(?:${OAUTH_ERRORS.map((name) => name.replaceAll('_', separator)).join('|')})(?![a-z])`,
    'g',
  )
/** Matches all spellings: Python prints `(invalid_grant)`, .NET `InvalidGrant`, logs `invalid grant`. */
const OAUTH = spelled('[_ ]?')
const OAUTH_VERBATIM = spelled('_')
const SUBERROR = new RegExp(`sub_?error\\W{1,12}(${SUBERRORS.join('|')})`)

/**
 * Returns the OAuth errors in a clean text. `spoken` is true if the text is about OAuth responses. Elsewhere, words
 * such as "access denied" mean something else, so only OAuth's exact names count.
 */
export function oauthErrors(text: string, spoken: boolean): Set<string> {
  const found = matchesOf(text, spoken ? OAUTH : OAUTH_VERBATIM)
  const names = found.flatMap(([name]) =>
    // Files have permissions as well.
    name === 'permission denied' ? [] : name.replace(/[_ ]/g, ''),
  )
  for (const [error, sentence] of SENTENCES) {
    if (sentence.test(text)) names.push(error.replace('_', ''))
  }
  return new Set(OAUTH_ERRORS.filter((error) => names.includes(error.replaceAll('_', ''))))
}

export const suberror = (text: string): string | null => SUBERROR.exec(text)?.[1] ?? null

/** Returns enhanced status codes (RFC 3463), but no parts of addresses or versions. */
export const enhancedCodes = (text: string): Set<string> =>
  new Set(matchesOf(text, /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d]|\.\d)/g).map(([code]) => code))
