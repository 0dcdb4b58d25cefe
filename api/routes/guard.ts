/**
 * Who may call. Every guarded route states its scope with `...needs('write')`: the same value goes
 * into the OpenAPI document and into the one check, so that the two cannot differ.
 */
import { createMiddleware } from 'hono/factory'
import type { Scope } from '../../schema/api-key.ts'
import { mayDo } from '../domain/api-keys/key.ts'
import { ProblemError, problems } from '../problem.ts'
import type { AppEnv } from './app-env.ts'
import { identify } from './identify.ts'

export const needs = (scope: Scope) => ({
  security: [{ api_key: [scope] }, { console_session: [scope] }],
  middleware: [requireScope(scope, 'session')],
})

/** For what leaves this service with a secret: a page must never be able to fetch it. */
export const needsKey = (scope: Scope) => ({
  security: [{ api_key: [scope] }],
  middleware: [requireScope(scope, 'key')],
})

/** Error responses that every guarded route can give. */
export const guardProblems = problems('unauthorized', 'insufficient_scope')

const requireScope = (scope: Scope, least: 'session' | 'key') =>
  createMiddleware<AppEnv>(async function guard(c, next) {
    const { key, by } = await identify(c)
    if (!mayDo(key, scope)) {
      throw new ProblemError({
        code: 'insufficient_scope',
        detail: `This call needs an API key with the scope "${scope}".`,
      })
    }
    if (least === 'key' && by === 'session') {
      throw new ProblemError({
        code: 'insufficient_scope',
        detail: 'A console session is never handed access tokens. Call with an API key.',
      })
    }
    c.set('actor', { type: 'key', id: key.id })
    await next()
  })
