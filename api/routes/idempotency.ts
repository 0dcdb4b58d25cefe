/** `Idempotency-Key` on POSTs that create (draft-ietf-httpapi-idempotency-key-header). */
import { z } from '@hono/zod-openapi'
import { createMiddleware } from 'hono/factory'
import { beginIdempotent } from '../domain/idempotency.ts'
import { describeError } from '../log.ts'
import { problems } from '../problem.ts'
import type { AppEnv } from './app-env.ts'
import type { requireScope } from './guard.ts'
import { unwrap } from './to-problem.ts'

export const IdempotencyKey = z.object({
  'idempotency-key': z.string().min(1).max(255).optional().meta({
    description:
      'A value of your choice, unique per request. Repeating the same key and body within 24 hours returns the first response again, with `Idempotency-Replayed: true` and without secrets that are shown only once; the work is not repeated.',
    example: '0190b3c6-7b1e-7cc0-9f6e-2d5c6f1a7d10',
  }),
})

/** Error responses of every POST that takes the header. */
export const idempotencyProblems = problems('idempotency_key_reused', 'idempotency_in_progress')

/**
 * Adds `Idempotency-Key` to the rules of a guard. The members of the response named in `shownOnce` are
 * neither stored nor repeated.
 */
export const idempotent = <Rules extends ReturnType<typeof requireScope>>(
  rules: Rules,
  shownOnce: readonly string[] = [],
) => ({ ...rules, middleware: [...rules.middleware, replayMiddleware(shownOnce)] })

/** Response headers that are repeated. */
const REPLAYED_HEADERS = ['content-type', 'cache-control', 'etag']

const replayMiddleware = (shownOnce: readonly string[]) =>
  createMiddleware<AppEnv>(async function idempotency(c, next) {
    const idempotencyKey = c.req.header('idempotency-key')
    if (!idempotencyKey || idempotencyKey.length > 255) return next()
    const services = c.get('services')
    const { id, work, response } = unwrap(
      await beginIdempotent(services, {
        actor: c.get('actor').id ?? '',
        route: `${c.req.method} ${c.req.path}`,
        idempotencyKey,
        body: await c.req.text(),
      }),
    )
    if (response) {
      const headers = { ...response.headers, 'idempotency-replayed': 'true' }
      return new Response(response.body, { status: response.status, headers })
    }
    c.set('work', work)
    await next()
    // A refused request has changed nothing, so it may be corrected or retried with the same key.
    if (!c.res.ok) {
      // Best effort: the key stays blocked for a minute if this fails.
      return services.store.idempotency.forget(id).catch((error: unknown) => {
        services.log('error', 'idempotency_key_not_released', { error: describeError(error) })
      })
    }
    const { status, headers } = c.res
    const replayable = {
      status,
      headers: Object.fromEntries(
        REPLAYED_HEADERS.flatMap((name) =>
          headers.has(name) ? [[name, headers.get(name) ?? '']] : [],
        ),
      ),
      body: withoutSecrets(await c.res.clone().text(), shownOnce),
    }
    // Best effort: the work is done and its response valid.
    await services.store.idempotency.finish(id, replayable).catch((error: unknown) => {
      services.log('error', 'idempotent_response_not_stored', { error: describeError(error) })
    })
  })

function withoutSecrets(body: string, names: readonly string[]): string {
  if (names.length === 0) return body
  const value = JSON.parse(body) as Record<string, unknown>
  for (const name of names) delete value[name]
  return JSON.stringify(value)
}
