import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { root } from '../source-files.ts'
import { assumptions } from './assumptions.ts'

it('name each statement once, with a source that has a date and a file that exists', () => {
  const ids = assumptions.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const wrong = assumptions.filter(
    ({ date, file, source }) =>
      !existsSync(root + file) || !URL.canParse(source) || !/^20\d\d-\d\d(?:-\d\d)?$/.test(date),
  )
  expect(wrong.map(({ id }) => id)).toEqual([])
})
