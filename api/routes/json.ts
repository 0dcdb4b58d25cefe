/** JSON requests and responses in the OpenAPI document, and the check of their encoding. */
import { createMiddleware } from 'hono/factory'
import { z } from 'zod'
import { httpProblems, ProblemError } from '../problem.ts'
import { type AppEnv, validationProblem } from './app-env.ts'

/** Describes a JSON body. It is `required`, since a body without a content type would pass as `{}` otherwise. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true as const, content: { 'application/json': { schema } } },
})

export const jsonResponse = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
})

const NoFields = z.strictObject({})

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/**
 * Refuses any body but an empty object. Ignores the content type of an empty body, which many clients send with every
 * POST.
 */
export const refuseFields = createMiddleware<AppEnv>(async function refuseFields(c, next) {
  if ((await c.req.text()) !== '') {
    if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(c.req.header('content-type') ?? '')) {
      throw new ProblemError({
        code: 'unsupported_media_type',
        detail: 'This call takes no values. Send no request body.',
      })
    }
    const parsed = NoFields.safeParse(await readJson(c.req))
    if (!parsed.success) throw validationProblem('json', parsed.error)
  }
  await next()
})

/**
 * Reads a body as JSON whatever its content type, which many programs leave out or set to that of a form. Refuses every
 * other body, so that none is ignored. Only for routes that accept no session, since the content type is what keeps out
 * forms of other pages.
 */
export const readAnyJson = createMiddleware<AppEnv>(async function readAnyJson(c, next) {
  const { url, headers, body } = c.req.raw
  if (body !== null || headers.has('content-type')) {
    const bytes = await c.req.arrayBuffer()
    const typed = new Headers(headers)
    if (bytes.byteLength === 0) typed.delete('content-type')
    else {
      if (!isJson(bytes)) throw notJson
      typed.set('content-type', 'application/json')
    }
    // Hono reads the body from its cache, not from this request.
    c.req.raw = new Request(url, { method: 'POST', headers: typed })
  }
  await next()
})

const notJson = validationProblem('json', {
  issues: [
    {
      code: 'custom',
      path: [],
      message: 'must be JSON in UTF-8, such as {"rejected_expires_at": "..."}, or empty',
    },
  ],
})

function isJson(bytes: ArrayBuffer): boolean {
  try {
    JSON.parse(utf8.decode(bytes))
    return true
  } catch {
    return false
  }
}

async function readJson(request: { json: () => Promise<unknown> }): Promise<unknown> {
  try {
    return await request.json()
  } catch {
    throw new ProblemError(httpProblems.badJson)
  }
}

/** Methods whose body is read. Others ignore theirs. */
export const METHODS_WITH_BODY: readonly string[] = ['POST', 'PUT']

/**
 * Refuses JSON that is not UTF-8 (RFC 8259 section 8.1). A lenient decoder would replace invalid bytes
 * by U+FFFD and so change a password.
 */
export const requireUtf8 = createMiddleware<AppEnv>(async function requireUtf8(c, next) {
  const reads = METHODS_WITH_BODY.includes(c.req.method)
  if (reads && c.req.header('content-type')?.includes('json')) {
    const body = await c.req.arrayBuffer()
    // Hono would wrap the bytes in a new Response for each read, at several times the cost.
    Object.assign(c.req.bodyCache, { text: Promise.resolve(decodeUtf8(body)) })
  }
  await next()
})

function decodeUtf8(bytes: ArrayBuffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new ProblemError({ code: 'invalid_json', detail: 'The request body is not valid UTF-8.' })
  }
}
