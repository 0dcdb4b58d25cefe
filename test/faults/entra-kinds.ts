/** Ways in which Entra, or what lies between, can fail to respond to a token request. */
import { catalogue } from '../../api/diagnosis/catalogue/catalogue.ts'
import { CANARY, type Respond } from './entra-world.ts'

/**
 * - `passes`: an outage, or a response that says nothing about the grant.
 * - `suspect`: a refusal that has also been seen during outages. Only its repetition counts.
 * - `blocks`: somebody other than the user must act.
 * - `ends`: Entra says that the grant is dead.
 */
export type Meaning = 'passes' | 'suspect' | 'blocks' | 'ends'

export type EntraFault = {
  name: string
  meaning: Meaning
  respond: Respond
  /** True if the response does not prove who signed in. */
  forged?: true
  /** True if the keys of yesterday are withdrawn, so that nothing they signed counts. */
  withdrawn?: true
  /** Replaces the 10 s for faults that last longer than the product waits. */
  timeoutMs?: number
}

type Json = Record<string, unknown>

const JSON_TYPE = 'application/json; charset=utf-8'
const DEADLINE_MS = 400

const fault = (name: string, respond: Respond, meaning: Meaning = 'passes'): EntraFault => ({
  name,
  meaning,
  respond,
})

/** Responds with this body instead of asking Entra. */
const body = (
  name: string,
  content: BodyInit | null,
  {
    status = 200,
    type = JSON_TYPE,
    headers = {},
  }: {
    status?: number
    type?: string
    headers?: Record<string, string>
  } = {},
): EntraFault =>
  fault(
    name,
    async () =>
      new Response(content, {
        status,
        headers: { ...(type !== '' && { 'content-type': type }), ...headers },
      }),
  )

const jsonBody = (name: string, value: unknown, options: Parameters<typeof body>[2] = {}) =>
  body(name, JSON.stringify(value), options)

/** Lets Entra process the request and changes the response. */
const edited = (name: string, edit: (tokens: Json) => unknown): EntraFault =>
  fault(name, async (real) => {
    const response = await real()
    const tokens = await response.json<Json>()
    return new Response(JSON.stringify(edit(tokens)), {
      status: response.status,
      headers: response.headers,
    })
  })

/** Lets Entra process the request and changes the bytes of the response. */
const reworked = (
  name: string,
  rework: (text: string) => BodyInit | null,
  headers: Record<string, string> = {},
): EntraFault =>
  fault(name, async (real) => {
    const text = await (await real()).text()
    return new Response(rework(text), { headers: { 'content-type': JSON_TYPE, ...headers } })
  })

const without = (name: string) => edited(`no ${name}`, ({ [name]: _, ...rest }) => rest)

const withMember = (name: string, values: Record<string, unknown>): EntraFault[] =>
  Object.entries(values).map(([title, value]) =>
    edited(`${name} is ${title}`, (tokens) => ({ ...tokens, [name]: value })),
  )

const broken = () => new TypeError(`fetch failed: ${CANARY}`)

const bytes = (text: string) => new TextEncoder().encode(text)

/** A body that breaks off after this text. */
const brokenBody = (text: string) =>
  new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes(text)),
    pull: (controller) => controller.error(broken()),
  })

/** A body whose end never comes. */
const stalledBody = (text: string) =>
  new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(bytes(text)) })

const endlessBody = () => {
  const block = bytes(' '.repeat(65_536))
  return new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(block) })
}

const page = `<!DOCTYPE html><title>${CANARY}</title><h1>Proxy error</h1>`

const CLIENT_STATUSES = [400, 401, 403, 404, 405, 407, 408, 409, 410, 411, 413, 414, 415, 418, 421]
const MORE_CLIENT_STATUSES = [425, 426, 428, 431, 451, 499]
const SERVER_STATUSES = [500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 521, 522, 524, 529, 599]

