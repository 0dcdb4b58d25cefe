/** The shapes that every route repeats: a JSON body, what it may be refused for, a JSON answer. */
import { createMiddleware } from 'hono/factory'
import type { z } from 'zod'
import type { ProblemCode } from '../../schema/problem.ts'
import { ProblemError } from '../problem.ts'
import type { AppEnv } from './app-env.ts'

/** `required`: without it a body with no content type would pass as `{}`. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true as const, content: { 'application/json': { schema } } },
})

/** The problems of any JSON body, whatever it is for. */
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
 * JSON is UTF-8 (RFC 8259 section 8.1). A decoder that puts U+FFFD in place of what it cannot read would
 * store a password that nobody has typed.
 */
export const onlyUtf8 = createMiddleware<AppEnv>(async function onlyUtf8(c, next) {
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
