import { afterAll, expect } from 'vitest'
import { newScans } from './query-plans.ts'

afterAll(async () => {
  expect(await newScans(), 'statements that read a whole table (test/api/query-plans.ts)').toEqual(
    [],
  )
})
