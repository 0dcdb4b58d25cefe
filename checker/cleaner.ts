/**
 * Makes the text of a mail server safe to store and show: printable characters only, bounded length,
 * and without the credential if the server echoes it.
 */

// Whole terminal sequences (ESC ...) first; then control characters (C0, C1, DEL) and invisible ones
// that reorder or hide text (bidi controls, zero width, BOM, line separators).
// biome-ignore lint/suspicious/noControlCharactersInRegex: it removes control characters
const TERMINAL = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/g
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it removes control characters
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffd]+/g

function toPrintable(text: string): string {
  return text.replace(TERMINAL, ' ').replace(HIDDEN, ' ').replace(/\s+/g, ' ').trim()
}

function truncate(text: string, max: number): string {
  if (text.length <= max) return text.isWellFormed() ? text : text.toWellFormed()
  return `${text.slice(0, max - 1).toWellFormed()}…`
}

/** Returns printable text with whitespace collapsed, no secrets, and at most `max` UTF-16 units. */
export type Clean = (text: string | null | undefined, max: number) => string | null

/**
 * Creates a cleaner for the secrets of one probe. It removes every run of 16 or more characters of a secret, whatever
 * it is glued to, as it is or in base64, base64url, hex, percent or JSON encoding, since servers quote pieces of what
 * they reject. It removes shorter secrets as a whole. Case is ignored, because libraries change the case of response
 * codes. `messages` contain a secret and are only sent encoded, so their plain form, with the name of the mailbox,
 * stays. Linear in the length of the text.
 */
export function createCleaner(secrets: readonly string[], messages: readonly string[] = []): Clean {
  let finder: ((text: string) => Uint8Array | null) | undefined
  const find = (text: string) => {
    finder ??= createFinder([
      ...secrets.flatMap(encodings),
      ...messages.map((message) => toBase64(Buffer.from(message))),
    ])
    return finder(text)
  }
  return (text, max) => {
    if (text === null || text === undefined) return null
    // Truncates first, far beyond `max`, so that a 64 KiB line is not cleaned in full. Removes control
    // characters before secrets, so that one inside a secret cannot hide it.
    const printable = toPrintable(text.slice(0, max * 8))
    const found = printable.length < MIN_SECRET_LENGTH ? null : find(printable)
    return truncate(found === null ? printable : removeMarked(printable, found), max)
  }
}

/** Shortest run of a secret to remove, since shorter ones would match ordinary words. */
const MIN_RUN = 16
/** Shortest secret to remove as a whole. */
const MIN_SECRET_LENGTH = 4

/** Returns the forms in which a secret may be quoted; `toComparable` makes one of those of base64. */
function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret)
  // Base64 of a longer text that contains the secret depends on where it begins, modulo 3. Its first
  // character there also depends on what precedes, so a short secret is not found whole.
  const inside = [1, 2]
    .map((shift) => toBase64(Buffer.concat([Buffer.alloc(shift), bytes])).slice(shift + 1))
    .filter((form) => form.length >= MIN_RUN)
  return [
    secret,
    // In the form of a cleaned text, where spaces and invisible characters have changed.
    toPrintable(secret),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret.toWellFormed()),
    bytes.toString('hex'),
    toBase64(bytes),
    ...inside,
  ]
}

const toBase64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

type Range = { start: number; end: number }

/** Length of the indexed pieces. Each run of MIN_RUN contains one that begins at a multiple of STRIDE. */
const PIECE = 8
const STRIDE = MIN_RUN - PIECE + 1
/**
 * Most places of one piece in the secrets at which a longer match is looked for. A more frequent piece is removed even
 * without one.
 */
const MAX_PLACES = 32

/**
 * Indexes the pieces of the forms, which `all` joins with a line feed. Returns a function that finds where
 * in `all` the piece of `text` at `at` begins: at most MAX_PLACES + 1 of the places. The index is a hash
 * table in an array of numbers, since a Map from strings takes 300 kB for one token.
 */
function indexPieces(all: string, forms: readonly string[]) {
  const pieces = forms.reduce(
    (sum, { length }) => sum + Math.ceil((length - PIECE + 1) / STRIDE),
    0,
  )
  const mask = 2 ** Math.ceil(Math.log2(pieces + 1)) - 1
  // Numbers of pieces, from 1; each is followed by the next one with the same hash. 0 ends the list. 16 bits are
  // enough, since the longest secret of a ProbeRequest has half as many pieces.
  const first = new Uint16Array(mask + 1)
  const following = new Uint16Array(pieces + 1)
  const places = new Uint32Array(pieces + 1)
  let count = 0
  let offset = 0
  for (const form of forms) {
    for (let at = 0; at + PIECE <= form.length; at += STRIDE) {
      const hash = hashPiece(form, at) & mask
      count += 1
      places[count] = offset + at
      following[count] = first[hash] ?? 0
      first[hash] = count
    }
    offset += form.length + 1
  }

  return (text: string, at: number): readonly number[] => {
    let number = first[hashPiece(text, at) & mask] ?? 0
    if (number === 0) return NO_PLACES
    const piece = text.slice(at, at + PIECE)
    const found: number[] = []
    while (number !== 0 && found.length <= MAX_PLACES) {
      const place = places[number] ?? 0
      if (all.startsWith(piece, place)) found.push(place)
      number = following[number] ?? 0
    }
    return found
  }
}

