/** Finds entries of the documentation by the words of a query. Pure. */
export type SearchEntry = {
  kind: 'Guide' | 'API' | 'Problem' | 'Cause' | 'Mail program'
  title: string
  /** Title of the page whose section it is. */
  page?: string
  path: string
  /** Names and numbers by which people look for it. */
  words: string
  text: string
}

const MOST_RESULTS = 12
/** Otherwise the sections of one page would be all that a common word finds. */
const MOST_SECTIONS = 2

/** Points for a word of the query, by the place where it is found. */
const POINTS = { title: 12, words: 10, page: 3, text: 2 } as const
const FIELDS = Object.keys(POINTS) as (keyof typeof POINTS)[]

/**
 * Returns the entries in which the most words of the query are found, best first: a pasted error has words, such
 * as ids, that no page has. A word also finds longer ones.
 */
export function findEntries(entries: readonly SearchEntry[], query: string): SearchEntry[] {
  const words = [...new Set(wordsOf(query))]
  const ranked = entries.map((entry) => {
    const points = pointsOf(entry, words)
    return {
      entry,
      found: points.filter((each) => each > 0).length,
      points: points.reduce((sum, each) => sum + each, 0),
    }
  })
  const most = Math.max(1, ...ranked.map(({ found }) => found))
  return ranked
    .filter(({ found }) => found === most)
    .sort((a, b) => b.points - a.points)
    .map(({ entry }) => entry)
    .filter(isAmongFirstOfPage)
    .slice(0, MOST_RESULTS)
}

const isAmongFirstOfPage = ({ page }: SearchEntry, position: number, all: SearchEntry[]) =>
  page === undefined ||
  all.slice(0, position).filter((other) => other.page === page).length < MOST_SECTIONS

/** Returns the points of each word. */
function pointsOf(entry: SearchEntry, words: readonly string[]): number[] {
  const fields = FIELDS.map((field) => ({
    points: POINTS[field],
    text: (entry[field] ?? '').toLowerCase(),
    words: wordsOf(entry[field] ?? ''),
  }))
  return words.map((word) =>
    Math.max(...fields.map((field) => field.points * nearness(field.text, field.words, word))),
  )
}

/** Returns 2 for the word itself, 1 for the beginning of a word, and a little for the part of one. */
function nearness(text: string, words: readonly string[], word: string): number {
  if (words.includes(word)) return 2
  if (words.some((each) => each.startsWith(word))) return 1
  return word.length > 2 && text.includes(word) ? 0.25 : 0
}

/** Splits at everything but letters and digits: `mail_account_id` is three words, `5.7.139` too. */
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
