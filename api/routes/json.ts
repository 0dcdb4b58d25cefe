/** The two shapes that every route repeats: a JSON body and a JSON answer. */
import type { z } from 'zod'

/** `required`: without it a body with no content type would pass as `{}`. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true as const, content: { 'application/json': { schema } } },
})

export const jsonAnswer = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
})
