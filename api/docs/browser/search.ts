/** Finds entries of the documentation by the words of a query. Pure. */
export type SearchEntry = {
  kind: 'Guide' | 'API' | 'Problem' | 'Cause' | 'Mail program'
  title: string
  /** Title of the page that contains the section. */
  page?: string
  path: string
  /** Names, numbers and first sentences by which people search. */
  words: string
  text: string
}

const MOST_RESULTS = 12
/** Limit per page: otherwise, a common word finds only the sections of one page. */
const MOST_SECTIONS = 2
/** Share of the best score below which an entry has too little to do with the query. */
const LEAST_SHARE = 0.08

/** Stems of words that many titles contain, but that do not show the topic. */
export const COMMON = new Set(
  stemsOf(
    'a an and are at but can do does for from get has have how i if in is it its me my next not of on or our so than that the there this to up was we what when which who why with you your',
  ),
)

/** Groups of words that readers use for one thing, by their stems. */
const SYNONYMS = [
  'notify alert inform warn',
  'update upgrade',
  'delete remove revoke leave',
  'limit restrict',
  'valid expire life',
  'administrator admin',
  'permission scope right',
  'organisation tenant company',
  'person employee user owner',
  'wrong different other',
  'host server machine',
  'program application client',
  'difference compare versus',
  'copy backup',
  'move migrate',
  'fail refuse reject',
].map(stemsOf)

/** Points for a word of the query, by the place where it is found. */
const POINTS = { title: 12, words: 8, page: 4, text: 4 } as const
const FIELDS = Object.keys(POINTS) as (keyof typeof POINTS)[]
/**
 * Number of distinct stems above which a match in the text counts half or less, since long texts contain every word.
 */
const LONG_TEXT = 80

/**
 * Returns the entries that best match the query, best first. They need not contain all of its words, since a pasted
 * error has words, such as ids, that are on no page. A word also matches longer words, other forms of it and, for less,
 * its synonyms. Rare words count more than common ones, and a match in a title counts more if the title has few other
 * words.
 */
export function findEntries(entries: readonly SearchEntry[], query: string): SearchEntry[] {
  const stems = [...new Set(stemsOf(query))].filter((stem) => !COMMON.has(stem))
  const pointsByEntry = entries.map((entry) => pointsOf(entry, stems))
  const weights = stems.map((_stem, position) => {
    const found = pointsByEntry.filter((points) => (points[position] ?? 0) > 0).length
    return found === 0 ? 0 : Math.log(1 + entries.length / found)
  })
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  const ranked = entries.map((entry, index) => {
    let [sum, covered] = [0, 0]
    for (const [position, points] of (pointsByEntry[index] ?? []).entries()) {
      const weight = weights[position] ?? 0
      sum += points * weight
      if (points > 0) covered += weight
    }
    const coverage = covered / (all || 1)
    return { entry, score: sum * coverage * (1 + shareIn(entry, stems)) }
  })
  const best = Math.max(...ranked.map(({ score }) => score), 0)
  return ranked
    .filter(({ score }) => score > 0 && score >= best * LEAST_SHARE)
    .sort((a, b) => b.score - a.score || a.entry.title.length - b.entry.title.length)
    .map(({ entry }) => entry)
    .filter(isAmongFirstOfPage)
    .slice(0, MOST_RESULTS)
}

/** Returns the share of the title's words that the query has, from 0 to 1; plus 1 if title or words contain the query as a phrase. */
function shareIn({ title, words }: SearchEntry, stems: readonly string[]): number {
  const all = stemsOf(title)
  const share = all.filter((stem) => stems.includes(stem)).length / Math.max(1, all.length)
  const phrases = ` ${all.join(' ')} | ${stemsOf(words).join(' ')} `
  return stems.length > 1 && phrases.includes(` ${stems.join(' ')}`) ? share + 1 : share
}

const isAmongFirstOfPage = ({ page }: SearchEntry, position: number, all: SearchEntry[]) =>
  page === undefined ||
  all.slice(0, position).filter((other) => other.page === page).length < MOST_SECTIONS

/** Returns the points of each stem. A synonym gets half of them. */
function pointsOf(entry: SearchEntry, stems: readonly string[]): number[] {
  const fields = FIELDS.map((field) => {
    const found = stemsOf(entry[field] ?? '')
    const rarity = field === 'text' ? LONG_TEXT / (LONG_TEXT + found.length) : 1
    return { points: POINTS[field] * rarity, found }
  })
  const points = (stem: string) =>
    Math.max(...fields.map((field) => field.points * nearness(field.found, stem)))
  return stems.map((stem) => {
    const synonyms = SYNONYMS.find((group) => group.includes(stem)) ?? []
    return Math.max(points(stem), ...synonyms.map((synonym) => points(synonym) / 2))
  })
}

/** Returns 2 for a whole word, 0.5 for the beginning of a word, and 0 for no match. */
const nearness = (found: readonly string[], stem: string): number =>
  found.includes(stem) ? 2 : found.some((each) => each.startsWith(stem)) ? 0.5 : 0

/**
 * Returns the stems of the words of a text. Words end at everything but letters and digits: `mail_account_id` is three words, a
 * number such as `5.7.139` is one. Without their common endings, "expires", "expired" and "expiry" have one stem.
 */
export function stemsOf(text: string): string[] {
  const words = text.toLowerCase().match(/\p{N}+(?:\.\p{N}+)+|[\p{L}\p{N}]+/gu) ?? []
  const ending = /(?<=[a-z]{4})(?:ations?|ions?|ing|ied|ies|ed|es|e|y|s)$|(?<=[a-z]{3})s$/
  return words.map((word) => word.replace(ending, ''))
}
