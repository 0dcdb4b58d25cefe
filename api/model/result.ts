/**
 * Results of the domain: a value, or the reason there is none. Nothing is thrown for errors that a caller can cause,
 * except once, where HTTP begins.
 */
import type { FieldIssue, InvalidField, Reason, TokenRefusal, TokenRefusalCode } from './reason.ts'

export type Result<Value, Failure = Reason> =
  | { ok: true; value: Value }
  | { ok: false; error: Failure }

/** A value with the version of its settable part, which is its ETag. */
export type Versioned<Value> = { value: Value; version: number }

export const ok = <Value>(value: Value): { ok: true; value: Value } => ({ ok: true, value })

export const err = <Failure extends Reason>(error: Failure): { ok: false; error: Failure } => ({
  ok: false,
  error,
})

/** Refuses one member of the request, named by an RFC 6901 pointer. */
export const invalid = (
  pointer: string,
  issue: FieldIssue,
): { ok: false; error: InvalidField } => ({
  ok: false,
  error: { reason: 'invalid', pointer, ...issue },
})

export const refuseToken = (
  code: TokenRefusalCode,
  detail: string,
  more: Pick<TokenRefusal, 'facts' | 'retryAfter'> = {},
): { ok: false; error: TokenRefusal } => ({
  ok: false,
  error: { reason: 'token_refused', code, detail, ...more },
})
