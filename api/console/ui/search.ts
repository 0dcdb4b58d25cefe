/** Searching a long list by what is typed. Pure. */

/** More than fit beside each other on a screen. */
export const MANY = 8

/** Every word of `search` must be somewhere in the text, in any order and case. */
export function hasWords(text: string, search: string): boolean {
  const where = text.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => where.includes(word))
}
