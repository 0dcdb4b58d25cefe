/** Small parts of sentences that many pages need. Pure. */

/** "1 account", "5 accounts". */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`

const conjunction = new Intl.ListFormat('en-GB')

/** "a", "a and b", "a, b and c". */
export const joined = (items: readonly string[]): string => conjunction.format(items)

/** Returns a text as the beginning of a sentence. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
