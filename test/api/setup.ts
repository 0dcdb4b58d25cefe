// Before any schema: it gives zod the methods that the OpenAPI document is made with, and files share an isolate.
import '@hono/zod-openapi'
import { afterAll, expect } from 'vitest'
import { newScans } from './query-plans.ts'

afterAll(async () => {
  expect(await newScans(), 'statements that read a whole table (test/api/query-plans.ts)').toEqual(
    [],
  )
})
