/** Choice of the language of a page. */
import { parseAccept } from 'hono/utils/accept'
import { de } from './de.ts'
import { en, type Texts } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { ja } from './ja.ts'
import type { Language } from './texts.ts'

export const languages: Record<Language, Texts> = { en, de, fr, es, ja }

const isOffered = (tag: string): tag is Language => Object.hasOwn(languages, tag)

/**
 * Returns the texts in the language that the reader prefers (RFC 9110 section 12.5.4, lookup of RFC 4647 section 3.4):
 * `de-AT` gets German, and languages without texts get English.
 */
export function textsFor(acceptLanguage: string | undefined): Texts {
  for (const { type, q } of parseAccept(acceptLanguage ?? '')) {
    const [tag = ''] = type.toLowerCase().split('-')
    if (q > 0 && isOffered(tag)) return languages[tag]
  }
  return en
}
