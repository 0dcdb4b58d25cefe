/** Meanings: sentences of Microsoft's sign-in pages. */
import type { Meaning } from './meaning.ts'

/** Numbers of Entra that people see on a page; its token endpoint rarely gives them. */
export const PAGE_NUMBERS: readonly number[] = [
  16000, 16001, 16002, 16003, 50011, 50020, 50056, 50058, 50105, 65001, 65004, 65005, 70001, 90008,
  90093, 90094, 90095, 500113, 650051, 650052, 650053, 650054, 650056, 650057, 900971,
]

/** Matches one of Entra's numbers with its prefix. */
const entra = (...numbers: readonly number[]) =>
  new RegExp(`\\baadsts[ :_-]{0,2}0{0,3}(?:${numbers.join('|')})(?!\\d)`)

const row = (name: string, patterns: readonly RegExp[]): Meaning => ({
  name,
  speaker: 'sign_in_page',
  stage: 'authorize',
  patterns,
})

export const signInPageMeanings: readonly Meaning[] = [
  row('consent-missing', [
    entra(65001, 65004),
    /(?<![a-z])access_?denied(?:error)?(?![a-z])/,
    /\buser (?:has )?(?:declined|denied)\b|\bresource owner or authorization server denied/,
    /\buser consent\b.{0,30}\bneeded\b/,
  ]),
  row('interaction-required', [
    /\borgani[sz]ation needs more information to keep your account secure/,
  ]),
  row('redirect-mismatch', [entra(50011)]),
  row('entra-number', [entra(...PAGE_NUMBERS)]),
]
