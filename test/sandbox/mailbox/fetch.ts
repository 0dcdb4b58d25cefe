/** Answers to FETCH (RFC 9051 section 7.5.2). */
import { parseHeaderValue } from 'nodemailer/lib/mime-funcs'
import { literal, nstring } from './arguments.ts'
import type { Message } from './folders.ts'
import { addressesOf, fieldOf, type Part, parsePart, selectFields } from './mime.ts'

const MACROS: Record<string, readonly string[]> = {
  FAST: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE'],
  ALL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE'],
  FULL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY'],
}

/** Old names of sections (RFC 3501). */
const SECTIONS: Record<string, string> = {
  RFC822: 'BODY[]',
  'RFC822.HEADER': 'BODY.PEEK[HEADER]',
  'RFC822.TEXT': 'BODY[TEXT]',
}

const section = /^BODY(?:\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?$/is

export const expandMacro = (item: string): readonly string[] => MACROS[item.toUpperCase()] ?? [item]

/** Returns true if fetching this item sets \Seen. */
export const setsSeen = (item: string): boolean =>
  /^BODY\[/i.test(SECTIONS[item.toUpperCase()] ?? item)

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const pad = (value: number, fill = '0') => String(value).padStart(2, fill)

/** Formats `" 2-Nov-2026 08:15:00 +0000"`. */
const internalDate = (date: Date): string =>
  `"${pad(date.getUTCDate(), ' ')}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} +0000"`

function addressList(part: Part, name: string): string | null {
  const list = addressesOf(part, name).map(({ name, address }) => {
    const at = address.lastIndexOf('@')
    const [local, domain] = at < 0 ? [address, ''] : [address.slice(0, at), address.slice(at + 1)]
    return `(${nstring(name || null)} NIL ${nstring(local)} ${nstring(domain)})`
  })
  return list.length > 0 ? `(${list.join('')})` : null
}

function envelope(part: Part): string {
  const from = addressList(part, 'from') ?? 'NIL'
  return `(${[
    nstring(fieldOf(part, 'date')),
    nstring(fieldOf(part, 'subject')),
    from,
    addressList(part, 'sender') ?? from,
    addressList(part, 'reply-to') ?? from,
    ...['to', 'cc', 'bcc'].map((name) => addressList(part, name) ?? 'NIL'),
    nstring(fieldOf(part, 'in-reply-to')),
    nstring(fieldOf(part, 'message-id')),
  ].join(' ')})`
}

function parameters(params: Record<string, string>): string {
  const pairs = Object.entries(params).flatMap((pair) => pair.map(nstring))
  return pairs.length > 0 ? `(${pairs.join(' ')})` : 'NIL'
}

function disposition(part: Part): string {
  const value = fieldOf(part, 'content-disposition')
  if (value === null) return 'NIL'
  const parsed = parseHeaderValue(value)
  return `(${nstring(parsed.value)} ${parameters(parsed.params)})`
}

function structure(part: Part, extended: boolean): string {
  const { contentType, parts, message, body } = part
  const [type = 'text', subtype = 'plain'] = contentType.value.split('/')
  const params = parameters(contentType.params)
  if (parts.length > 0) {
    const extension = extended ? ` ${params} ${disposition(part)} NIL NIL` : ''
    const children = parts.map((child) => structure(child, extended)).join('')
    return `(${children} ${nstring(subtype)}${extension})`
  }
  const lines = body.split('\r\n').length - 1
  return `(${[
    nstring(type),
    nstring(subtype),
    params,
    nstring(fieldOf(part, 'content-id')),
    nstring(fieldOf(part, 'content-description')),
    nstring(fieldOf(part, 'content-transfer-encoding') ?? '7bit'),
    body.length,
    ...(message ? [envelope(message), structure(message, extended)] : []),
    ...(message || type === 'text' ? [lines] : []),
    // MD5, disposition, language and location.
    ...(extended ? ['NIL', disposition(part), 'NIL', 'NIL'] : []),
  ].join(' ')})`
}

/** Returns the part with this number, such as `2.1`, or null. Part 1 of a message without parts is its body. */
function findPart(root: Part, numbers: readonly number[]): Part | null {
  let [part, container]: (Part | null)[] = [root, root]
  for (const number of numbers) {
    if (!container) return null
    const isLeaf: boolean = container.parts.length === 0
    part = isLeaf && number === 1 ? container : (container.parts[number - 1] ?? null)
    container = part?.message ?? part
  }
  return part ?? null
}

/** Returns the text of a section such as `1.2.HEADER`, or null if the message has no such part. */
function sectionText(root: Part, spec: string): string | null {
  const [, path = '', name = '', list = ''] =
    /^([\d.]*?)\.?([A-Z][A-Z.]*)?(?: \(([^)]*)\))?$/i.exec(spec) ?? []
  const numbers = path === '' ? [] : path.split('.').map(Number)
  const part = findPart(root, numbers)
  if (!part) return null
  const kind = name.toUpperCase()
  if (kind === 'MIME') return part.header
  // Only whole messages have a header and a text.
  const message = numbers.length === 0 ? part : part.message
  const fields = list.split(' ').map((field) => field.replaceAll('"', ''))
  if (kind === '') return numbers.length === 0 ? part.header + part.body : part.body
  if (!message) return null
  if (kind === 'HEADER.FIELDS') return selectFields(message, fields)
  if (kind === 'HEADER.FIELDS.NOT') return selectFields(message, fields, true)
  return kind === 'HEADER' ? message.header : message.body
}

/** Returns name and value of one item, or null if the item is unknown. */
export function fetchItem(message: Message, item: string): string | null {
  const name = item.toUpperCase()
  if (name === 'UID') return `UID ${message.uid}`
  if (name === 'FLAGS') return `FLAGS (${[...message.flags].join(' ')})`
  if (name === 'INTERNALDATE') return `INTERNALDATE ${internalDate(message.date)}`
  if (name === 'RFC822.SIZE') return `RFC822.SIZE ${message.raw.length}`
  const part = parsePart(message.raw)
  if (name === 'ENVELOPE') return `ENVELOPE ${envelope(part)}`
  if (name === 'BODY' || name === 'BODYSTRUCTURE') {
    return `${name} ${structure(part, name === 'BODYSTRUCTURE')}`
  }
  const [found, spec = '', offset, count] = section.exec(SECTIONS[name] ?? item) ?? []
  if (found === undefined) return null
  const text = sectionText(part, spec)
  const origin = Number(offset ?? 0)
  const slice = offset === undefined ? text : text?.slice(origin, origin + Number(count))
  const label = SECTIONS[name] ? name : `BODY[${spec.toUpperCase()}]`
  const partial = offset === undefined ? '' : `<${origin}>`
  return `${label}${partial} ${slice === null || slice === undefined ? 'NIL' : literal(slice)}`
}
