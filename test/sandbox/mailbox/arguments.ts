/** The arguments of IMAP commands (RFC 9051 section 9). */

/** An atom or string, or a parenthesised list. */
export type Argument = string | readonly Argument[]

const token = /\(|\)|"([^"\\]*(?:\\.[^"\\]*)*)"|(?:[^\s()"[]|\[[^\]]*\])+/gs

/** Parses atoms, quoted strings and lists. `BODY[HEADER.FIELDS (DATE)]<0.9>` is one atom. Returns null on unbalanced parentheses. */
export function parseArguments(text: string): Argument[] | null {
  const lists: Argument[][] = [[]]
  for (const [found, quoted] of text.matchAll(token)) {
    const list = lists.at(-1)
    if (found === '(') lists.push([])
    else if (found === ')') {
      lists.pop()
      if (!list || lists.length === 0) return null
      lists.at(-1)?.push(list)
    } else list?.push(quoted === undefined ? found : quoted.replace(/\\(.)/gs, '$1'))
  }
  return lists.length === 1 ? (lists[0] ?? null) : null
}

/** Returns a test of membership in a sequence set such as `1:3,7,9:*`, or null if it is malformed. */
export function parseSet(text: string, highest: number): ((value: number) => boolean) | null {
  if (!/^(?:\d+|\*)(?::(?:\d+|\*))?(?:,(?:\d+|\*)(?::(?:\d+|\*))?)*$/.test(text)) return null
  const ranges = text.split(',').map((range) => {
    const ends = range.split(':').map((end) => (end === '*' ? highest : Number(end)))
    return [Math.min(...ends), Math.max(...ends)] as const
  })
  return (value) => ranges.some(([first, last]) => value >= first && value <= last)
}

/** Encodes a string for an answer: NIL, quoted, or as a literal if it cannot be quoted. */
export function nstring(text: string | null): string {
  if (text === null) return 'NIL'
  if (/^[\x20-\x7e]*$/.test(text)) return `"${text.replace(/["\\]/g, '\\$&')}"`
  return literal(text)
}

export const literal = (text: string): string => `{${text.length}}\r\n${text}`
