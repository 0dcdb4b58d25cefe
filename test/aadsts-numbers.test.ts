import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { catalogue } from '../api/diagnosis/catalogue/catalogue.ts'
import { root } from './projects.ts'

/**
 * Files that may repeat a number. The console and the sample reasons use numbers as examples. The meanings only say
 * which endpoint or page returns a number and how far the attempt got, not its cause.
 */
const NOT_JUDGED = ['api/console/', 'api/routes/to-problem.ts', 'api/diagnosis/parse/meanings/']

const withoutSamples = (text: string) =>
  text.replace(/^ {2}samples: \[(?:.*|[\s\S]*?^ {2})\],$/gm, '')

it('names each number of Entra in one file of the product', () => {
  const files = new Map<string, Set<string>>()
  const judged = globSync('api/**/*.{ts,tsx,js,css}', { cwd: root }).filter(
    (path) => !NOT_JUDGED.some((folder) => path.startsWith(folder)),
  )
  for (const path of judged) {
    for (const [number] of withoutSamples(readFileSync(root + path, 'utf8')).matchAll(
      /(?<![\w.-])(?:AADSTS)?\d{5,7}(?![\w.])/g,
    )) {
      const bare = number.replace('AADSTS', '')
      files.set(bare, (files.get(bare) ?? new Set()).add(path))
    }
  }
  const numbers = catalogue.flatMap(({ aadsts = [] }) => aadsts.flatMap((group) => group.numbers))
  expect(numbers.length).toBeGreaterThan(500)
  const scattered = numbers.flatMap((number) => {
    const found = [...(files.get(String(number)) ?? [])]
    return found.length === 1 ? [] : [`${number}: ${found.join(', ')}`]
  })
  expect(scattered).toEqual([])
})
