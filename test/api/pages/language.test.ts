import { describe, expect, it } from 'vitest'
import { textsFor } from '../../../api/pages/texts/language.ts'

describe('the language of a page', () => {
  it.each([
    ['none', undefined, 'en'],
    ['an empty header', '', 'en'],
    ['one language', 'de', 'de'],
    ['a region', 'de-AT', 'de'],
    ['a region and a script', 'ja-Jpan-JP', 'ja'],
    ['capitals', 'FR-ca', 'fr'],
    ['the header of a browser', 'es-MX,es;q=0.9,en-US;q=0.8,en;q=0.7', 'es'],
    ['weights in another order', 'en;q=0.5, fr;q=0.9, de;q=0.7', 'fr'],
    ['equal weights', 'ja;q=0.8, de;q=0.8', 'ja'],
    ['spaces around the weight', 'fr ; q=0.2 , es ; q=0.3', 'es'],
    ['a language that is not offered', 'zh-CN, zh;q=0.9', 'en'],
    ['one that is not offered before one that is', 'zh, pt;q=0.9, de;q=0.4', 'de'],
    ['a language that is refused', 'de;q=0', 'en'],
    ['one refused and one accepted', 'de;q=0, fr;q=0.1', 'fr'],
    ['any', '*', 'en'],
    ['any but one', 'de;q=0, *', 'en'],
    ['a property of objects', 'constructor, __proto__', 'en'],
    ['nonsense', ';;q=,,=;"', 'en'],
  ])('follows the header: %s', (_case, header, language) => {
    expect(textsFor(header).lang).toBe(language)
  })

  it('is found quickly in a header of 8 KB', () => {
    const header = Array.from({ length: 800 }, (_, index) => `x${index};q=0.9`).join(',')
    expect(textsFor(`${header},de`).lang).toBe('de')
  })
})
