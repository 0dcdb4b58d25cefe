/** Search in a long list. Pure. */

/** Number of entries from which a list gets a search field. */
export const MANY = 8

/** Returns true if the text contains every word of `search`, in any order and case. */
export function matchesSearch(text: string, search: string): boolean {
  const where = text.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => where.includes(word))
}
