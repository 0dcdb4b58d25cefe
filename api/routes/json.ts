/** JSON requests and responses in the OpenAPI document, and the check of their encoding. */
import { createMiddleware } from 'hono/factory'
import type { z } from 'zod'
import type { ProblemCode } from '../../schema/problem.ts'
import { ProblemError } from '../problem.ts'
import type { AppEnv } from './app-env.ts'

/** Describes a JSON body. Unless `required`, a body without a content type would pass as `{}`. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true as const, content: { 'application/json': { schema } } },
})

/** Problem codes of every JSON body. */
export const bodyProblems = [
  'invalid_json',
  'payload_too_large',
  'unsupported_media_type',
  'validation_failed',
] as const satisfies ProblemCode[]

export const jsonResponse = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
})

/**
 * Refuses JSON that is not UTF-8 (RFC 8259 section 8.1). A lenient decoder would replace invalid bytes
 * by U+FFFD and so change a password.
 */
export const requireUtf8 = createMiddleware<AppEnv>(async function requireUtf8(c, next) {
  if (c.req.header('content-type')?.includes('json')) {
    const body = await c.req.arrayBuffer()
    try {
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body)
    } catch {
      throw new ProblemError({
        code: 'invalid_json',
        detail: 'The request body is not valid UTF-8.',
      })
    }
  }
  await next()
})
