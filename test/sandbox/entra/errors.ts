/**
 * Errors in the format of Entra: as JSON at the token endpoint, as query parameters at the redirect URI,
 * or on a page of Entra.
 */
import { type Aadsts, aadsts } from './aadsts.ts'

export type EntraError = {
  aadsts: Aadsts
  error: string
  /** Message without number and request trace. */
  text: string
  status: number
  suberror?: string
  /** Claims request, to be passed unchanged to the next authorize request. */
  claims?: string
}

type Extra = Partial<Pick<EntraError, 'error' | 'text' | 'suberror' | 'claims'>>

/** Builds an error. `values` fills the message; `extra` overrides code or message, or adds suberror and claims. */
export function entraError(
  number: Aadsts,
  values: Record<string, string> = {},
  extra: Extra = {},
): EntraError {
  const [error, message, status] = aadsts[number] as readonly [string, string, number?]
  const text = message.replace(
    /\{(\w+)\}/g,
    (placeholder, name: string) => values[name] ?? placeholder,
  )
  return { aadsts: number, error, text, status: status ?? 400, ...extra }
}

/** IDs that Entra adds to every error, so that support can find the request. */
export type RequestTrace = { traceId: string; correlationId: string; timestamp: string }

export const newRequestTrace = (now: number): RequestTrace => ({
  traceId: crypto.randomUUID(),
  correlationId: crypto.randomUUID(),
  timestamp: `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`,
})

/** Formats `AADSTSnnn: message Trace ID: ... Correlation ID: ... Timestamp: ...` */
export const errorDescription = (failure: EntraError, trace: RequestTrace): string =>
  `AADSTS${failure.aadsts}: ${failure.text} Trace ID: ${trace.traceId} ` +
  `Correlation ID: ${trace.correlationId} Timestamp: ${trace.timestamp}`

/** Builds the body of a refused token request. */
export const errorBody = (failure: EntraError, trace: RequestTrace, base: string) => ({
  error: failure.error,
  error_description: errorDescription(failure, trace),
  error_codes: [failure.aadsts],
  timestamp: trace.timestamp,
  trace_id: trace.traceId,
  correlation_id: trace.correlationId,
  error_uri: `${base}/error?code=${failure.aadsts}`,
  ...(failure.suberror === undefined ? {} : { suberror: failure.suberror }),
  ...(failure.claims === undefined ? {} : { claims: failure.claims }),
})

/** Builds the error parameters of the redirect URI, as MSAL reads them. The caller adds `state`. */
export const errorParams = (failure: EntraError, trace: RequestTrace, base: string) => ({
  error: failure.error,
  error_description: errorDescription(failure, trace),
  error_uri: `${base}/error?code=${failure.aadsts}`,
})
