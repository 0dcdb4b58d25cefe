/**
 * Bounds the steps that a regular expression can take: a static check that no text can make the diagnosis slow.
 * It reads the syntax that this repository uses.
 */

/** Code units below 128, and one element for all others. */
type CharacterSet = ReadonlySet<number>

type Pattern =
  | { type: 'set'; characters: CharacterSet }
  | { type: 'assertion' }
  | { type: 'sequence'; items: Pattern[] }
  | { type: 'choice'; options: Pattern[] }
  | { type: 'repeat'; item: Pattern; min: number; max: number }

const OTHERS = 128
/** Length of the longest text that the patterns of the diagnosis see. */
const LONGEST_TEXT = 12 * 1024

const ALL = Array.from({ length: OTHERS + 1 }, (_, code) => code)
const setOf = (holds: (character: string) => boolean, others: boolean): CharacterSet =>
  new Set(ALL.filter((code) => (code === OTHERS ? others : holds(String.fromCharCode(code)))))
const without = (characters: CharacterSet): CharacterSet =>
  new Set(ALL.filter((code) => !characters.has(code)))
const union = (...sets: readonly CharacterSet[]): CharacterSet =>
  new Set(sets.flatMap((characters) => [...characters]))

const DIGIT = setOf((character) => /\d/.test(character), false)
const WORD = setOf((character) => /\w/.test(character), false)
const SPACE = setOf((character) => /\s/.test(character), true)
const ANY = setOf((character) => character !== '\n', true)
const CLASSES: Record<string, CharacterSet> = {
  d: DIGIT,
  D: without(DIGIT),
  w: WORD,
  W: without(WORD),
  s: SPACE,
  S: new Set([...without(SPACE), OTHERS]),
}
const CONTROLS: Record<string, string> = { n: '\n', r: '\r', t: '\t', 0: '\0' }

