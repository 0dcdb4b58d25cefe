import { expect, it } from 'vitest'
import { hasWords } from '../../../../api/console/ui/search.ts'

const text = 'Support inbox support@contoso.test Sales'

it.each([
  ['', true],
  ['  ', true],
  ['SUPPORT', true],
  ['sales support', true],
  ['support@contoso', true],
  ['support brand', false],
])('a text has the words of "%s": %s', (search, has) => {
  expect(hasWords(text, search)).toBe(has)
})
