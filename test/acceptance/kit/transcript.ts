/**
 * Transcripts of what Microsoft sent, by allow-list: a value comes in only if it is one of the kinds below. Everything
 * else is replaced by its type. Nothing is masked, since a mask can miss something.
 */
import { decodeBase64UrlText } from '../../../schema/base64.ts'
import type { Exchange, MailLine } from './recorder.ts'
import { mailLine, sentence } from './sentences.ts'

/** The type of a value, or the value itself if it is allowed. */
export type Shape = string | number | readonly Shape[] | { [name: string]: Shape }

export type Entry = {
  step: string
} & (
  | {
      kind: 'http'
      method: string
      /** URL with placeholders, such as `{login}` and `{graph}`, for what differs between runs. */
      url: string
      /** Names of the form, with values for those that say what is asked for. */
      request: Record<string, string>
      status: number
      headers: Record<string, string>
      body: Shape
      /** Characters. */
      size: number
      milliseconds: number
    }
  | { kind: 'callback'; url: string; parameters: string[]; error: string | null }
  | { kind: 'mail'; protocol: string; from: 'client' | 'server'; line: string }
)

/** The ten headers whose values may be shown. */
const SHOWN_HEADERS = [
  'cache-control',
  'content-type',
  'cross-origin-opener-policy',
  'pragma',
  'referrer-policy',
  'retry-after',
  'strict-transport-security',
  'vary',
  'x-content-type-options',
  'x-frame-options',
]

const SEGMENTS =
  /^(?:common|organizations|consumers|oauth2|v[12]\.0|token|authorize|adminconsent|discovery|keys|\.well-known|openid-configuration|me|users|sendMail|oauth|microsoft|callback|admin-consent)$/

const PERMISSIONS =
  /^(?:IMAP\.AccessAsUser\.All|SMTP\.Send|Mail\.Send|Mail\.Send\.Shared|User\.Read|openid|profile|email|offline_access|\.default|IMAP\.AccessAsApp|SMTP\.SendAsApp)$/

const RESOURCES =
  /^https:\/\/(?:outlook\.office(?:365)?\.com|graph\.microsoft\.com|ps\.outlook\.com)$/

const WORD = /^[a-z][a-z_]{0,39}$/
const NAME = /^[@A-Za-z][\w.#-]{0,39}$/
const CODE = /^[A-Z]\w{1,59}$/

/** Returns a scope with its resource, or what kind of scope it is. */
function scopeShape(scope: string): string {
  const at = scope.lastIndexOf('/')
  const [resource, name] = [scope.slice(0, Math.max(at, 0)), scope.slice(at + 1)]
  if (!PERMISSIONS.test(name)) return '[unknown scope]'
  return resource === '' || RESOURCES.test(resource) ? scope : `[unknown resource]/${name}`
}

const scopesShape = (text: string) =>
  text.split(' ').filter(Boolean).map(scopeShape).sort().join(' ')

/** Describes a token: the names in it if it is a JWT, or how it is not readable. */
export function tokenShape(token: string): string {
  const parts = token.split('.')
  if (parts.length !== 3) return 'opaque token'
  try {
    const [header, claims] = parts.slice(0, 2).map((part) =>
      Object.keys(JSON.parse(decodeBase64UrlText(part)))
        .filter((name) => NAME.test(name))
        .sort(),
    )
    return `JWT (${header?.join(' ')}; ${claims?.join(' ')})`
  } catch {
    return 'token with dots'
  }
}

type Allowed = (value: unknown, approved: ReadonlySet<string>) => Shape | undefined

const word: Allowed = (value) => (typeof value === 'string' && WORD.test(value) ? value : undefined)
const number: Allowed = (value) => (typeof value === 'number' ? value : undefined)
const token: Allowed = (value) => (typeof value === 'string' ? tokenShape(value) : undefined)
const text: Allowed = (value, approved) =>
  typeof value === 'string' ? sentence(value, approved) : undefined

/** Members whose values may be shown. */
const SHOWN_MEMBERS: Readonly<Record<string, Allowed>> = {
  token_type: (value) => (value === 'Bearer' ? value : undefined),
  error: word,
  suberror: word,
  error_codes: (value) =>
    Array.isArray(value) && value.every((one) => Number.isSafeInteger(one)) ? value : undefined,
  error_description: text,
  message: text,
  code: (value) => (typeof value === 'string' && CODE.test(value) ? value : undefined),
  expires_in: number,
  ext_expires_in: number,
  scope: (value) => (typeof value === 'string' ? scopesShape(value) : undefined),
  access_token: token,
  id_token: token,
  refresh_token: () => 'token',
}

/** Returns the shape of a JSON value. */
export function shapeOf(value: unknown, approved: ReadonlySet<string> = new Set()): Shape {
  if (Array.isArray(value)) {
    const shapes = value.map((one) => shapeOf(one, approved))
    // Their number can say how large the tenant is.
    return shapes.slice(0, 1)
  }
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      NAME.test(name) ? name : '[unknown name]',
      SHOWN_MEMBERS[name]?.(inner, approved) ?? shapeOf(inner, approved),
    ]),
  )
}

