import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { root } from '../source-files.ts'
import { assumptions } from './assumptions.ts'

it('give a source that has a date, and a file that exists', () => {
  const wrong = Object.entries(assumptions).filter(
    ([, { source, file }]) =>
      !existsSync(root + file) ||
      !URL.canParse(source.url) ||
      !/^20\d\d-\d\d(?:-\d\d)?$/.test(source.date),
  )
  expect(wrong.map(([id]) => id)).toEqual([])
})
