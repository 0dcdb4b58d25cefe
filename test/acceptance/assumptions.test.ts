import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { root } from '../source-files.ts'
import { all } from './assumptions.ts'
import { assumptionsPage, GUIDE, provenSentence } from './assumptions-page.ts'

const read = (path: string) => readFileSync(root + path, 'utf8')

it('give a source that has a date, and a file that exists', () => {
  const wrong = all.filter(
    ([, { source, file }]) =>
      !existsSync(root + file) ||
      !URL.canParse(source.url) ||
      !/^20\d\d-\d\d(?:-\d\d)?$/.test(source.date),
  )
  expect(wrong.map(([id]) => id)).toEqual([])
})

/** Returns the file without comments, on which no behaviour depends. */
const codeOf = (path: string) =>
  path.endsWith('.ts')
    ? read(path).replaceAll(/^ *(?:\/\*\*[\s\S]*?\*\/|\/\/.*)$/gm, '')
    : read(path)

/** Returns true if the code has this text, with no digit beside it, so that 50011 is not found in 500112. */
const hasWhole = (code: string, text: string) =>
  new RegExp(`(?<!\\d)${text.replaceAll(/[^\w\s]/g, String.raw`\$&`)}(?!\\d)`).test(code)

it('are tied to a text outside comments in the file that relies on them', () => {
  const loose = all.filter(([, { file, code }]) => !hasWhole(codeOf(file), code))
  expect(loose.map(([id]) => id)).toEqual([])
})

it("contain only Entra's numbers that the catalogue has", () => {
  const numbers = all.flatMap(([id, { statement }]) =>
    [...statement.matchAll(/AADSTS(\d+)/g)].map(([, number = '']) => [id, number] as const),
  )
  const catalogue = globSync('api/diagnosis/catalogue/**/*.ts', { cwd: root }).map(read)
  const unknown = numbers.filter(
    ([, number]) => !new RegExp(`\\b${number}\\b`).test(catalogue.join('\n')),
  )
  expect(unknown).toEqual([])
})

it('are verified only by a transcript of a real tenant', () => {
  const unproven = all.filter(
    ([, { source }]) =>
      source.standing === 'verified' &&
      (source.transcript === undefined ||
        !existsSync(`${root}test/acceptance/transcripts/${source.transcript}`) ||
        source.transcript.startsWith('sandbox')),
  )
  expect(unproven).toEqual([])
})

it('have a guide, which assumptions-page.ts writes', () => {
  expect(read(GUIDE)).toBe(assumptionsPage())
})

it('are summed up in the README', () => {
  expect(read('README.md').replaceAll(/\s+/g, ' ')).toContain(provenSentence())
})
