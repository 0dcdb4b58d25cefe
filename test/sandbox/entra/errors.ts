/**
 * Errors in the form of Entra. The same failure is shown three ways: as JSON at the token endpoint,
 * as query parameters at the redirect URI, or on a page of Entra's own.
 */
import { type Aadsts, aadsts } from './aadsts.ts'

export type EntraError = {
  aadsts: Aadsts
  error: string
  /** The sentence without number and trail. */
  text: string
  status: number
  suberror?: string
  /** A claims request, to be passed on unchanged to the next authorize. */
  claims?: string
}

type Extra = Partial<Pick<EntraError, 'error' | 'suberror' | 'claims'>>

/** `blanks` fills the sentence; `extra` overrides the OAuth code or adds suberror and claims. */
export function entraError(
  number: Aadsts,
  blanks: Record<string, string> = {},
  extra: Extra = {},
): EntraError {
  const [error, sentence, status] = aadsts[number] as readonly [string, string, number?]
  const text = sentence.replace(/\{(\w+)\}/g, (blank, name: string) => blanks[name] ?? blank)
  return { aadsts: number, error, text, status: status ?? 400, ...extra }
}

/** What Entra adds to every error, for its support to find the request. */
export type Trail = { traceId: string; correlationId: string; timestamp: string }

export const newTrail = (now: number): Trail => ({
  traceId: crypto.randomUUID(),
  correlationId: crypto.randomUUID(),
  timestamp: `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`,
})

/** `AADSTSnnn: sentence Trace ID: ... Correlation ID: ... Timestamp: ...` */
export const describe = (failure: EntraError, trail: Trail): string =>
  `AADSTS${failure.aadsts}: ${failure.text} Trace ID: ${trail.traceId} ` +
  `Correlation ID: ${trail.correlationId} Timestamp: ${trail.timestamp}`

/** The body of a refused token request. */
export const errorBody = (failure: EntraError, trail: Trail, base: string) => ({
  error: failure.error,
  error_description: describe(failure, trail),
  error_codes: [failure.aadsts],
  timestamp: trail.timestamp,
  trace_id: trail.traceId,
  correlation_id: trail.correlationId,
  error_uri: `${base}/error?code=${failure.aadsts}`,
  ...(failure.suberror === undefined ? {} : { suberror: failure.suberror }),
  ...(failure.claims === undefined ? {} : { claims: failure.claims }),
})

/** The same failure at the redirect URI. MSAL reads these parameters; `state` is added by the caller. */
export const errorParams = (failure: EntraError, trail: Trail, base: string) => ({
  error: failure.error,
  error_description: describe(failure, trail),
  error_uri: `${base}/error?code=${failure.aadsts}`,
})