const statuses = [
  ...[...CLIENT_STATUSES, ...MORE_CLIENT_STATUSES].map((status) =>
    body(`status ${status} with an HTML page`, page, { status, type: 'text/html' }),
  ),
  ...SERVER_STATUSES.map((status) => jsonBody(`status ${status}`, { message: CANARY }, { status })),
  ...[202, 203, 204, 205, 206].map((status) =>
    body(`status ${status} without a body`, null, { status }),
  ),
  ...[300, 301, 302, 303, 304, 307, 308].map((status) =>
    body(`status ${status} to another host`, null, {
      status,
      headers: { location: `https://proxy.test/?${CANARY}` },
    }),
  ),
]

const RETRY_AFTER: Record<string, string> = {
  'a number': '7',
  zero: '0',
  'a negative number': '-5',
  'a fraction': '1.5',
  words: 'soon',
  'a year': '31536000',
  'more than a number holds': '9'.repeat(30),
  'two numbers': '7, 8',
  'a date to come': 'Wed, 25 Nov 2026 09:05:00 GMT',
  'a date that is past': 'Mon, 01 Jan 2024 00:00:00 GMT',
  'no valid date': 'Wed, 99 Nov 2026 99:99:99 GMT',
}

const throttling = [
  body('429 without Retry-After', 'Too many requests', { status: 429, type: 'text/plain' }),
  ...Object.entries(RETRY_AFTER).flatMap(([title, value]) => [
    body(`429 with Retry-After: ${title}`, 'Too many requests', {
      status: 429,
      type: 'text/plain',
      headers: { 'retry-after': value },
    }),
    jsonBody(
      `503 with Retry-After: ${title}`,
      {},
      { status: 503, headers: { 'retry-after': value } },
    ),
  ]),
]

const connections: EntraFault[] = [
  fault('connection reset before the request', async () => {
    throw broken()
  }),
  fault('connection reset after the request was processed', async (real) => {
    await real()
    throw broken()
  }),
  {
    ...fault('response after the deadline', async (real) => {
      const response = await real()
      await new Promise((resolve) => setTimeout(resolve, 3 * DEADLINE_MS))
      return response
    }),
    timeoutMs: DEADLINE_MS,
  },
  {
    ...fault('headers that never come', () => new Promise(() => {})),
    timeoutMs: DEADLINE_MS,
  },
  {
    ...reworked('body that never ends', (text) => stalledBody(text.slice(0, -1))),
    timeoutMs: DEADLINE_MS,
  },
  reworked('body that breaks off', (text) => brokenBody(text.slice(0, text.length / 2))),
  reworked('body that breaks off before it begins', () => brokenBody('')),
]

const bodies: EntraFault[] = [
  body('HTML page with status 200', page, { type: 'text/html' }),
  body('HTML page that claims to be JSON', page),
  body('no body', null),
  body('empty body', ''),
  reworked('no content type', (text) => bytes(text), { 'content-type': '' }),
  reworked('text/plain', (text) => text, { 'content-type': 'text/plain' }),
  reworked('application/jsonp', (text) => text, { 'content-type': 'application/jsonp' }),
  reworked('truncated JSON', (text) => text.slice(0, text.length / 2)),
  reworked('JSON without its last byte', (text) => text.slice(0, -1)),
  reworked('the response twice', (text) => text + text),
  reworked('the response twice in a list', (text) => `[${text},${text}]`),
  reworked('JSON after a prefix', (text) => `)]}',\n${text}`),
  reworked('invalid UTF-8', (text) => {
    const octets = bytes(text)
    octets[octets.length >> 1] = 0xff
    return octets
  }),
  reworked(
    'UTF-16',
    (text) => new Uint8Array(Uint16Array.from(text, (c) => c.charCodeAt(0)).buffer),
  ),
  reworked('a byte order mark', (text) => `\ufeff${text}`),
  reworked('garbage in place of gzip', () => new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3, 4]), {
    'content-encoding': 'gzip',
  }),
  reworked('NUL bytes', (text) => text.replaceAll(',', ',\u0000')),
  reworked('a body of 1 MB', (text) => text.replace('{', `{${' '.repeat(1_000_000)}`)),
  fault('a body without end', async () => {
    return new Response(endlessBody(), { headers: { 'content-type': JSON_TYPE } })
  }),
  body('deeply nested JSON', '['.repeat(200_000)),
  jsonBody('a string', CANARY),
  jsonBody('a number', 7),
  jsonBody('null', null),
  jsonBody('a list', [{ access_token: CANARY }]),
  jsonBody('an empty object', {}),
  body(
    'an object with __proto__',
    `{"__proto__":{"access_token":"${CANARY}","token_type":"Bearer"}}`,
  ),
]

