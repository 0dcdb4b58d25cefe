/**
 * Makes the text of a mail server safe to store and show: printable characters only, bounded length,
 * and without the credential if the server echoes it.
 */
import { encodeBase64 } from '../schema/base64.ts'

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
 * Creates a cleaner for the secrets of one probe. It removes each secret as it is, in base64 and in hex,
 * and any word of at least 16 characters that is part of one, because servers quote the beginning of
 * what they reject. Case is ignored, because libraries change the case of response codes.
 */
export function createCleaner(secrets: readonly string[]): Clean {
  const shortest = Math.min(MIN_PIECE_LENGTH, ...secrets.map((secret) => secret.length))
  let cached: string[] | undefined
  const forms = () => {
    cached ??= encodedForms(secrets)
    return cached
  }
  const isPiece = (word: string) => forms().some((form) => form.includes(word.toLowerCase()))

  return (text, max) => {
    if (text === null || text === undefined) return null
    // Truncates first, far beyond `max`, so that a 64 KiB line is not cleaned in full. Removes control
    // characters before secrets, so that one inside a secret cannot hide it.
    let rest = toPrintable(text.slice(0, max * 8))
    if (rest.length >= shortest) {
      for (const form of forms()) rest = removeAll(rest, form)
      rest = rest.replace(WORD, (word) => (isPiece(word) ? REMOVED : word))
    }
    return truncate(rest, max)
  }
}

// Minimum lengths to remove a whole secret or a piece of one: shorter ones would match ordinary words.
const MIN_SECRET_LENGTH = 4
const MIN_PIECE_LENGTH = 16
const WORD = /[^\s"'<>[\](){},;:]{16,}/g

function encodedForms(secrets: readonly string[]): string[] {
  return secrets
    .flatMap((secret) => [secret, toBase64(secret), toHex(secret)])
    .filter((form) => form.length >= MIN_SECRET_LENGTH)
    .map((form) => form.toLowerCase())
    .sort((one, other) => other.length - one.length)
}

const REMOVED = '[removed]'

function removeAll(text: string, form: string): string {
  if (text.length < form.length) return text
  const lower = text.toLowerCase()
  // A few characters get longer in lower case; offsets would then differ between the two strings.
  let rest = lower.length === text.length ? text : lower
  let at = rest.toLowerCase().indexOf(form)
  while (at >= 0) {
    rest = rest.slice(0, at) + REMOVED + rest.slice(at + form.length)
    at = rest.toLowerCase().indexOf(form, at + REMOVED.length)
  }
  return rest
}

const toBase64 = (text: string) => encodeBase64(text).replace(/=+$/, '')
const toHex = (text: string) => Buffer.from(text).toString('hex')
