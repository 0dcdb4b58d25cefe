/**
 * How the inside of the Worker says "no": a value, not an exception. One throw turns it into a
 * response, at the HTTP border (api/problem.ts).
 */
import type { Diagnosis } from '../schema/diagnosis.ts'
import type { FailureFacts } from '../schema/failure.ts'
import type { FieldError, ProblemCode } from '../schema/problem.ts'

/** Why a request cannot be served: the code of a problem, and a sentence a person can act on. */
export type Refusal = {
  code: ProblemCode
  detail: string
  /** Seconds; goes out as Retry-After. */
  retryAfter?: number
  errors?: FieldError[]
  mailAccounts?: string[]
  grants?: number
  /** What lies behind it, to be stored or diagnosed. Never goes out. */
  facts?: FailureFacts | null
  diagnosis?: Diagnosis
}

export type Result<Value, Failure = Refusal> =
  | { ok: true; value: Value }
  | { ok: false; error: Failure }

/** With the version of what a PUT can set, which is its ETag. */
export type Versioned<Value> = { value: Value; version: number }

export const ok = <Value>(value: Value): { ok: true; value: Value } => ({ ok: true, value })

export const refuse = (
  code: ProblemCode,
  detail: string,
  more: Omit<Refusal, 'code' | 'detail'> = {},
): { ok: false; error: Refusal } => ({ ok: false, error: { code, detail, ...more } })

/** One member of the request is wrong. `pointer` names it as `errors` do (RFC 6901). */
export const invalid = (pointer: string, message: string) =>
  refuse('validation_failed', `${pointer}: ${message}`, { errors: [{ pointer, message }] })
