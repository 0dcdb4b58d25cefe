/** SEARCH (RFC 9051 section 6.4.4): criteria become one test of a message. */
import { type Argument, parseSet } from './arguments.ts'
import type { Message } from './folders.ts'
import { decodeWords, fieldOf, parsePart, textOf } from './mime.ts'

type Entry = { message: Message; number: number }
type Test = (entry: Entry) => boolean

const DAY_MS = 86_400_000
const contains = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase())

const fieldContains = ({ message }: Entry, name: string, text: string) => {
  const value = fieldOf(parsePart(message.raw), name)
  return value !== null && contains(decodeWords(value), text)
}
const bodyContains = ({ message }: Entry, text: string) =>
  contains(textOf(parsePart(message.raw)), text)

const FLAGS: Record<string, string> = {
  ANSWERED: '\\Answered',
  DELETED: '\\Deleted',
  DRAFT: '\\Draft',
  FLAGGED: '\\Flagged',
  SEEN: '\\Seen',
}

/** Returns the difference between a time and a date such as `1-Feb-2026`, in whole days. */
const daysBetween = (time: number, date: string) =>
  Math.floor(time / DAY_MS) - Math.floor(Date.parse(`${date} UTC`) / DAY_MS)

const sentAt = ({ message }: Entry) => Date.parse(fieldOf(parsePart(message.raw), 'date') ?? '')

const COMPARISONS: Record<string, (days: number) => boolean> = {
  BEFORE: (days) => days < 0,
  ON: (days) => days === 0,
  SINCE: (days) => days >= 0,
}

/** Criteria with one string: `FROM "alice"`. */
const WITH_TEXT: Record<string, (text: string) => Test> = {
  BODY: (text) => (entry) => bodyContains(entry, text),
  TEXT: (text) => (entry) =>
    bodyContains(entry, text) || contains(decodeWords(parsePart(entry.message.raw).header), text),
  KEYWORD: (flag) => (entry) => entry.message.flags.has(flag),
  UNKEYWORD: (flag) => (entry) => !entry.message.flags.has(flag),
  LARGER: (size) => (entry) => entry.message.raw.length > Number(size),
  SMALLER: (size) => (entry) => entry.message.raw.length < Number(size),
  ...Object.fromEntries(
    ['BCC', 'CC', 'FROM', 'SUBJECT', 'TO'].map((name) => [
      name,
      (text: string): Test =>
        (entry) =>
          fieldContains(entry, name, text),
    ]),
  ),
}

/**
 * Returns the test that all criteria pass, or null if one is malformed. `last` holds the highest
 * sequence number and UID, for `*`.
 */
export function parseCriteria(
  criteria: readonly Argument[],
  last: { number: number; uid: number },
): Test | null {
  const rest = [...criteria]
  const nextText = () => {
    const argument = rest.shift()
    return typeof argument === 'string' ? Buffer.from(argument, 'latin1').toString('utf8') : null
  }
  const nextTest = (): Test | null => {
    const key = rest.shift()
    if (key === undefined) return null
    if (typeof key !== 'string') return parseCriteria(key, last)
    const name = key.toUpperCase()
    if (name === 'ALL' || name === 'OLD') return () => true
    if (name === 'NEW' || name === 'RECENT') return () => false
    const flag = FLAGS[name.replace(/^UN/, '')]
    if (flag) return ({ message }) => message.flags.has(flag) !== name.startsWith('UN')
    if (name === 'NOT') {
      const test = nextTest()
      return test && ((entry) => !test(entry))
    }
    if (name === 'OR') {
      const [first, second] = [nextTest(), nextTest()]
      return first && second && ((entry) => first(entry) || second(entry))
    }
    const set = parseSet(name, last.number)
    if (set) return ({ number }) => set(number)
    const text = nextText()
    if (text === null) return null
    if (name === 'UID') {
      const uids = parseSet(text, last.uid)
      return uids && (({ message }) => uids(message.uid))
    }
    if (name === 'HEADER') {
      const value = nextText()
      return value === null ? null : (entry) => fieldContains(entry, text, value)
    }
    const compare = COMPARISONS[name.replace(/^SENT/, '')]
    if (compare) {
      const timeOf = name.startsWith('SENT') ? sentAt : (entry: Entry) => +entry.message.date
      return (entry) => compare(daysBetween(timeOf(entry), text))
    }
    return WITH_TEXT[name]?.(text) ?? null
  }
  const tests: Test[] = []
  while (rest.length > 0) {
    const test = nextTest()
    if (!test) return null
    tests.push(test)
  }
  return (entry) => tests.every((test) => test(entry))
}
