/** Clients of the public API with one key: a typed one, and one that expects a status, for refusals. */
import { createClient } from '../examples/client.ts'
import { fail } from './steps.ts'

export type ApiResponse = { status: number; body: Record<string, unknown>; headers: Headers }

export type Api = ReturnType<typeof createApi>

/** Receives every response as text, so that a test can search it for secrets. */
export type ResponseListener = (source: string, text: string) => void

export function createApi(origin: string, key: string, onResponse: ResponseListener = () => {}) {
  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiResponse> {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    onResponse(`${method} ${path}`, text)
    const json = response.headers.get('content-type')?.includes('json')
    return {
      status: response.status,
      body: json ? JSON.parse(text) : { text },
      headers: response.headers,
    }
  }

  async function heardFetch(request: Request): Promise<Response> {
    const response = await fetch(request)
    onResponse(`${request.method} ${new URL(request.url).pathname}`, await response.clone().text())
    return response
  }

  return {
    origin,
    onResponse,
    client: createClient({ baseUrl: origin, apiKey: key, fetch: heardFetch }),
    call,
    /** Returns the body of the response. Ends the step unless the response has this status. */
    async expect(
      status: number,
      method: string,
      path: string,
      body?: unknown,
      headers?: Record<string, string>,
    ) {
      const response = await call(method, path, body, headers)
      if (response.status !== status) {
        const { code, detail, title } = response.body
        fail(
          `${method} ${path} returned ${response.status}, not ${status}: ${code ?? ''} ${detail ?? title ?? ''}`,
        )
      }
      return response.body
    },
  }
}
