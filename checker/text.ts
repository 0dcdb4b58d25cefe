/**
 * The words of a mail server, made safe to store, log and show: printable characters only, bounded,
 * and without the credential, should a server send it back.
 */

// ESC-started terminal sequences first, as a whole; then every control character (C0, C1, DEL) and
// the invisible ones that reorder or hide text (bidi controls, zero width, BOM, line separators).
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
const TERMINAL = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/g
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffd]+/g

function visible(text: string): string {
  return text.replace(TERMINAL, ' ').replace(HIDDEN, ' ').replace(/\s+/g, ' ').trim()
}

function cut(text: string, max: number): string {
  if (text.length <= max) return text.isWellFormed() ? text : text.toWellFormed()
  return `${text.slice(0, max - 1).toWellFormed()}…`
}

/** Printable characters only, blanks joined, no secret, at most `max` UTF-16 units. */
export type Clean = (text: string | null | undefined, max: number) => string | null

/**
 * A cleaner that knows the secrets of one probe. It removes them whole, in base64 and in hex, and
 * any word of 16 or more characters that is part of one (servers quote the start of what they
 * refuse), in upper or lower case (libraries fold the case of codes).
 */
export function createCleaner(secrets: readonly string[]): Clean {
  const shortest = Math.min(MIN_PIECE, ...secrets.map((secret) => secret.length))
  let known: string[] | undefined
  const forms = () => {
    known ??= formsOf(secrets)
    return known
  }
  const isPiece = (word: string) => forms().some((form) => form.includes(word.toLowerCase()))

  return (text, max) => {
    if (text === null || text === undefined) return null
    // What is cut off here is far beyond what is kept: no need to clean a whole 64 KiB line.
    // Cleaned before the search for secrets: a control character inside a secret must not hide it.
    let rest = visible(text.slice(0, max * 8))
    if (rest.length >= shortest) {
      for (const form of forms()) rest = without(rest, form)
      rest = rest.replace(WORD, (word) => (isPiece(word) ? REMOVED : word))
    }
    return cut(rest, max)
  }
}

// Anything shorter would blank out ordinary words: whole secrets from 4 characters on, pieces from 16.
const MIN_WHOLE = 4
const MIN_PIECE = 16
const WORD = /[^\s"'<>[\](){},;:]{16,}/g

function formsOf(secrets: readonly string[]): string[] {
  return secrets
    .flatMap((secret) => [secret, toBase64(secret), toHex(secret)])
    .filter((form) => form.length >= MIN_WHOLE)
    .map((form) => form.toLowerCase())
    .sort((one, other) => other.length - one.length)
}

const REMOVED = '[removed]'

function without(text: string, form: string): string {
  if (text.length < form.length) return text
  const lower = text.toLowerCase()
  // A few characters are longer in lower case; then places in the two texts do not agree.
  let rest = lower.length === text.length ? text : lower
  let at = rest.toLowerCase().indexOf(form)
  while (at >= 0) {
    rest = rest.slice(0, at) + REMOVED + rest.slice(at + form.length)
    at = rest.toLowerCase().indexOf(form, at + REMOVED.length)
  }
  return rest
}

const toBase64 = (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '')
const toHex = (text: string) => Buffer.from(text).toString('hex')
