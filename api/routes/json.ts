/** The shapes that every route repeats: a JSON body, what it may be refused for, a JSON answer. */
import type { z } from 'zod'
import type { ProblemCode } from '../../schema/problem.ts'

/** `required`: without it a body with no content type would pass as `{}`. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true as const, content: { 'application/json': { schema } } },
})

/** The problems of any JSON body, whatever it is for. */
export const bodyCodes = [
  'invalid_json',
  'payload_too_large',
  'unsupported_media_type',
  'validation_failed',
] as const satisfies ProblemCode[]

export const jsonAnswer = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
})
