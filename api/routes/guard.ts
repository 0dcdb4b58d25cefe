/**
 * Who may call. Every guarded route states its scope with `...requireScope('write')`: the same value goes
 * into the OpenAPI document and into the one check, so that the two cannot differ. It stands there as
 * `x-required-scope`: only the schemes of OAuth and OpenID Connect can define scopes.
 */
import { createMiddleware } from 'hono/factory'
import type { Scope } from '../../schema/api-key.ts'
import { mayDo } from '../domain/api-keys/key.ts'
import { ProblemError, problems } from '../problem.ts'
import type { RateName } from '../services.ts'
import type { AppEnv } from './app-env.ts'
import { type GuardLookup, identify, tooMany } from './identify.ts'
import { toProblem } from './to-problem.ts'

export type { GuardLookup } from './identify.ts'

type Rules = {
  /** Rejects keys that are restricted to mail accounts; the route adds `key_limited`. */
  unrestricted?: true
  /** Calls of one key are counted under this name. */
  rate?: Exclude<RateName, 'failed_authentication'>
}

export const requireScope = (scope: Scope, rules: Rules = {}) => ({
  security: [{ api_key: [] }, { console_session: [] }],
  'x-required-scope': scope,
  middleware: [checkScope(scope, rules)],
})

/** For what leaves this service with a secret: a page must never be able to fetch it. */
export const requireKeyScope = (scope: Scope, lookUp: GuardLookup) => ({
  security: [{ api_key: [] }],
  'x-required-scope': scope,
  middleware: [checkScope(scope, { lookUp })],
})

/** Error responses that every guarded route can give. */
export const guardProblems = problems('unauthorized', 'insufficient_scope', 'rate_limited')

/** With `lookUp` sessions are refused. */
const checkScope = (
  scope: Scope,
  { unrestricted, rate, lookUp }: Rules & { lookUp?: GuardLookup },
) =>
  createMiddleware<AppEnv>(async function guard(c, next) {
    const { key, by } = await identify(c, lookUp)
    c.set('actor', { type: 'key', id: key.id })
    if (!mayDo(key, scope)) {
      throw new ProblemError({
        code: 'insufficient_scope',
        detail: `This request requires an API key with the scope "${scope}".`,
      })
    }
    if (lookUp && by === 'session') {
      throw new ProblemError({
        code: 'insufficient_scope',
        detail: 'Access tokens are not issued to console sessions. Use an API key.',
      })
    }
    if (unrestricted && key.accessScope) {
      throw new ProblemError(toProblem({ reason: 'key_restricted', permitted: 'own_accounts' }))
    }
    if (rate && !(await c.get('services').withinRate(rate, key.id))) throw tooMany()
    c.set('accessScope', key.accessScope)
    await next()
    // Caches leave alone what was asked for with an Authorization header (RFC 9111 section 3.5), but
    // not what was asked for with a cookie.
    c.header('cache-control', 'no-store')
  })
