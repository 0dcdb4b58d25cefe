/** Recognises answers of this product that people paste: lines of text, problem details, OAuth errors. */
import { ProblemCode } from '../../../schema/problem.ts'

/** Codes whose names other programs use as well: alone, they do not show who answered. */
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

/** All codes that a call is refused with. `login_failed` is stated of an account, with a diagnosis of its own. */
const CODES = ProblemCode.options.filter((code) => code !== 'login_failed').join('|')

/** Words of this product beside a code: its name, or sentences of its token hand-out. */
const OWN_WORDS =
  /\bmailgrant\b|\bnothing with this id\b|\bsend a valid api key as\b|\brequires an api key with the scope\b|\bmicrosoft was asked for this grant\b|\btoo many requests of this kind\b/

/** The code at the end of a sentence, as in the text form, or in the type of problem details. */
const CODE = new RegExp(`\\((${CODES})\\)|/docs/problems#(${CODES})\\b`, 'g')

/** Returns the code of the last problem of this product in a clean text; null if there is none. */
export function ownProblemIn(text: string): ProblemCode | null {
  let found: ProblemCode | null = null
  for (const [, bracketed, documented] of text.matchAll(CODE)) {
    const code = (bracketed ?? documented) as ProblemCode
    if (documented || !COMMON.has(code) || OWN_WORDS.test(text)) found = code
  }
  return found
}
