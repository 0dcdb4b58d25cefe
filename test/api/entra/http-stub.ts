/** A fake HTTP server whose responses a test defines, and which records its requests. */
import type { EntraHttp, HttpResponse } from '../../../api/entra/http.ts'

export type Seen = {
  url: string
  method: string
  headers: Headers
  body: string
  init: RequestInit
}

/** Creates the server. `respond` may return a response, throw like a broken connection, or never settle. */
export function peer(respond: (seen: Seen) => Response | Promise<Response>) {
  const seen: Seen[] = []
  // Like the runtime's fetch, it refuses to be called as a method of another object.
  async function stub(this: unknown, input: RequestInfo | URL, init: RequestInit = {}) {
    if (this !== undefined && this !== globalThis) throw new TypeError('Illegal invocation')
    const request = {
      url: String(input),
      method: init.method ?? 'GET',
      headers: new Headers(init.headers),
      body: String(init.body ?? ''),
      init,
    }
    seen.push(request)
    return respond(request)
  }
  const http: EntraHttp = { fetch: stub as typeof fetch }
  return { http, seen }
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}) {
  const type = { 'content-type': 'application/json; charset=utf-8' }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return new Response(text, { status, headers: { ...type, ...headers } })
}

/** Returns what `http.ts` makes of a well-formed response. */
export function response(
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): HttpResponse {
  return { status, headers: new Headers(headers), json: body, defect: null }
}
