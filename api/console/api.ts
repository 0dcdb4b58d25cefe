/** The public API, called as any client would. The session cookie stands for the key. */
import type { Problem as ApiProblem } from '../../schema/problem.ts'

/** A refusal in words. The API's own have a code; those of the console itself have none. */
export type Problem = Pick<ApiProblem, 'title' | 'detail'> & Partial<ApiProblem>

/** A refusal of the API, or `unreachable` when no answer came. */
export class ApiError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
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
  /** False: a session that has ended is a refusal like any other, `unauthorized`. */
  renew?: boolean
}

let signIn: () => Promise<void> = () => Promise.reject(new Error('nobody asks for the key'))

/** Sets what asks for the key when the session has ended. The page stays as it is meanwhile. */
export const onSessionEnd = (ask: () => Promise<void>) => {
  signIn = ask
}

/** Throws ApiError. A session that has ended is renewed first, and the call made again. */
export async function request<Body>(path: string, options: Options = {}): Promise<Answer<Body>> {
  const response = await send(path, options)
  if (response.status !== 401 || options.renew === false) return read(response)
  await signIn()
  return read(await send(path, options))
}

export const get = async <Body>(path: string, signal?: AbortSignal): Promise<Body> =>
  (await request<Body>(path, signal ? { signal } : {})).body

/** Reads in the background: a session that has ended is a refusal like any other. */
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

/** More are not fetched for one page. */
export const MOST = 1000

/** Every page of a list, newest first, up to `most` entries. */
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

/** One call as it is, without asking for the key. */
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
  throw new ApiError(problemIn(text) ?? unreadable(response.status))
}

/** Null for what is no JSON: the page of a proxy, say. */
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

/** The request may have arrived all the same: only the answer is missing. */
const unreachable = (method: string) => ({
  title: 'Mailgrant is not responding',
  detail: `${method === 'GET' ? '' : 'The change may have been made. '}Check your connection, then try again.`,
})

const unreadable = (status: number) => ({
  title: `Unexpected answer: ${status}`,
  detail: 'Something between this page and Mailgrant answered instead. Try again in a moment.',
})
