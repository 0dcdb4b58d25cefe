/** The public API, called as any client would. The session cookie replaces the key. */
import type { Problem as ApiProblem } from '../../schema/problem.ts'

/** A problem to show. Only those that the API returned have a code. */
export type Problem = Pick<ApiProblem, 'title' | 'detail'> & Partial<ApiProblem>

/** The API refused a request, or did not respond. */
export class ApiError extends Error {
  readonly problem: Problem
  /** Seconds after which the same call may succeed; null if the response names none. */
  readonly retryAfter: number | null

  constructor(problem: Problem, retryAfter: number | null = null) {
    super(problem.detail)
    this.problem = problem
    this.retryAfter = retryAfter
  }
}

/** Returns the problem of an ApiError. Rethrows every other error. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem
  throw error
}

export type Fetched<Body> = { body: Body; etag: string | null }

export type Options = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  body?: unknown
  /** ETag of the version that the request replaces. */
  etag?: string | null
  headers?: Record<string, string>
  signal?: AbortSignal
  /** False throws `unauthorized` for an expired session, instead of renewing it. */
  renew?: boolean
}

let renewSession = (): Promise<void> => Promise.reject(new Error('No sign-in dialog is set.'))

/** Sets the function that renews an expired session. The page stays as it is meanwhile. */
export const onSessionEnd = (renew: () => Promise<void>) => {
  renewSession = renew
}

/**
 * Calls the API. Throws ApiError, or the error of an aborted `signal`. If the session has expired, renews it and calls
 * again, unless `renew` is false.
 */
export async function request<Body>(path: string, options: Options = {}): Promise<Fetched<Body>> {
  const response = await send(path, options)
  if (response.status !== 401 || options.renew === false) return read(response)
  await renewSession()
  return read(await send(path, options))
}

export const get = async <Body>(path: string, signal?: AbortSignal): Promise<Body> =>
  (await request<Body>(path, signal ? { signal } : {})).body

/** Reads in the background, without a sign-in dialog. An expired session is a problem like any other. */
export const peek = async <Body>(path: string, signal: AbortSignal): Promise<Body> =>
  (await request<Body>(path, { signal, renew: false })).body

/** `idempotencyKey`: a repeated request with the same key is carried out once. */
export async function post<Body>(
  path: string,
  body: object = {},
  idempotencyKey?: string,
): Promise<Body> {
  const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }
  return (await request<Body>(path, { method: 'POST', body, headers })).body
}

export const put = async <Body>(path: string, body: unknown): Promise<Body> =>
  (await request<Body>(path, { method: 'PUT', body })).body

/** Changes members of a resource, and nothing else of it. Throws ApiError, also if someone else saves it meanwhile. */
export async function change<Body>(path: string, changes: (body: Body) => object): Promise<void> {
  const { body, etag } = await request<Body>(path)
  await request(path, { method: 'PUT', body: { ...body, ...changes(body) }, etag })
}

export const remove = async (path: string): Promise<void> => {
  await request(path, { method: 'DELETE' })
}

/** Resolves to null if what the request is about was deleted. */
export const ifAny = <Thing>(requested: Promise<Thing>): Promise<Thing | null> =>
  requested.catch((error) => {
    if (error instanceof ApiError && error.problem.code === 'not_found') return null
    throw error
  })

/** Deletes something that may be deleted already. */
export const removeIfAny = (path: string) => ifAny(remove(path))

/** A page of a list of the API, newest first. */
export type ListPage<Item> = { data: Item[]; next_cursor: string | null }

/** Reads from the API: `get`, or `peek` in the background. */
export type Read = <Body>(path: string) => Promise<Body>

/** Reads every page of a list, newest first, until there are `max` entries. */
export async function list<Item>(path: string, max = 1000, read: Read = get): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ limit: '200', ...(cursor && { cursor }) })
    const page: ListPage<Item> = await read(`${path}${path.includes('?') ? '&' : '?'}${query}`)
    items.push(...page.data)
    cursor = page.next_cursor
  } while (cursor !== null && items.length < max)
  return items
}

/** Makes one call, without renewing an expired session. */
async function send(path: string, options: Options): Promise<Response> {
  const { method = 'GET', body, etag, headers, signal } = options
  try {
    return await fetch(path, {
      method,
      cache: 'no-store',
      headers: {
        ...(method !== 'GET' && { 'content-type': 'application/json' }),
        ...(etag && { 'if-match': etag }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError(unreachable(method))
  }
}

/** Reads a JSON body. Anything else, such as the page of a proxy, counts as no response. */
async function read<Body>(response: Response): Promise<Fetched<Body>> {
  const body = response.status === 204 ? undefined : await response.json().catch(() => null)
  if (response.ok && body !== null) return { body, etag: response.headers.get('etag') }
  const isProblem = typeof body?.detail === 'string'
  const retryAfter = Number(response.headers.get('retry-after')) || null
  throw new ApiError(isProblem ? body : unreadable(response.status), retryAfter)
}

/** Problem of a request without a response. The request itself may have arrived. */
const unreachable = (method: string) => ({
  title: 'Mailgrant is not responding',
  detail: `${method === 'GET' ? '' : 'The change may have been made. '}Check your connection, then try again.`,
})

/** Problem of a page whose code the server no longer has. */
export const missingCode = {
  title: 'The code of this page is missing',
  detail: 'Mailgrant was probably updated while the console was open. Reload the console.',
}

const unreadable = (status: number) => ({
  title: `Unexpected response: ${status}`,
  detail: 'Something between this page and Mailgrant responded instead. Try again in a moment.',
})
