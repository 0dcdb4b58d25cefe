/**
 * Everything that can go wrong at Microsoft's side, as one union with evidence. Nothing in it is free
 * text of an answer: only numbers, GUIDs, and short tokens of a fixed alphabet, so that a failure can
 * be logged, stored and shown. `error_description` is read for its number and dropped.
 */

import { isGuid } from '../../schema/integration.ts'
import { aadstsCodes, type CodeMeaning, type GrantEffect, type Subject } from './aadsts.ts'

export type { GrantEffect, Subject } from './aadsts.ts'

/** An OAuth error answer (RFC 6749 sections 4.1.2.1 and 5.2) with Microsoft's additions. */
export type EntraRefusal = {
  /** `invalid_grant`, ...; `unrecognized` for what is not a plain token. */
  error: string
  aadsts: number | null
  suberror: string | null
  /** JSON for the `claims` parameter of the next sign-in. */
  claims: string | null
  traceId: string | null
  correlationId: string | null
  subject: Subject
}

/** Why a body was not believed. Fixed words: never a piece of the body. */
export type Nonsense =
  | 'redirect'
  | 'content_type'
  | 'too_large'
  | 'cut_off'
  | 'empty'
  | 'not_json'
  | 'not_an_object'
  | 'no_error_code'
  | 'access_token'
  | 'token_type'
  | 'expires_in'
  | 'refresh_token'
  | 'id_token'
  | 'scope'

/** `retryAfter` is in seconds, at most 3600; null when the server named none. */
export type EntraFailure =
  | { kind: 'unreachable' }
  | { kind: 'timeout' }
  | { kind: 'throttled'; retryAfter: number | null; aadsts: number | null }
  | { kind: 'unavailable'; status: number; retryAfter: number | null; aadsts: number | null }
  | { kind: 'nonsense'; status: number; what: Nonsense }
  | { kind: 'refused'; refusal: EntraRefusal }

/** The members of an error answer, from JSON or from a callback's query. */
export type RefusalFields = Partial<
  Record<
    | 'error'
    | 'error_description'
    | 'error_codes'
    | 'suberror'
    | 'claims'
    | 'trace_id'
    | 'correlation_id',
    unknown
  >
>

const MAX_CLAIMS = 4096

function token(value: unknown): string | null {
  return typeof value === 'string' && /^[a-z_]{1,64}$/.test(value) ? value : null
}

function aadstsOf(fields: RefusalFields): number | null {
  const [code] = Array.isArray(fields.error_codes) ? fields.error_codes : []
  if (Number.isSafeInteger(code) && code > 0 && code < 1e9) return code
  if (typeof fields.error_description !== 'string') return null
  const number = /AADSTS(\d{3,9})(?!\d)/.exec(fields.error_description.slice(0, 2000))?.[1]
  return number ? Number(number) : null
}

function claimsOf(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > MAX_CLAIMS || value[0] !== '{') return null
  try {
    JSON.parse(value)
    return value
  } catch {
    return null
  }
}

/** Null when there is no `error`, so that it is no OAuth error answer at all. */
export function readRefusal(fields: RefusalFields): EntraRefusal | null {
  if (typeof fields.error !== 'string' || fields.error === '') return null
  const error = token(fields.error) ?? 'unrecognized'
  const aadsts = aadstsOf(fields)
  const suberror = token(fields.suberror)
  return {
    error,
    aadsts,
    suberror,
    claims: claimsOf(fields.claims),
    traceId: isGuid(fields.trace_id) ? fields.trace_id : null,
    correlationId: isGuid(fields.correlation_id) ? fields.correlation_id : null,
    subject: meaningOf({ error, aadsts, suberror }).subject,
  }
}

const passing: CodeMeaning = {
  effect: 'cool_down',
  subject: 'request',
  cause: "Microsoft's sign-in service has a passing fault",
  advice: 'it is tried again by itself',
}
const signInAgain: CodeMeaning = {
  effect: 'reconnect',
  subject: 'user',
  cause: 'Microsoft does not accept the sign-in any more',
  advice: 'sign in again',
}
const askAdmin: CodeMeaning = {
  effect: 'block',
  subject: 'tenant_admin',
  cause: 'The organisation forbids this sign-in',
  advice: 'an admin of the organisation must allow it',
}
const notUnderstood: CodeMeaning = {
  effect: 'block',
  subject: 'request',
  cause: 'Microsoft refused the request itself',
  advice: 'check the settings of the integration and the app registration',
}
const credentialRefused: CodeMeaning = {
  effect: 'credential_rejected',
  subject: 'credential',
  cause: "Microsoft refused the app's credential",
  advice: 'enter a valid credential of the app in the settings',
}

