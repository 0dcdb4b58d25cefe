/**
 * Shortens texts that are longer than the program that reads them accepts. They lose their middle, because pages have
 * errors at the beginning and logs at the end. Every step is linear.
 */

/** Longest input that is read, in UTF-16 units. The contract allows 64 KiB; the rest is cut. */
const MOST_INPUT = 64 * 1024
/** Longest text that the patterns of the catalogue see. */
const MOST_TEXT = 12 * 1024
const LONGEST_LINE = 2000
/** Share of the beginning in the shortened text. */
const HEAD = 0.6

/** Matches a line of a long log that is worth reading. */
const INFORMATIVE =
  /aadsts|error|fail|denied|refus|reject|invalid|expired|throttl|timed? ?out|unable|can(?:no|')t|authenticat|consent|exception|certificate|approval|\b(?:no|bad|bye|4\d\d|5\d\d)\b/i

/** Returns at most 64 Ki UTF-16 units of a text. */
export function withoutMiddle(text: string): string {
  if (text.length <= MOST_INPUT) return text
  const head = MOST_INPUT * HEAD
  return `${text.slice(0, head)}\n${text.slice(head - MOST_INPUT)}`
}

/** Returns a short text as it is, and of a long one its latest informative lines. */
export function excerpt(text: string): string {
  if (text.length <= MOST_TEXT) return text
  const lines = linesOf(text, LONGEST_LINE)
  const informative = lines.filter((line) => INFORMATIVE.test(line))
  const chosen: string[] = []
  let left = MOST_TEXT
  for (const line of (informative.length > 0 ? informative : lines).reverse()) {
    if (line.length > left) continue
    chosen.push(line)
    left -= line.length + 1
  }
  return chosen.reverse().join('\n')
}

/** Splits a text into its lines, and longer ones into several. Empty lines are left out. */
export const linesOf = (text: string, longest: number): string[] =>
  text.match(new RegExp(`.{1,${longest}}`, 'gu')) ?? []

/** Returns the first and the last lines of a text, with a mark between them, if all of them are larger than `most`. */
export function fitLines(
  lines: readonly string[],
  most: number,
  sizeOf: (line: string) => number,
): readonly string[] {
  if (takeUpTo(most, lines, sizeOf).length === lines.length) return lines
  const room = most - sizeOf(MARK)
  const tail = takeUpTo(room * (1 - HEAD), lines.toReversed(), sizeOf)
  return [...takeUpTo(room * HEAD, lines, sizeOf), MARK, ...tail.toReversed()]
}

const MARK = '[...]'

function takeUpTo(
  size: number,
  lines: readonly string[],
  sizeOf: (line: string) => number,
): readonly string[] {
  let left = size
  const end = lines.findIndex((line) => {
    left -= sizeOf(line)
    return left < 0
  })
  return end < 0 ? lines : lines.slice(0, end)
}