/** Origins of this run by the name that stands for them. */
export type Origins = { login: string; graph: string; product: string }

/** Returns the URL with placeholders for everything but Microsoft's words. */
export function urlShape(url: URL, origins: Origins): string {
  const origin = Object.entries(origins).find(([, one]) => one === url.origin)?.[0] ?? 'other'
  const path = url.pathname
    .split('/')
    .map((segment) => (segment === '' || SEGMENTS.test(segment) ? segment : '{...}'))
    .join('/')
  return `{${origin}}${path}`
}

function requestShape(form: URLSearchParams): Record<string, string> {
  const shown: Record<string, (value: string) => string> = {
    grant_type: (value) => (WORD.test(value) ? value : 'string'),
    scope: scopesShape,
    client_assertion: tokenShape,
  }
  return Object.fromEntries(
    [...form].map(([name, value]) => [
      NAME.test(name) ? name : '[unknown name]',
      shown[name]?.(value) ?? 'string',
    ]),
  )
}

const headersShape = (headers: Headers) =>
  Object.fromEntries(
    [...headers]
      .filter(([name]) => NAME.test(name))
      .map(([name, value]) => [
        name,
        SHOWN_HEADERS.includes(name) && /^[\w ;=,./"*+-]{1,120}$/.test(value) ? value : 'string',
      ]),
  )

/** Returns the entry of an HTTP exchange. */
export const httpEntry = (
  { step, url, method, form, status, headers, text: body, json, milliseconds }: Exchange,
  origins: Origins,
  approved: ReadonlySet<string>,
): Entry => ({
  step,
  kind: 'http',
  method,
  url: urlShape(url, origins),
  request: requestShape(form),
  status,
  headers: headersShape(headers),
  body: json === undefined ? (body === '' ? 'empty' : 'text') : shapeOf(json, approved),
  size: body.length,
  milliseconds,
})

/** Returns the entry of a redirect back to the product. */
export const callbackEntry = (step: string, url: URL, origins: Origins): Entry => {
  const error = url.searchParams.get('error')
  return {
    step,
    kind: 'callback',
    url: urlShape(url, origins),
    parameters: [...url.searchParams.keys()].map((name) =>
      NAME.test(name) ? name : '[unknown name]',
    ),
    error: error !== null && WORD.test(error) ? error : null,
  }
}

export const mailEntry = (
  { step, protocol, from, line }: MailLine,
  approved: ReadonlySet<string>,
): Entry => ({
  step,
  kind: 'mail',
  protocol,
  from,
  // The kit writes its own lines without values.
  line: from === 'client' ? line : mailLine(line, approved),
})

/** Returns a value as it is, percent-encoded, in base64 and in hexadecimal. */
const formsOf = (value: string) => [
  value,
  encodeURIComponent(value),
  Buffer.from(value).toString('base64').replace(/=+$/, ''),
  Buffer.from(value).toString('base64url'),
  Buffer.from(value).toString('hex'),
]

/** Returns which of the run's own values are in the text, also encoded. Only their kind is returned. */
export function ownValuesIn(text: string, values: Readonly<Record<string, string>>): string[] {
  const lower = text.toLowerCase()
  return Object.entries(values)
    .filter(
      ([, value]) =>
        value.length > 2 && formsOf(value).some((form) => lower.includes(form.toLowerCase())),
    )
    .map(([kind]) => kind)
}
