/**
 * Messages as trees of MIME parts (RFC 2045). All text is binary: one character per octet, so that
 * lengths and offsets are those of the wire.
 */
import addressparser from 'nodemailer/lib/addressparser'
import { type ParsedHeaderValue, parseHeaderValue } from 'nodemailer/lib/mime-funcs'

export type Part = {
  /** Header fields with their line ends and the empty line after them. */
  header: string
  body: string
  /** Media type in lower case, such as `text/plain`, with its parameters. */
  contentType: ParsedHeaderValue
  /** Parts of a multipart. */
  parts: readonly Part[]
  /** Message inside a message/rfc822. */
  message: Part | null
}

const fieldLines = (header: string) =>
  header.split(/\r\n(?![ \t])/).filter((line) => line.includes(':'))

const nameOf = (line: string) => line.slice(0, line.indexOf(':')).trim().toLowerCase()

/** Returns the unfolded value of the first field with this name, or null. */
export function fieldOf(part: Part, name: string): string | null {
  const line = fieldLines(part.header).find((each) => nameOf(each) === name.toLowerCase())
  if (line === undefined) return null
  return line
    .slice(line.indexOf(':') + 1)
    .replace(/\r\n/g, '')
    .trim()
}

/** Returns the header with only these fields, or only the others, as HEADER.FIELDS sends it. */
export function selectFields(part: Part, names: readonly string[], others = false): string {
  const wanted = names.map((name) => name.toLowerCase())
  const lines = fieldLines(part.header).filter((line) => wanted.includes(nameOf(line)) !== others)
  return [...lines, '', ''].join('\r\n')
}

/** Splits the body of a multipart at its boundary. The line end before a boundary belongs to it. */
function splitParts(body: string, boundary: string): string[] {
  const escaped = boundary.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  // The whole line must match: the boundary of an inner multipart may begin with that of the outer one.
  const delimiter = (end: string) => new RegExp(`\\r\\n--${escaped}${end}[ \\t]*(?=\\r\\n|$)`)
  const [text = ''] = `\r\n${body}`.split(delimiter('--'), 1)
  return text
    .split(delimiter(''))
    .slice(1)
    .map((part) => part.slice(2))
}

export function parsePart(raw: string): Part {
  const end = raw.startsWith('\r\n') ? 0 : raw.indexOf('\r\n\r\n') + 2
  // Without an empty line, everything is header.
  const start = end === 1 ? raw.length : end + 2
  const part = { header: raw.slice(0, start), body: raw.slice(start), parts: [], message: null }
  const contentType = parseHeaderValue(
    fieldOf({ ...part, contentType: { value: '', params: {} } }, 'content-type') ?? 'text/plain',
  )
  contentType.value = contentType.value.toLowerCase()
  const { boundary } = contentType.params
  if (contentType.value.startsWith('multipart/') && boundary) {
    return { ...part, contentType, parts: splitParts(part.body, boundary).map(parsePart) }
  }
  const isMessage = contentType.value === 'message/rfc822'
  return { ...part, contentType, message: isMessage ? parsePart(part.body) : null }
}

/** Returns the addresses of a field such as From; groups are flattened. */
export function addressesOf(part: Part, name: string) {
  return addressparser(fieldOf(part, name), { flatten: true })
}

/** Decodes encoded words (RFC 2047) of a header value, and UTF-8 without them (RFC 6532). */
export function decodeWords(value: string): string {
  return Buffer.from(value, 'latin1')
    .toString('utf8')
    .replace(/(\?=)\s+(?==\?)/g, '$1')
    .replace(/=\?([^?*]+)[^?]*\?([bq])\?([^?]*)\?=/gi, (_, charset, encoding, text: string) => {
      const bytes =
        encoding.toLowerCase() === 'b'
          ? Buffer.from(text, 'base64')
          : Buffer.from(decodeQuotedPrintable(text.replaceAll('_', ' ')), 'latin1')
      return /^utf-?8$/i.test(charset) ? bytes.toString('utf8') : bytes.toString('latin1')
    })
}

function decodeQuotedPrintable(text: string): string {
  return text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Returns the text of all text parts as a search sees it, decoded from their transfer encoding and UTF-8. */
export function textOf(part: Part): string {
  if (part.message) return textOf(part.message)
  if (part.parts.length > 0) return part.parts.map(textOf).join('\n')
  if (!part.contentType.value.startsWith('text/')) return ''
  const encoding = fieldOf(part, 'content-transfer-encoding')?.toLowerCase()
  if (encoding === 'base64') return Buffer.from(part.body, 'base64').toString('utf8')
  const binary = encoding === 'quoted-printable' ? decodeQuotedPrintable(part.body) : part.body
  return Buffer.from(binary, 'latin1').toString('utf8')
}
