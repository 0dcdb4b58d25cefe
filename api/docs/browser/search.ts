/** Finds entries of the documentation by the words of a query. Pure. */
export type SearchEntry = {
  kind: 'Guide' | 'API' | 'Problem' | 'Cause' | 'Mail program'
  title: string
  /** Title of the page whose section it is. */
  page?: string
  path: string
  /** Names and numbers that people search for. */
  words: string
  text: string
}

const MOST_RESULTS = 12
/** Limit per page: otherwise, a common word finds only the sections of one page. */
const MOST_SECTIONS = 2

/** Words that say nothing about the topic, though many titles contain them. */
const COMMON = new Set(
  'a an and are but can do does for from has how i in is it my not of on or the to was what when why with'.split(
    ' ',
  ),
)

/** Points for a word of the query, by the place where it is found. */
const POINTS = { title: 12, words: 10, page: 3, text: 2 } as const
const FIELDS = Object.keys(POINTS) as (keyof typeof POINTS)[]

/**
 * Returns the entries that contain the most words of the query, best first. They need not contain all: a pasted
 * error has words, such as ids, that are on no page. A word also matches longer words. Rare words count more than
 * common ones, and a match in a title counts more if the title has few other words.
 */
export function findEntries(entries: readonly SearchEntry[], query: string): SearchEntry[] {
  const typed = wordsOf(query)
  const telling = typed.filter((word) => !COMMON.has(word))
  const words = [...new Set(telling.length > 0 ? telling : typed)]
  const pointsByEntry = entries.map((entry) => pointsOf(entry, words))
  const weights = words.map((_word, position) => {
    const found = pointsByEntry.filter((points) => (points[position] ?? 0) > 0).length
    return Math.log(1 + entries.length / Math.max(1, found))
  })
  const ranked = entries.map((entry, index) => {
    const points = pointsByEntry[index] ?? []
    const sum = points.reduce((all, each, position) => all + each * (weights[position] ?? 0), 0)
    return {
      entry,
      found: points.filter((each) => each > 0).length,
      score: sum * (1 + shareIn(entry.title, words)),
    }
  })
  const most = Math.max(1, ...ranked.map(({ found }) => found))
  return ranked
    .filter(({ found }) => found === most)
    .sort((a, b) => b.score - a.score || a.entry.title.length - b.entry.title.length)
    .map(({ entry }) => entry)
    .filter(isAmongFirstOfPage)
    .slice(0, MOST_RESULTS)
}

/** Returns the share of the title's words that the query has, from 0 to 1; plus 1 if the title contains the query as a phrase. */
function shareIn(title: string, words: readonly string[]): number {
  const all = wordsOf(title)
  const share = all.filter((word) => words.includes(word)).length / Math.max(1, all.length)
  const isPhrase = words.length > 1 && ` ${all.join(' ')} `.includes(` ${words.join(' ')}`)
  return isPhrase ? share + 1 : share
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

/** Returns 2 for a whole word, 1 for the beginning of a word, 0.25 for another part of one, and 0 for no match. */
function nearness(text: string, words: readonly string[], word: string): number {
  if (words.includes(word)) return 2
  if (words.some((each) => each.startsWith(word))) return 1
  return word.length > 2 && text.includes(word) ? 0.25 : 0
}

/**
 * Splits a text at everything but letters and digits: `mail_account_id` is three words, a number such as `5.7.139` is
 * one. Drops the plural "s".
 */
const wordsOf = (text: string): string[] =>
  (text.toLowerCase().match(/\p{N}+(?:\.\p{N}+)+|[\p{L}\p{N}]+/gu) ?? []).map((word) =>
    word.replace(/(?<=\p{L}{3})s$/u, ''),
  )
