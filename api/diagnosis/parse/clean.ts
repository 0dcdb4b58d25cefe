/**
 * Converts pasted text to plain text: logs, JSON, query strings, whole HTML pages, binary. Every step is linear, and
 * the result is bounded whatever comes in.
 */
import { excerpt, withoutMiddle } from './shorten.ts'

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', nbsp: ' ' }
const TYPOGRAPHIC: Record<string, string> = { '\u00a0': ' ', '\u201c': '"', '\u201d': '"' }

/**
 * Matches white space, but no line break before a time, where a log goes on to its next event. Other breaks only wrap
 * the text of one program.
 */
const SPACE =
  /(?:[^\S\n]|\n(?!\s{0,8}\[?(?:\d{4}-\d\d-\d\d|[a-z]{3} {1,2}\d{1,2} \d\d:\d\d|\d\d:\d\d:\d\d)))+/gi

/**
 * Normalises a text: single spaces, ASCII quotes, no markup. Its lower case has the same length, so that a match found
 * there can be quoted from the text itself.
 */
export function plainText(error: string): string {
  const plain = plainCharacters(decoded(withoutMarkup(withoutMiddle(error))))
  return excerpt(plain).replace(SPACE, ' ').trim()
}

/** Returns the plain text in lower case, as all patterns expect it. */
export const clean = (error: string): string => plainText(error).toLowerCase()

function withoutMarkup(text: string): string {
  if (!/<(?:html|body|div|p|br|span|title|script|table|h\d|!doctype)\b/i.test(text)) return text
  return withoutBlocks(withoutBlocks(text, 'script'), 'style').replace(
    /<[!/]?[a-z][^<>]{0,2000}>/gi,
    '\n',
  )
}

/** Removes elements by position, not by pattern, since an unclosed `<script` must not be searched for again. */
function withoutBlocks(text: string, tag: string): string {
  const lower = text.toLowerCase()
  let result = ''
  let from = 0
  while (true) {
    const start = lower.indexOf(`<${tag}`, from)
    if (start < 0) return result + text.slice(from)
    result += text.slice(from, start)
    const end = lower.indexOf(`</${tag}`, start)
    if (end < 0) return result
    from = end
  }
}

function decoded(text: string): string {
  let plain = text
  if (plain.includes('&')) {
    plain = plain
      .replace(/&(lt|gt|amp|quot|nbsp);/g, (_, name: string) => ENTITIES[name] ?? ' ')
      .replace(/&#(x?)([0-9a-f]{1,5});/gi, (_, hex, digits) => character(digits, hex ? 16 : 10))
  }
  if (plain.includes('\\')) {
    plain = plain
      .replace(/\\u([0-9a-f]{4})/gi, (_, digits: string) => character(digits, 16))
      .replace(/\\[rnt]/g, '\n')
      .replace(/\\(["'/])/g, '$1')
  }
  if (/%[0-9a-f]{2}/i.test(plain)) {
    plain = plain.replace(/(?:%[0-9a-f]{2}){1,2000}/gi, percentDecoded)
    if (/error(?:_description)?=/i.test(plain)) plain = plain.replace(/\+/g, ' ')
  }
  return plain
}

function percentDecoded(run: string): string {
  try {
    return decodeURIComponent(run)
  } catch {
    return run
  }
}

function character(digits: string, radix: number): string {
  const code = Number.parseInt(digits, radix)
  return code > 0x1f && code <= 0xffff ? String.fromCharCode(code) : ' '
}

const plainCharacters = (text: string) =>
  text
    .replace(/[\u2018\u2019\u201a\u201b`\u00b4]/g, "'")
    // The only letter whose lower case is longer.
    .replaceAll('\u0130', 'I')
    .replace(/[\u00a0\u201c\u201d]/g, (found) => TYPOGRAPHIC[found] ?? found)
    .replace(/[^\n\P{C}]/gu, ' ')
