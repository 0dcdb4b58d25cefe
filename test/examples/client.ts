/**
 * A typed client of the API, to copy into a program in TypeScript. Its types come from the document of the
 * deployment: `npx openapi-typescript https://mailgrant.example.com/openapi.json -o openapi.d.ts`; in the
 * copy, import that file.
 */
import createFetchClient from 'openapi-fetch'
import type { components, paths } from '../.tmp/openapi.d.ts'

export type Schemas = components['schemas']

type Options = {
  baseUrl: string
  apiKey: string
  fetch?: (request: Request) => Promise<Response>
}

export type Client = ReturnType<typeof createClient>

/** Creates a client with a method per HTTP verb: `client.GET('/v1/grants/{id}', { params: { path: { id } } })`. */
export const createClient = ({ baseUrl, apiKey, fetch = globalThis.fetch }: Options) =>
  createFetchClient<paths>({ baseUrl, fetch, headers: { authorization: `Bearer ${apiKey}` } })

/** A refusal. Branch on `problem.code`, show `problem.detail`; `problem.diagnosis` explains a known cause. */
export class MailgrantError extends Error {
  readonly problem: Schemas['Problem']

  constructor(problem: Schemas['Problem']) {
    super(`${problem.code}: ${problem.detail}`)
    this.name = 'MailgrantError'
    this.problem = problem
  }
}

/**
 * Returns the body of the response. Throws MailgrantError if the API refuses the call, and Error if the response is
 * not from the API, such as a page of a proxy.
 */
export async function unwrap<Body>(
  call: Promise<{ data?: Body; error?: unknown; response: Response }>,
): Promise<Body> {
  const { data, error, response } = await call
  if (response.ok) return data as Body
  throw isProblem(error) ? new MailgrantError(error) : new Error(`HTTP status ${response.status}`)
}

const isProblem = (error: unknown): error is Schemas['Problem'] =>
  typeof error === 'object' && error !== null && 'code' in error && 'detail' in error
