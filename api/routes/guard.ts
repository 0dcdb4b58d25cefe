/**
 * Who may call. Every guarded route states its scope with `...needs('write')`: the same value goes
 * into the OpenAPI document and into the one check, so that the two cannot differ.
 */
import { createMiddleware } from 'hono/factory'
import { sameSecret } from '../domain/secrets.ts'
import { ProblemError, problems } from '../problem.ts'
import type { Services } from '../services.ts'
import type { AppEnv } from './app-env.ts'

export type Scope = 'read' | 'write' | 'tokens' | 'admin'

/** What a key with this scope covers. `tokens` includes neither reading nor writing. */
const covers: Record<Scope, readonly Scope[]> = {
  read: ['read'],
  write: ['read', 'write'],
  tokens: ['tokens'],
  admin: ['read', 'write', 'tokens', 'admin'],
}

export const needs = (scope: Scope) => ({
  security: [{ api_key: [scope] }],
  middleware: [requireScope(scope)],
})

/** Error responses that every guarded route can give. */
export const guardProblems = problems('unauthorized', 'insufficient_scope')

const requireScope = (scope: Scope) =>
  createMiddleware<AppEnv>(async function guard(c, next) {
    const services = c.get('services')
    const key = await findKey(services, readBearer(c.req.header('authorization')))
    if (!key) {
      throw new ProblemError({
        code: 'unauthorized',
        detail: 'Send a valid API key as "Authorization: Bearer ...".',
      })
    }
    if (!key.scopes.some((held) => covers[held].includes(scope))) {
      throw new ProblemError({
        code: 'insufficient_scope',
        detail: `This call needs an API key with the scope "${scope}".`,
      })
    }
    c.set('actor', { type: 'key', id: key.id })
    await next()
  })

/** RFC 6750 section 2.1; the scheme is case-insensitive (RFC 9110 section 11.1). */
function readBearer(header: string | undefined): string | null {
  return header?.match(/^bearer +([\x21-\x7e]+)$/i)?.[1] ?? null
}

type Key = { id: string; scopes: readonly Scope[] }

async function findKey(services: Services, presented: string | null): Promise<Key | null> {
  if (presented === null) return null
  const same = await sameSecret(presented, services.settings.rootApiKey)
  return same ? { id: 'root', scopes: ['admin'] } : null
}
