import { expect, it } from 'vitest'
import { isSafeLink } from '../../../../api/console/ui/plain-text.ts'

it.each([
  ['https://entra.microsoft.com/', true],
  ['http://entra.microsoft.com/', false],
  ['javascript:alert(1)', false],
  ['#/diagnosis', false],
])('%s leads out of the console: %s', (url, leads) => {
  expect(isSafeLink(url)).toBe(leads)
})
