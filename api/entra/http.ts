/**
 * A single HTTP exchange with Microsoft, with a deadline, a bounded body and no redirects. It checks the
 * envelope only; other files interpret well-formed bodies. Never throws.
 */
import { SECOND_MS } from '../../schema/durations.ts'
import { type MalformedResponse, NETWORK_CODES, type NetworkCode } from '../../schema/failure.ts'
import { readBounded } from '../read-bounded.ts'
import type { EntraFailure } from './errors.ts'

/** `timeoutMs`: of one exchange, replaced by tests. `maxBody`: maximum size of a body in bytes. */
export type EntraHttp = { fetch: typeof fetch; timeoutMs?: number; maxBody?: number }

/** `json` is valid only if `defect` is null. `status` is always valid. */
export type HttpResponse = {
  status: number
  headers: Headers
  json: unknown
  defect: MalformedResponse | null
}

type HttpResult =
  | { ok: true; response: HttpResponse }
  | { ok: false; failure: Extract<EntraFailure, { kind: 'unreachable' | 'timeout' }> }

/** Timeout of one exchange in milliseconds, covering connection, headers and body. */
const ENTRA_TIMEOUT_MS = 10 * SECOND_MS
/**
 * Timeout of all exchanges for one purpose in milliseconds: a refresh with its fallback to the previous
 * token, or a sign-in with its keys and its code.
 */
export const ENTRA_DEADLINE_MS = 15 * SECOND_MS
/** Maximum size of a body in bytes. A token response has a few KiB, the key set about 30. */
export const ENTRA_MAX_BODY = 256 * 1024

/** Causes of an error that are followed, since a cause can be its own cause. */
const MAX_CAUSES = 4

type Body = { json: unknown; defect: null } | { json: null; defect: MalformedResponse }
const malformed = (defect: MalformedResponse): Body => ({ json: null, defect })

async function readJson(response: Response, maxBody: number): Promise<Body> {
  const discard = (defect: MalformedResponse): Body => {
    void response.body?.cancel().catch(() => undefined)
    return malformed(defect)
  }
  if (response.status < 200 || (response.status >= 300 && response.status < 400)) {
    return discard('redirect')
  }
  if (response.body === null) return malformed('empty')
  const type = response.headers.get('content-type') ?? ''
  if (!/^application\/(?:[\w.+-]+\+)?json(?:\s*;|\s*$)/i.test(type)) return discard('content_type')
  let bytes: Uint8Array | null
  try {
    bytes = await readBounded(response, maxBody)
  } catch {
    return malformed('truncated')
  }
  if (bytes === null) return malformed('too_large')
  if (bytes.byteLength === 0) return malformed('empty')
  try {
    // The decoder drops a byte order mark, as RFC 8259 section 8.1 allows.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
    return { json: JSON.parse(text), defect: null }
  } catch {
    return malformed('not_json')
  }
}

/**
 * Returns the first known code of an error and its causes. All else is dropped, since it may contain the URL or the
 * request. A runtime that gives no code leaves it `unknown`.
 */
function networkCodeOf(error: unknown, depth = 0): NetworkCode {
  if (typeof error !== 'object' || error === null || depth > MAX_CAUSES) return 'unknown'
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  return NETWORK_CODES.find((known) => known === code) ?? networkCodeOf(cause, depth + 1)
}

/** Sends one request, for Entra and Graph. */
export async function exchange(
  http: EntraHttp,
  url: string,
  init: RequestInit,
  deadline?: AbortSignal,
): Promise<HttpResult> {
  // Nothing is sent after the deadline, so that a code is not spent when no caller waits for the result.
  if (deadline?.aborted) return { ok: false, failure: { kind: 'timeout' } }
  // Called without a receiver: the Workers runtime refuses a global `fetch` with a foreign `this`.
  const { fetch, timeoutMs = ENTRA_TIMEOUT_MS, maxBody = ENTRA_MAX_BODY } = http
  const controller = new AbortController()
  const { promise: timeout, resolve } = Promise.withResolvers<HttpResult>()
  const stop = () => {
    resolve({ ok: false, failure: { kind: 'timeout' } })
    controller.abort()
  }
  const timer = setTimeout(stop, timeoutMs)
  deadline?.addEventListener('abort', stop)
  const respond = async (): Promise<HttpResult> => {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: controller.signal })
    const { status, headers } = response
    return { ok: true, response: { status, headers, ...(await readJson(response, maxBody)) } }
  }
  try {
    return await Promise.race([respond(), timeout])
  } catch (error) {
    const { host } = new URL(url)
    return { ok: false, failure: { kind: 'unreachable', host, code: networkCodeOf(error) } }
  } finally {
    clearTimeout(timer)
    deadline?.removeEventListener('abort', stop)
  }
}

/**
 * Sends a form. Never sets an `Origin` header, since Entra would treat the request as a browser's and reject the client
 * credential.
 */
export function postForm(
  http: EntraHttp,
  url: string,
  body: URLSearchParams,
  deadline?: AbortSignal,
): Promise<HttpResult> {
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
  }
  return exchange(http, url, { method: 'POST', headers, body: body.toString() }, deadline)
}

/** Sends a GET request with the same limits and results as `postForm`. */
export function getJson(http: EntraHttp, url: string, deadline?: AbortSignal): Promise<HttpResult> {
  return exchange(http, url, { method: 'GET', headers: { accept: 'application/json' } }, deadline)
}
