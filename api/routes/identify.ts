/**
 * Whose request it is: by a key in the header or, for the console alone, by the cookie of its
 * session. Whoever sends an Authorization header is judged by that and nothing else.
 */
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { SESSION_COOKIE } from '../../schema/console-session.ts'
import { findKey, noteKeyUse } from '../domain/api-keys/authenticate.ts'
import type { Key } from '../domain/api-keys/key.ts'
import { type OpenSession, readSession } from '../domain/console-session.ts'
import type { ApiKeyRecord } from '../model/api-key.ts'
import { ProblemError } from '../problem.ts'
import type { AppEnv } from './app-env.ts'

type Identity = { key: Key; by: 'key' | 'session' }

/** Reads a key by its id; the guard of the hand-out reads more in the same round trip. */
export type GuardLookup = (c: Context<AppEnv>, keyId: string) => Promise<ApiKeyRecord | null>

const unauthorized = (detail: string) => new ProblemError({ code: 'unauthorized', detail })

/** The counters of Workers cover a minute. */
export const tooMany = () =>
  new ProblemError({
    code: 'rate_limited',
    detail: 'Too many requests of this kind within a minute. Wait before the next one.',
    retryAfter: 60,
  })

const NO_KEY = 'Send a valid API key as "Authorization: Bearer ...".'

/** Throws the 401 or 429 that ends the request. */
export async function identify(c: Context<AppEnv>, lookUp?: GuardLookup): Promise<Identity> {
  const authorized = c.req.header('authorization') !== undefined
  const bySession = !authorized && getCookie(c, SESSION_COOKIE) !== undefined
  const key = bySession ? (await requireSession(c)).key : await requireKey(c, lookUp)
  noteKeyUse(c.get('services'), { defer: (work) => c.executionCtx.waitUntil(work) }, key)
  return { key, by: bySession ? 'session' : 'key' }
}

/** The key of the Authorization header. Throws the 401 or 429 that ends the request. */
export async function requireKey(c: Context<AppEnv>, lookUp?: GuardLookup): Promise<Key> {
  const header = c.req.header('authorization')
  if (header === undefined) throw unauthorized(NO_KEY)
  const presented = readBearer(header)
  const within = lookUp && ((keyId: string) => lookUp(c, keyId))
  if (presented === null) throw await failed(c, NO_KEY)
  const { key, ended } = await findKey(c.get('services'), presented, within)
  if (key) return key
  // Its holder is known, so that the trail can name it.
  if (ended !== null) c.set('actor', { type: 'key', id: ended })
  throw await failed(c, NO_KEY)
}

/** The session of the cookie. Throws the 401 or 429 that ends the request. */
export async function requireSession(c: Context<AppEnv>): Promise<OpenSession> {
  const ended = 'The console session has expired. Sign in again.'
  const id = sessionId(c)
  if (id === undefined) throw unauthorized(ended)
  const session = await readSession(c.get('services'), id)
  if (!session) throw await failed(c, ended)
  return session
}

/** What was presented is not good: that is counted by the address of the client. */
async function failed(c: Context<AppEnv>, detail: string): Promise<ProblemError> {
  const client = networkOf(c.req.header('cf-connecting-ip') ?? 'unknown')
  const within = await c.get('services').withinRate('failed_authentication', client)
  return within ? unauthorized(detail) : tooMany()
}

/**
 * Of an IPv6 address the first half: one client has 2^64 of the other (RFC 4291 section 2.5.4). What
 * `::` leaves out is not filled in; at worst neighbours are counted together, and good keys never are.
 */
const networkOf = (address: string) => address.replace(/::.*/, '').split(':', 4).join(':')

/**
 * The id in the cookie of a request that our own pages sent, undefined where there is none. A browser
 * sends the cookie along whoever asks: what else the request must show, only our pages can give it.
 */
export function sessionId(c: Context<AppEnv>): string | undefined {
  const authorized = c.req.header('authorization') !== undefined
  if (authorized || c.req.header('sec-fetch-site') !== 'same-origin') {
    throw unauthorized(
      `${NO_KEY} A console session is accepted from pages of the same origin only.`,
    )
  }
  const reads = c.req.method === 'GET' || c.req.method === 'HEAD'
  if (!reads && !isOwnWrite(c)) {
    throw unauthorized(
      `With a console session this request requires "Content-Type: application/json", even without a body, and must come from the console at ${c.get('services').settings.publicUrl}.`,
    )
  }
  return getCookie(c, SESSION_COOKIE)
}

/** No form can send that content type, and no other page may: below /v1 there is no CORS. */
const isOwnWrite = (c: Context<AppEnv>) =>
  c.req.header('origin') === c.get('services').settings.publicUrl &&
  /^application\/json\s*(?:;|$)/i.test(c.req.header('content-type') ?? '')

/** RFC 6750 section 2.1; the scheme is case-insensitive (RFC 9110 section 11.1). */
function readBearer(header: string): string | null {
  return header.match(/^bearer +([\x21-\x7e]+)$/i)?.[1] ?? null
}
