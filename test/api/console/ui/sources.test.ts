import { expect, it } from 'vitest'
import { isSafeLink, sourceNames } from '../../../../api/console/ui/sources.ts'

it('a source is called after its site, a thread at GitHub after its repository and number', () => {
  expect(
    sourceNames([
      'https://learn.microsoft.com/exchange',
      'https://github.com/owner/mail-program/issues/12',
      'https://github.com/owner/mail-program',
    ]),
  ).toEqual(['learn.microsoft.com', 'owner/mail-program#12', 'github.com'])
})

it('numbers the second and third source of one name; what is no address is its own name', () => {
  const urls = ['one', 'two', 'three'].map((page) => `https://learn.microsoft.com/${page}`)
  expect(sourceNames([...urls, 'RFC 7628'])).toEqual([
    'learn.microsoft.com',
    'learn.microsoft.com (2)',
    'learn.microsoft.com (3)',
    'RFC 7628',
  ])
})

it.each([
  ['https://entra.microsoft.com/', true],
  ['http://entra.microsoft.com/', false],
  ['javascript:alert(1)', false],
  ['#/diagnosis', false],
])('%s leads out of the console: %s', (url, leads) => {
  expect(isSafeLink(url)).toBe(leads)
})