/** Beside `invalid_client` this number, "no resource was asked for" elsewhere, means the signed proof. */
const PROOF_OR_SCOPE = 700023
const proofRefused: CodeMeaning = {
  ...credentialRefused,
  cause: "The app's signed proof names another audience",
}

/** MSAL's reading of `suberror`, for numbers that the table lacks. */
const bySuberror: Record<string, CodeMeaning> = {
  // Seen beside AADSTS70000, and as passing as that.
  bad_token: { ...signInAgain, effect: 'suspect' },
  // The person would only be shown a message: nothing that signing in again could mend.
  message_only: askAdmin,
  basic_action: signInAgain,
  additional_action: signInAgain,
  consent_required: signInAgain,
  user_password_expired: signInAgain,
}

const byError: Record<string, CodeMeaning> = {
  temporarily_unavailable: passing,
  server_error: passing,
  invalid_grant: signInAgain,
  interaction_required: signInAgain,
  login_required: signInAgain,
  consent_required: signInAgain,
  access_denied: { ...signInAgain, cause: 'The sign-in was cancelled or declined' },
  invalid_client: credentialRefused,
  unauthorized_client: {
    ...credentialRefused,
    subject: 'app',
    cause: 'Microsoft does not know the app, or not for this kind of account',
    advice: 'check the client ID and the supported account types of the app registration',
  },
  invalid_request: notUnderstood,
  invalid_scope: notUnderstood,
  invalid_resource: notUnderstood,
  unsupported_grant_type: notUnderstood,
  unsupported_response_type: notUnderstood,
}

function own(table: Record<string, CodeMeaning>, key: string | null): CodeMeaning | undefined {
  return key !== null && Object.hasOwn(table, key) ? table[key] : undefined
}

function meaningOf(refusal: Pick<EntraRefusal, 'error' | 'aadsts' | 'suberror'>): CodeMeaning {
  const general = own(byError, refusal.error)
  // The standard says "later": then no number can mean that the grant is gone.
  if (general === passing) return { ...passing }
  if (refusal.aadsts === PROOF_OR_SCOPE && refusal.error === 'invalid_client') return proofRefused
  const specific = refusal.aadsts === null ? undefined : aadstsCodes.get(refusal.aadsts)
  // An answer that is not understood at all says nothing about the grant.
  return specific ?? own(bySuberror, refusal.suberror) ?? general ?? passing
}

/** What a failed refresh means for the grant. Pure; the caller decides what to do about it. */
export function effectOnGrant(failure: EntraFailure): GrantEffect {
  return failure.kind === 'refused' ? meaningOf(failure.refusal).effect : 'cool_down'
}

function causeAndAdvice(failure: EntraFailure): [cause: string, advice: string] {
  switch (failure.kind) {
    case 'unreachable':
      return ["Microsoft's sign-in service could not be reached", passing.advice]
    case 'timeout':
      return ["Microsoft's sign-in service did not answer in time", passing.advice]
    case 'throttled':
      return ['Microsoft limits the requests and asks for a pause', passing.advice]
    case 'unavailable':
      return ["Microsoft's sign-in service is not available", passing.advice]
    case 'nonsense':
      return ["Microsoft's sign-in service gave an answer that makes no sense", passing.advice]
    case 'refused': {
      const { cause, advice } = meaningOf(failure.refusal)
      return [cause, advice]
    }
  }
}

function aadstsOfFailure(failure: EntraFailure): number | null {
  if (failure.kind === 'refused') return failure.refusal.aadsts
  return 'aadsts' in failure ? failure.aadsts : null
}

/**
 * One sentence for a person: what is wrong and what to do. Holds no word of Microsoft's answer.
 * `instead` replaces the advice, where the usual one does not help.
 */
export function explain(failure: EntraFailure, instead: string | null = null): string {
  const [cause, advice] = causeAndAdvice(failure)
  const code = aadstsOfFailure(failure)
  return `${cause}: ${instead ?? advice}${code === null ? '' : ` (AADSTS${code})`}.`
}