const members: EntraFault[] = [
  ...['access_token', 'refresh_token', 'expires_in', 'scope', 'token_type', 'id_token'].map(
    without,
  ),
  ...withMember('access_token', {
    null: null,
    'text with a line break': `${CANARY}\r\nX: y`,
  }),
  ...withMember('refresh_token', { empty: '', 'a number': 7 }),
  ...withMember('token_type', { pop: 'pop' }),
  ...withMember('expires_in', {
    zero: 0,
    negative: -3600,
    'a string': '3600',
    'a million years': 3e13,
  }),
  ...withMember('scope', { empty: '', 'a number': 7 }),
  ...withMember('id_token', { 'a number': 7, 'no JWT': `${CANARY}.x.y` }),
]

/** An error response of OAuth. */
const refusal = (name: string, fields: Json, meaning: Meaning, status = 400): EntraFault => ({
  ...jsonBody(name, { error_description: CANARY, ...fields }, { status }),
  meaning,
})

const errors: EntraFault[] = [
  refusal('temporarily_unavailable', { error: 'temporarily_unavailable' }, 'passes'),
  refusal(
    'temporarily_unavailable with status 200',
    { error: 'temporarily_unavailable' },
    'passes',
    200,
  ),
  refusal(
    'temporarily_unavailable beside AADSTS50173',
    { error: 'temporarily_unavailable', error_codes: [50173] },
    'passes',
  ),
  refusal('server_error', { error: 'server_error' }, 'passes'),
  refusal(
    'server_error beside AADSTS700082',
    { error: 'server_error', error_codes: [700082] },
    'passes',
  ),
  refusal('an unknown error', { error: 'something_else' }, 'passes'),
  refusal('an error that is no word', { error: `${CANARY} <b>` }, 'passes'),
  refusal('an error that is an object', { error: { code: CANARY } }, 'passes'),
  refusal('an error that is empty', { error: '' }, 'passes'),
  refusal('an error without a member error', { error_codes: [50173] }, 'passes'),
  refusal('an unknown number', { error: 'unknown', error_codes: [99_999_999] }, 'passes'),
  refusal('AADSTS70000', { error: 'invalid_grant', error_codes: [70000] }, 'suspect'),
  refusal(
    'bad_token without a number',
    { error: 'invalid_grant', suberror: 'bad_token' },
    'suspect',
  ),
  refusal('invalid_grant without a number', { error: 'invalid_grant' }, 'ends'),
  refusal('interaction_required without a number', { error: 'interaction_required' }, 'ends'),
  refusal('access_denied without a number', { error: 'access_denied' }, 'ends'),
  refusal('consent_required without a number', { error: 'consent_required' }, 'ends'),
  ...[
    'invalid_client',
    'unauthorized_client',
    'invalid_scope',
    'invalid_request',
    'unsupported_grant_type',
  ].map((error) => refusal(`${error} without a number`, { error }, 'blocks')),
  refusal(
    'a number in the words only',
    { error: 'invalid_grant', error_description: 'AADSTS700082: expired' },
    'ends',
  ),
  refusal(
    'numbers as text',
    { error: 'temporarily_unavailable', error_codes: ['50173'] },
    'passes',
  ),
  refusal(
    'claims that are no JSON',
    { error: 'interaction_required', error_codes: [50076], claims: `{${CANARY}` },
    'ends',
  ),
]

