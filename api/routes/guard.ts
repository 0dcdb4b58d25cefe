/**
 * Access control. The scope of an operation goes into the check and into the OpenAPI document, so that the two cannot
 * differ. The document has it as `x-required-scope`, since only OAuth and OpenID Connect schemes can define scopes.
 */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { Scope } from '../../schema/api-key.ts'
import { type KeyLookup, mayDo } from '../domain/access/authenticate.ts'
import { limitRefusal, narrowScope } from '../domain/access/limits.ts'
import { byScope } from '../model/access.ts'
import type { PermittedUse } from '../model/reason.ts'
import { httpProblems, type ProblemContent, ProblemError } from '../problem.ts'
import type { RateName } from '../services.ts'
import type { AppEnv, Caller } from './app-env.ts'
import { identify, presentsSession, tooMany } from './identify.ts'
import { toProblem } from './to-problem.ts'

export type Rules = {
  /** Refuses keys whose limit to accounts or a customer forbids this use. */
  use?: PermittedUse
  /**
   * Scope that a key for one customer needs instead. A lower one is enough, since it reaches only that customer's data.
   */
  customerScope?: Scope
  /** Counter for the calls of one key or person. */
  rate?: Exclude<RateName, 'failed_authentication'>
}

export const requireScope = (scope: Scope, rules: Rules = {}) => ({
  security: [{ api_key: [] }, { console_session: [] }],
  'x-required-scope': scope,
  middleware: [guardWith({ scope, ...rules })],
})

/** Accepts API keys only, no sessions, since a page must never be able to fetch a token. `lookUp`: reads the key. */
export const requireKeyScope = (scope: Scope, lookUp: Lookup) => ({
  security: [{ api_key: [] }],
  'x-required-scope': scope,
  middleware: [guardWith({ scope, lookUp })],
})

type Lookup = (c: Context<AppEnv>) => KeyLookup
type GuardRules = Rules & { scope: Scope; lookUp?: Lookup }

/** Authenticates the caller before the handler runs. With `lookUp`, sessions are refused. */
const guardWith = (rules: GuardRules) =>
  createMiddleware<AppEnv>(async function guard(c, next) {
    c.set('caller', await authenticate(c, rules))
    await next()
    // Shared caches skip requests with an Authorization header (RFC 9111 section 3.5), not those with a
    // cookie.
    c.res.headers.set('cache-control', 'no-store')
  })

/** Returns the caller, whose rights suffice. Throws the 401, 403 or 429 that ends the request. */
async function authenticate(c: Context<AppEnv>, rules: GuardRules): Promise<Caller> {
  const { lookUp, use, rate } = rules
  const caller = await identify(c, lookUp?.(c))
  c.set('actor', caller.actor)
  const scope = byScope(caller.accessScope, {
    all: () => rules.scope,
    mail_accounts: () => rules.scope,
    customer: () => rules.customerScope ?? rules.scope,
  })
  if (!mayDo(caller, scope)) {
    throw new ProblemError(lacksScope(caller, scope))
  }
  if (lookUp && presentsSession(c)) {
    throw new ProblemError({
      code: 'insufficient_scope',
      detail: 'Access tokens are not issued to console sessions. Use an API key.',
    })
  }
  const refusal = use && limitRefusal(caller.accessScope, use)
  if (refusal) throw new ProblemError(toProblem(refusal.error))
  if (rate && !(await c.get('services').withinRate(rate, caller.id))) throw tooMany()
  const { customer, cursor } = c.req.query()
  const shown = narrowScope(caller.accessScope, { customer, cursor })
  if (!shown.ok) throw new ProblemError(toProblem(shown.error))
  return { ...caller, accessScope: shown.value }
}

const lacksScope = ({ actor }: Caller, scope: Scope): ProblemContent =>
  actor.type === 'person'
    ? {
        code: 'insufficient_scope',
        detail: 'Your role does not allow this. Your Microsoft 365 admin assigns roles.',
      }
    : httpProblems.scopeMissing(scope)
