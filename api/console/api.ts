/** The public API, called as any client would. The session cookie replaces the key. */
import type { Problem as ApiProblem } from '../../schema/problem.ts'

/** A refusal in words. The API's own have a code; those of the console itself have none. */
export type Problem = Pick<ApiProblem, 'title' | 'detail'> & Partial<ApiProblem>

/** A refusal of the API, or that no answer came. */
export class ApiError extends Error {
  readonly problem: Problem
  /** Seconds after which the same call may succeed; null if the answer names none. */
  readonly retryAfter: number | null

  constructor(problem: Problem, retryAfter: number | null = null) {
    super(problem.detail)
    this.problem = problem
    this.retryAfter = retryAfter
  }
}

/** Returns the problem of an ApiError. Throws every other error again. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem
  throw error
}

export type Answer<Body> = { body: Body; etag: string | null }

export type Options = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
  /** False treats an expired session like any other refusal: `unauthorized`. */
  renew?: boolean
}

let signIn: () => Promise<void> = () => Promise.reject(new Error('No sign-in dialog is set.'))

/** Sets the function that asks for the key when the session has expired. The page stays as it is meanwhile. */
export const onSessionEnd = (ask: () => Promise<void>) => {
  signIn = ask
}

/** Calls the API. Throws ApiError. If the session has expired, renews it and calls again. */
export async function request<Body>(path: string, options: Options = {}): Promise<Answer<Body>> {
  const response = await send(path, options)
  if (response.status !== 401 || options.renew === false) return read(response)
  await signIn()
  return read(await send(path, options))
}

export const get = async <Body>(path: string, signal?: AbortSignal): Promise<Body> =>
  (await request<Body>(path, signal ? { signal } : {})).body

/** Reads in the background: an expired session is a refusal like any other. */
export const peek = async <Body>(path: string, signal: AbortSignal): Promise<Body> =>
  (await request<Body>(path, { signal, renew: false })).body

export const post = async <Body>(path: string, body: unknown = {}): Promise<Body> =>
  (await request<Body>(path, { method: 'POST', body })).body

export const put = async <Body>(path: string, body: unknown): Promise<Body> =>
  (await request<Body>(path, { method: 'PUT', body })).body

export const remove = async (path: string): Promise<void> => {
  await request(path, { method: 'DELETE' })
}

/** A page of a list of the API, newest first. */
export type ListPage<Item> = { data: Item[]; next_cursor: string | null }

/** Limit of entries that are fetched for one page. */
export const MOST = 1000

/** Reads every page of a list, newest first, up to `most` entries. */
export async function list<Item>(path: string, most = MOST): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ limit: '200', ...(cursor && { cursor }) })
    const page: ListPage<Item> = await get(`${path}${path.includes('?') ? '&' : '?'}${query}`)
    items.push(...page.data)
    cursor = page.next_cursor
  } while (cursor !== null && items.length < most)
  return items
}

/** Makes one call, without asking for the key. */
export async function send(path: string, options: Options): Promise<Response> {
  const { method = 'GET', body, headers, signal } = options
  try {
    return await fetch(path, {
      method,
      cache: 'no-store',
      headers: { ...(method !== 'GET' && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError(unreachable(method))
  }
}

async function read<Body>(response: Response): Promise<Answer<Body>> {
  const text = await response.text().catch(() => null)
  if (text === null) throw new ApiError(unreadable(response.status))
  const body = response.ok ? bodyIn<Body>(text) : null
  if (body !== null) return { body, etag: response.headers.get('etag') }
  const retryAfter = Number(response.headers.get('retry-after')) || null
  throw new ApiError(problemIn(text) ?? unreadable(response.status), retryAfter)
}

/** Returns null for anything but JSON, such as the page of a proxy. */
function bodyIn<Body>(text: string): Body | null {
  try {
    return (text === '' ? undefined : JSON.parse(text)) as Body
  } catch {
    return null
  }
}

function problemIn(text: string): ApiProblem | null {
  try {
    const value = JSON.parse(text) as ApiProblem
    return typeof value.detail === 'string' ? value : null
  } catch {
    return null
  }
}

/** Problem of a request without an answer. The request itself may have arrived. */
const unreachable = (method: string) => ({
  title: 'Mailgrant is not responding',
  detail: `${method === 'GET' ? '' : 'The change may have been made. '}Check your connection, then try again.`,
})

const unreadable = (status: number) => ({
  title: `Unexpected answer: ${status}`,
  detail: 'Something between this page and Mailgrant answered instead. Try again in a moment.',
})
