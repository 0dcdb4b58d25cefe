/**
 * Authentication: by the API key in the Authorization header or, from the console only, by the cookie of
 * its session. If there is an Authorization header, nothing else counts.
 */
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { SESSION_COOKIE } from '../../schema/console-session.ts'
import {
  findKey,
  type Key,
  type KeyLookup,
  recordKeyUse,
  recordRootKeyUse,
  rootKey,
} from '../domain/access/authenticate.ts'
import {
  actorOf,
  type OpenSession,
  readSession,
  recordSessionUse,
} from '../domain/access/console-session.ts'
import { UNLIMITED } from '../model/access.ts'
import { networkOf } from '../model/token-use.ts'
import { httpProblems, ProblemError, SEND_KEY } from '../problem.ts'
import type { AppEnv, Caller } from './app-env.ts'

const unauthorized = (detail: string) => new ProblemError({ code: 'unauthorized', detail })

/** Creates the 429. */
export const tooMany = () => new ProblemError(httpProblems.tooMany)

const NO_KEY = `This request has no Authorization header. ${SEND_KEY}`
const NOT_BEARER =
  'The Authorization header must be "Bearer", a space and an API key, without quotes.'

/** Returns true if the request presents the cookie of a console session instead of a key. */
export const presentsSession = (c: Context<AppEnv>): boolean =>
  c.req.header('authorization') === undefined && getCookie(c, SESSION_COOKIE) !== undefined

/** Runs work after the response. */
const deferral = (c: Context<AppEnv>) => ({
  defer: (work: Promise<unknown>) => c.executionCtx.waitUntil(work),
})

/** Reads the caller. Throws the 401 or 429 that ends the request. */
export async function identify(c: Context<AppEnv>, lookUp?: KeyLookup): Promise<Caller> {
  const services = c.get('services')
  const call = deferral(c)
  const session = presentsSession(c) ? await requireSession(c) : null
  if (session) recordSessionUse(services, call, session)
  if (session?.person) return callerOf(session)
  const key = session ? session.key : await requireKey(c, lookUp)
  recordKeyUse(services, call, key)
  return { ...key, actor: { type: 'key', id: key.id } }
}

/** Returns the caller of a person's session. An administrator may use app-only tokens, as an admin key may. */
const callerOf = (session: Extract<OpenSession, { key: null }>): Caller => ({
  id: session.person.id,
  scopes: [session.person.role],
  accessScope: UNLIMITED,
  appOnly: session.person.role === 'admin',
  // A session's role never changes. Another role is another session.
  reductions: 0,
  actor: actorOf(session),
  person: session.person,
})

/** Returns the key of the Authorization header. Throws the 401 or 429 that ends the request. */
export async function requireKey(c: Context<AppEnv>, lookUp?: KeyLookup): Promise<Key> {
  const header = c.req.header('authorization')
  if (header === undefined) throw unauthorized(NO_KEY)
  const presented = readBearer(header)
  if (presented === null) throw await authenticationFailed(c, NOT_BEARER)
  return requirePresentedKey(c, presented, { lookUp, refusal: httpProblems.wrongKey.detail })
}

/** Returns the key with this text. Throws the 401, with the sentence `refusal`, or 429 that ends the request. */
export async function requirePresentedKey(
  c: Context<AppEnv>,
  presented: string,
  { lookUp, refusal }: { lookUp?: KeyLookup | undefined; refusal: string },
): Promise<Key> {
  const services = c.get('services')
  const { key, ended } = await findKey(services, presented, lookUp)
  if (key?.id === rootKey.id) {
    recordRootKeyUse(services, deferral(c), networkOf(c.env.clientAddress))
  }
  if (key) return key
  // Identifies the expired or revoked key in the audit trail.
  if (ended !== null) c.set('actor', { type: 'key', id: ended })
  throw await authenticationFailed(c, refusal)
}

const SESSION_ENDED = 'The console session has expired. Sign in again.'

/** Returns the session of the cookie. Throws the 401 or 429 that ends the request. */
export async function requireSession(c: Context<AppEnv>): Promise<OpenSession> {
  const id = sessionId(c)
  if (id === undefined) throw unauthorized(SESSION_ENDED)
  const session = await readSession(c.get('services'), id)
  if (!session) throw await authenticationFailed(c, SESSION_ENDED)
  return session
}

/** Counts a failed authentication by the client's address and returns its 401 or 429. */
async function authenticationFailed(c: Context<AppEnv>, detail: string): Promise<ProblemError> {
  const client = networkOf(c.env.clientAddress)
  const within = await c.get('services').withinRate('failed_authentication', client)
  return within ? unauthorized(detail) : tooMany()
}

/**
 * Returns the session id in the cookie, or undefined without one. Throws the 401 for a request that Mailgrant's own
 * pages cannot have sent, since a browser adds the cookie to requests of any page.
 */
export function sessionId(c: Context<AppEnv>): string | undefined {
  const authorized = c.req.header('authorization') !== undefined
  if (authorized || c.req.header('sec-fetch-site') !== 'same-origin') {
    throw unauthorized(
      `${SEND_KEY} A console session is accepted from pages of the same origin only.`,
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

/** Returns true for a write of Mailgrant's own pages, since no form can send this content type and there is no CORS. */
const isOwnWrite = (c: Context<AppEnv>) =>
  c.req.header('origin') === c.get('services').settings.publicUrl &&
  /^application\/json\s*(?:;|$)/i.test(c.req.header('content-type') ?? '')

/** RFC 6750 section 2.1; the scheme is case-insensitive (RFC 9110 section 11.1). */
function readBearer(header: string): string | null {
  return header.match(/^bearer +([\x21-\x7e]+)$/i)?.[1] ?? null
}
