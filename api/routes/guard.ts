/**
 * Access control. Every guarded route states its scope with `...requireScope('write')`: the same value
 * goes into the check and into the OpenAPI document, so that the two cannot differ. The document has it
 * as `x-required-scope`, since only OAuth and OpenID Connect schemes can define scopes.
 */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { Scope } from '../../schema/api-key.ts'
import { mayDo } from '../domain/api-keys/key.ts'
import type { PermittedUse } from '../model/reason.ts'
import { ProblemError, problems } from '../problem.ts'
import type { RateName } from '../services.ts'
import type { AppEnv, Caller } from './app-env.ts'
import {
  type Credential,
  type GuardLookup,
  identify,
  presentedCredential,
  tooMany,
} from './identify.ts'
import { hashCredential, haveSameRights, type Rights } from './known-callers.ts'
import { toProblem } from './to-problem.ts'

export type { GuardLookup } from './identify.ts'

type Rules = {
  /** Refuses keys that are restricted to email accounts, with this advice; the route documents `key_limited`. */
  unrestricted?: PermittedUse
  /** Counter for the calls of one key or person. */
  rate?: Exclude<RateName, 'failed_authentication'>
}

export const requireScope = (scope: Scope, rules: Rules = {}) => ({
  security: [{ api_key: [] }, { console_session: [] }],
  'x-required-scope': scope,
  middleware: [guardWith({ scope, ...rules })],
})

/** Accepts API keys only, no sessions: a page must never be able to fetch a token. */
export const requireKeyScope = (scope: Scope, lookUp: GuardLookup) => ({
  security: [{ api_key: [] }],
  'x-required-scope': scope,
  middleware: [guardWith({ scope, lookUp })],
})

/** Error responses of every guarded route. */
export const guardProblems = problems('unauthorized', 'insufficient_scope', 'rate_limited')

type GuardRules = Rules & { scope: Scope; lookUp?: GuardLookup }

/**
 * Confirms the caller. If the caller is known, the handler runs meanwhile: it may read at once, and `callOf()` waits.
 * No response leaves before the confirmation. With `lookUp`, sessions are refused.
 */
const guardWith = (rules: GuardRules) =>
  createMiddleware<AppEnv>(async function guard(c, next) {
    const credential = await presentedCredential(c)
    // A lookup reads everything in the round trip of the key, so there is nothing to start earlier.
    const known = rules.lookUp ? undefined : knownCaller(c, credential)
    const confirmed = confirm(c, credential, rules, known)
    // The handler may fail before it asks.
    confirmed.catch(() => {})
    c.set('confirmed', confirmed)
    const remembered = known?.rights
    const suffices = remembered && refusalOf(remembered, rules) === null
    c.set('rights', suffices ? remembered : await confirmed)
    await next()
    await unlessRefused(c, confirmed)
    // Shared caches skip requests with an Authorization header (RFC 9111 section 3.5), not those with a
    // cookie.
    c.res.headers.set('cache-control', 'no-store')
  })

/**
 * Waits for the permission to send the handler's response. On a refusal, throws it in place of the response, or returns
 * null if the handler has already thrown it.
 */
export async function unlessRefused<Value>(
  c: Context<AppEnv>,
  permission: Promise<Value>,
): Promise<Value | null> {
  try {
    return await permission
  } catch (refusal) {
    if (refusal === c.error) return null
    // Hono would add the headers of the response to the refusal.
    c.res = undefined
    throw refusal
  }
}

type KnownCaller = { hash: string; rights: Rights | undefined }

function knownCaller(c: Context<AppEnv>, credential: Credential): KnownCaller {
  const hash = hashCredential(credential)
  return { hash, rights: c.get('knownCallers').find(hash) }
}

async function confirm(
  c: Context<AppEnv>,
  credential: Credential,
  rules: GuardRules,
  known: KnownCaller | undefined,
): Promise<Caller> {
  const { lookUp, rate } = rules
  const caller = await identify(c, credential, lookUp).catch((error: unknown) => {
    if (known) c.get('knownCallers').forget(known.hash)
    throw error
  })
  c.set('actor', caller.actor)
  if (known) rememberRights(c, known, caller)
  const refusal = refusalOf(caller, rules)
  if (refusal === 'scope') {
    const detail = lacksScope(caller, rules)
    throw new ProblemError({ code: 'insufficient_scope', detail })
  }
  if (lookUp && credential.type === 'session') {
    throw new ProblemError({
      code: 'insufficient_scope',
      detail: 'Access tokens are not issued to console sessions. Use an API key.',
    })
  }
  if (refusal) throw new ProblemError(toProblem(refusal))
  if (rate && !(await c.get('services').withinRate(rate, caller.id))) throw tooMany()
  return caller
}

/** Remembers the rights that were confirmed. Throws if reads have started with others. */
function rememberRights(c: Context<AppEnv>, { hash, rights }: KnownCaller, caller: Caller): void {
  const callers = c.get('knownCallers')
  if (rights && !haveSameRights(rights, caller)) {
    callers.forget(hash)
    throw new Error('The rights of a caller have changed')
  }
  callers.remember(hash, caller)
}

/** Returns why these rights do not suffice, or null. */
function refusalOf(rights: Rights, { scope, unrestricted }: GuardRules) {
  if (!mayDo(rights, scope)) return 'scope'
  if (unrestricted && rights.accessScope) {
    return { reason: 'key_restricted', permitted: unrestricted } as const
  }
  return null
}

const lacksScope = ({ actor }: Caller, { scope }: GuardRules) =>
  actor.type === 'person'
    ? `Your role does not allow this, which requires the scope "${scope}". An administrator of your organisation assigns roles.`
    : `This request requires an API key with the scope "${scope}".`