/** Parses a pattern by recursive descent. */
function parse(source: string, ignoreCase: boolean): Pattern {
  let at = 0
  const accepts = (text: string) => {
    if (!source.startsWith(text, at)) return false
    at += text.length
    return true
  }
  const isCode = (character: string) => {
    const code = character.charCodeAt(0)
    return code < OTHERS ? [code] : [OTHERS]
  }
  const single = (character: string): CharacterSet =>
    new Set(
      ignoreCase
        ? [...isCode(character.toLowerCase()), ...isCode(character.toUpperCase())]
        : isCode(character),
    )

  function choice(): Pattern {
    const options = [sequence()]
    while (accepts('|')) options.push(sequence())
    const [only] = options
    return options.length === 1 && only ? only : { type: 'choice', options }
  }

  function sequence(): Pattern {
    const items: Pattern[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') items.push(repeat())
    return { type: 'sequence', items }
  }

  function repeat(): Pattern {
    const item = atom()
    const match = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(source.slice(at))
    if (!match) return item
    at += match[0].length
    const [, sign, low, comma, high] = match
    if (sign)
      return { type: 'repeat', item, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity }
    const min = Number(low)
    return { type: 'repeat', item, min, max: !comma ? min : high ? Number(high) : Infinity }
  }

  function atom(): Pattern {
    for (const look of ['(?=', '(?!', '(?<=', '(?<!']) {
      if (accepts(look)) {
        choice()
        accepts(')')
        return { type: 'assertion' }
      }
    }
    if (accepts('(?:') || accepts('(')) {
      const inner = choice()
      if (!accepts(')')) throw new Error(`Unclosed group in ${source}`)
      return inner
    }
    if (accepts('^') || accepts('$') || accepts('\\b') || accepts('\\B'))
      return { type: 'assertion' }
    if (accepts('[')) return { type: 'set', characters: characterClass() }
    if (accepts('.')) return { type: 'set', characters: ANY }
    if (accepts('\\')) return { type: 'set', characters: escaped() }
    return { type: 'set', characters: single(source[at++] ?? '') }
  }

  function escaped(): CharacterSet {
    const letter = source[at++] ?? ''
    if (letter === 'u' || letter === 'x') {
      const digits = letter === 'u' ? 4 : 2
      const code = Number.parseInt(source.slice(at, at + digits), 16)
      at += digits
      return single(String.fromCharCode(code))
    }
    if (letter === 'p' || letter === 'P') {
      at = source.indexOf('}', at) + 1
      return new Set(ALL)
    }
    return CLASSES[letter] ?? single(CONTROLS[letter] ?? letter)
  }

  function characterClass(): CharacterSet {
    const negated = accepts('^')
    let found: CharacterSet = new Set()
    while (!accepts(']')) {
      const first = accepts('\\') ? escaped() : single(source[at++] ?? '')
      if (source[at] === '-' && source[at + 1] !== ']' && first.size <= 2) {
        at += 1
        const last = accepts('\\') ? escaped() : single(source[at++] ?? '')
        const [low, high] = [Math.min(...first), Math.max(...last)]
        const range = ALL.filter((code) => code >= low && code <= high)
        found = union(found, ...range.map((code) => single(String.fromCharCode(code))))
      } else found = union(found, first)
    }
    return negated ? new Set([...without(found), OTHERS]) : found
  }

  return choice()
}

const isNullable = (pattern: Pattern): boolean => {
  switch (pattern.type) {
    case 'set':
      return false
    case 'assertion':
      return true
    case 'sequence':
      return pattern.items.every(isNullable)
    case 'choice':
      return pattern.options.some(isNullable)
    case 'repeat':
      return pattern.min === 0 || isNullable(pattern.item)
  }
}

/** Returns the characters with which a match can begin. */
function firstOf(pattern: Pattern): CharacterSet {
  switch (pattern.type) {
    case 'set':
      return pattern.characters
    case 'assertion':
      return new Set()
    case 'sequence':
      return firstOfItems(pattern.items, new Set())
    case 'choice':
      return union(...pattern.options.map(firstOf))
    case 'repeat':
      return firstOf(pattern.item)
  }
}

function firstOfItems(items: readonly Pattern[], follow: CharacterSet): CharacterSet {
  const end = items.findIndex((item) => !isNullable(item))
  const seen = end < 0 ? items : items.slice(0, end + 1)
  return union(...seen.map(firstOf), end < 0 ? follow : new Set())
}

const overlaps = (a: CharacterSet, b: CharacterSet) => [...a].some((code) => b.has(code))

const leastLength = (pattern: Pattern): number => {
  switch (pattern.type) {
    case 'set':
      return 1
    case 'assertion':
      return 0
    case 'sequence':
      return pattern.items.reduce((sum, item) => sum + leastLength(item), 0)
    case 'choice':
      return Math.min(...pattern.options.map(leastLength))
    case 'repeat':
      return pattern.min * leastLength(pattern.item)
  }
}

/** Returns the least length of a match up to the next long repetition. */
function lengthOfNext(rest: readonly Pattern[]): number {
  const end = rest.findIndex((item) => item.type === 'repeat' && item.max > 1)
  const next = end < 0 ? rest : rest.slice(0, end)
  return next.reduce((sum, item) => sum + leastLength(item), 0)
}

/** `ways`: ends of the match, from each of which the rest is tried. `steps`: characters read to find them. */
type Cost = { ways: number; steps: number }

function costOf(pattern: Pattern, follow: CharacterSet): Cost {
  switch (pattern.type) {
    case 'set':
      return { ways: 1, steps: 1 }
    case 'assertion':
      return { ways: 1, steps: 0 }
    case 'sequence': {
      let [ways, steps] = [1, 0]
      pattern.items.forEach((item, index) => {
        const rest = pattern.items.slice(index + 1)
        const cost = costOf(item, firstOfItems(rest, follow))
        steps += ways * cost.steps
        // Text that must follow a repetition can occur in it only once per length of that text.
        ways *= Math.ceil(cost.ways / Math.max(1, lengthOfNext(rest)))
      })
      return { ways, steps }
    }
    case 'choice': {
      const costs = pattern.options.map((option) => costOf(option, follow))
      return {
        ways: Math.max(...costs.map(({ ways }) => ways)),
        steps: Math.max(...costs.map(({ steps }) => steps)),
      }
    }
    case 'repeat':
      return costOfRepeat(pattern, follow)
  }
}

function costOfRepeat(
  { item, min, max }: Extract<Pattern, { type: 'repeat' }>,
  follow: CharacterSet,
): Cost {
  const most = Math.min(max, LONGEST_TEXT)
  const first = firstOf(item)
  const again = costOf(item, first)
  const last = costOf(item, follow)
  const ends = overlaps(first, follow) ? most - min + 1 : 1
  // A body that can end in several places before the next repetition multiplies its ways with each.
  const rounds = most === 1 ? 1 : again.ways ** (most - 1)
  return { ways: rounds * ends * last.ways, steps: rounds * most * last.steps }
}

/**
 * Returns the most steps, per character of a text, that a search for the pattern can take. A pattern that
 * begins with `^` is tried once, all others at each character.
 */
export function stepsPerCharacter({ source, flags }: { source: string; flags: string }): number {
  const pattern = parse(source, flags.includes('i'))
  const options = pattern.type === 'choice' ? pattern.options : [pattern]
  const steps = options.map((option) => costOf(withoutLastRepeat(option), new Set()).steps)
  const isAnchored = source.startsWith('^') && options.length === 1 && !flags.includes('m')
  return Math.max(...steps) / (isAnchored ? LONGEST_TEXT : 1)
}

/** Omits a repetition at the very end, since nothing after it can fail. */
function withoutLastRepeat(pattern: Pattern): Pattern {
  if (pattern.type !== 'sequence') return pattern
  const last = pattern.items.at(-1)
  if (last?.type !== 'repeat') return pattern
  const needed = Array.from({ length: last.min }, () => last.item)
  return { type: 'sequence', items: [...pattern.items.slice(0, -1), ...needed] }
}