const NO_PLACES: readonly number[] = []

function hashPiece(text: string, at: number): number {
  let hash = 0
  for (let index = at; index < at + PIECE; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash ^ (hash >>> 15)
}

/** Returns a function that marks the characters that belong to one of the forms; null if none does. */
function createFinder(forms: readonly string[]): (text: string) => Uint8Array | null {
  const comparable = [...new Set(forms.map(toComparable))].filter(
    (form) => form.length >= MIN_SECRET_LENGTH,
  )
  const short = comparable.filter((form) => form.length < MIN_RUN)
  const long = comparable.filter((form) => form.length >= MIN_RUN)
  // No cleaned text contains a line feed, so a run cannot reach from one form into the next.
  const all = long.join('\n')
  const placesOf = indexPieces(all, long)

  /** Returns the longest run in `text` that contains the piece at `at`. */
  function runAround(text: string, at: number): Range | null {
    const known = placesOf(text, at)
    if (known.length > MAX_PLACES) return { start: at, end: at + PIECE }
    let longest: Range | null = null
    for (const place of known) {
      let before = 0
      while (
        before < STRIDE - 1 &&
        before < at &&
        text[at - before - 1] === all[place - before - 1]
      )
        before += 1
      let after = PIECE
      while (at + after < text.length && text[at + after] === all[place + after]) after += 1
      const run = { start: at - before, end: at + after }
      if (before + after >= MIN_RUN && run.end > (longest?.end ?? 0)) longest = run
    }
    return longest
  }

  function* rangesIn(text: string): Generator<Range> {
    for (let at = 0; at + PIECE <= text.length; at += 1) {
      const run = runAround(text, at)
      if (run === null) continue
      yield run
      // The next run may share its first characters with the last of this one.
      at = Math.max(at, run.end - MIN_RUN)
    }
    for (const form of short) {
      for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
        yield { start: at, end: at + form.length }
      }
    }
  }

  return (text) => {
    let marks: Uint8Array | null = null
    for (const { text: view, starts } of viewsOf(text)) {
      for (const { start, end } of rangesIn(view)) {
        marks ??= new Uint8Array(text.length)
        marks.fill(1, starts?.[start] ?? start, starts?.[end] ?? end)
      }
    }
    return marks
  }
}

/** A reading of a text in comparable form. `starts` has the offset of each of its characters in the text. */
type View = { text: string; starts: number[] | null }

// Several backslashes can precede `u`, since an escape can be escaped again. One before `%` is part of the text.
const ESCAPED = /%([0-9a-f]{2})|\\{1,4}u([0-9a-f]{4})|\\([^%])/gi

/** Returns the text as it is, and with escapes resolved, since encoders differ in which characters they escape. */
function viewsOf(text: string): View[] {
  const plain = { text: toComparable(text), starts: null }
  if (!/[%\\]/.test(text)) return [plain]
  let resolved = ''
  const starts: number[] = []
  const append = (characters: string, at: number, step: number) => {
    for (let index = 0; index < characters.length; index += 1) starts.push(at + index * step)
    resolved += characters
  }
  let from = 0
  for (const { 0: whole, 1: percent, 2: unicode, 3: character, index } of text.matchAll(ESCAPED)) {
    append(text.slice(from, index), from, 1)
    const code = percent ?? unicode
    append(
      code === undefined ? (character ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
      index,
      0,
    )
    from = index + whole.length
  }
  append(text.slice(from), from, 1)
  starts.push(text.length)
  return [plain, { text: toComparable(resolved), starts }]
}

/** Ignores case and the alphabet of base64 without changing the length, as \u0130 in lower case would. */
const toComparable = (text: string) =>
  text.replaceAll('\u0130', 'i').toLowerCase().replaceAll('-', '+').replaceAll('_', '/')

const REMOVED = '[removed]'

function removeMarked(text: string, marks: Uint8Array): string {
  let result = ''
  for (let from = 0; from < text.length; ) {
    const value = marks[from]
    let to = from
    while (to < text.length && marks[to] === value) to += 1
    result += value === 1 ? REMOVED : text.slice(from, to)
    from = to
  }
  return result
}