/** A signed id_token with other claims; null removes one. */
const claims = (title: string, changed: Json): EntraFault => ({
  ...fault(`id_token: ${title}`, (real, control) => {
    control.faultNext({ kind: 'id_token_claims', claims: changed })
    return real()
  }),
  forged: true,
})

/** An id_token whose three parts are changed. */
const resigned = (
  title: string,
  change: (parts: [header: string, payload: string, signature: string]) => string[],
): EntraFault => ({
  ...edited(`id_token: ${title}`, (tokens) => {
    if (typeof tokens.id_token !== 'string') return tokens
    const parts = tokens.id_token.split('.') as [string, string, string]
    return { ...tokens, id_token: change(parts).join('.') }
  }),
  forged: true,
})

const header = (values: Json) => btoa(JSON.stringify(values)).replaceAll('=', '')

const OTHER_ID = '11111111-2222-3333-4444-555555555555'

const idTokens: EntraFault[] = [
  claims('another audience', { aud: OTHER_ID }),
  claims('another tenant', { tid: OTHER_ID }),
  claims('expired', { exp: 1_600_000_000 }),
  claims('another user', { oid: OTHER_ID }),
  resigned('no signature', ([head, payload]) => [head, payload, '']),
  resigned('an unknown key', ([, payload, signature]) => [
    header({ alg: 'RS256', kid: 'unknown' }),
    payload,
    signature,
  ]),
  resigned('a changed payload', ([head, , signature]) => [
    head,
    header({ aud: 'x', tid: OTHER_ID, oid: OTHER_ID }),
    signature,
  ]),
]

const responses = [...statuses, ...throttling, ...connections, ...bodies]

export const tokenFaults: readonly EntraFault[] = [...responses, ...members, ...idTokens, ...errors]

type Key = Record<string, unknown>

/** Lets Entra respond with its key set and changes each key. */
const keysChanged = (name: string, change: (key: Key) => unknown) =>
  edited(name, ({ keys }) => ({ keys: (keys as Key[]).map(change) }))

const keySet = (name: string, change: (keys: Key[]) => unknown) =>
  edited(name, ({ keys }) => ({ keys: change(keys as Key[]) }))

/** Responses to the request for the signing keys. */
export const keyFaults: readonly EntraFault[] = [
  ...responses,
  keySet('no keys', () => []),
  {
    ...keysChanged('keys of other ids', (key) => ({ ...key, kid: `other-${key.kid}` })),
    withdrawn: true,
  },
  keySet('a null beside the keys', (keys) => [...keys, null]),
  keySet('every key twice', (keys) => [...keys, ...keys]),
  keysChanged('keys without modulus', ({ n: _, ...key }) => key),
  keysChanged('a modulus that is no base64url', (key) => ({ ...key, n: '%%%' })),
  keySet('a thousand more keys', (keys) => [
    ...keys,
    ...Array.from({ length: 1000 }, (_, at) => ({ ...keys[0], kid: `more-${at}` })),
  ]),
]

const MEANINGS = {
  cool_down: 'passes',
  reconnect: 'ends',
  block: 'blocks',
  credential_rejected: 'blocks',
} as const

/** One list per group of numbers that have a meaning in common. */
export const numberFaults: readonly (readonly EntraFault[])[] = catalogue.flatMap((cause) =>
  (cause.aadsts ?? []).map(({ numbers, effect = cause.effect ?? 'cool_down' }) =>
    numbers.map((number) => ({
      ...refusal(
        `AADSTS of ${cause.slug}`,
        { error: errorOf(MEANINGS[effect]), error_codes: [number] },
        number === 70000 ? 'suspect' : MEANINGS[effect],
      ),
    })),
  ),
)

/** Returns the OAuth error with which Entra sends most numbers of this meaning. */
function errorOf(meaning: Meaning): string {
  if (meaning === 'passes') return 'temporarily_unavailable'
  return meaning === 'ends' ? 'invalid_grant' : 'invalid_client'
}
