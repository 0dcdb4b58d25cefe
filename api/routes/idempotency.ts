/** `Idempotency-Key` on POSTs that create (draft-ietf-httpapi-idempotency-key-header). */
import { z } from '@hono/zod-openapi'
import { createMiddleware } from 'hono/factory'
import { beginIdempotent } from '../domain/access/idempotency.ts'
import { describeError } from '../log.ts'
import { customerOf, type StoredResponse } from '../model/access.ts'
import type { AppEnv } from './app-env.ts'
import { unwrap } from './to-problem.ts'

const Key = z.string().min(1).max(255).meta({
  description:
    'A value of your choice, unique per request, for [repeated requests](/docs/api#conventions).',
  example: '0190b3c6-7b1e-7cc0-9f6e-2d5c6f1a7d10',
})

export const IdempotencyKey = z.object({ 'idempotency-key': Key.optional() })

/** The header where it is required, since a repetition without it would do harm. */
export const RequiredIdempotencyKey = z.object({ 'idempotency-key': Key })

export type Replay = {
  /** Members of the response that are neither stored nor repeated. */
  shownOnce?: readonly string[]
  /** The response has links: stored and repeated until its `expires_at`, if that is earlier. */
  untilExpiry?: true
}

/** Response headers that are repeated. */
const REPLAYED_HEADERS = ['content-type', 'etag']

/** Claims the key for the caller before the handler runs. */
export const replayMiddleware = ({ shownOnce = [], untilExpiry }: Replay) =>
  createMiddleware<AppEnv>(async function idempotency(c, next) {
    const idempotencyKey = c.req.header('idempotency-key')
    if (!idempotencyKey || idempotencyKey.length > 255) return next()
    const services = c.get('services')
    const caller = c.get('caller')
    const { id, work, isRepetition, response } = unwrap(
      await beginIdempotent(services, {
        actor: caller.actor.id ?? '',
        customer: customerOf(caller.accessScope),
        route: `${c.req.method} ${c.req.path}`,
        idempotencyKey,
        body: await c.req.text(),
      }),
    )
    // A key that has lost a right since might not be allowed to get this response, so its request is judged again, like
    // one whose response was lost.
    if (response?.reductions === caller.reductions) return replayOf(response)
    c.set('caller', { ...caller, work, isRepetition })
    await next()
    if (!c.res.ok) {
      const { forget, release } = services.store.idempotency
      // A refused request has changed nothing, so it may be corrected or retried with the same key. One that
      // failed may have changed something.
      const unblocked = c.res.status < 500 ? forget(id) : release(id)
      // Best effort: the key stays blocked for a minute if this fails.
      return unblocked.catch((error: unknown) => {
        services.log('error', 'idempotency_key_not_released', { error: describeError(error) })
      })
    }
    const { status, headers } = c.res
    const body = await c.res.clone().text()
    const expiresAt = untilExpiry ? expiryOf(body) : null
    const replayable = {
      status,
      headers: Object.fromEntries(
        REPLAYED_HEADERS.flatMap((name) =>
          headers.has(name) ? [[name, headers.get(name) ?? '']] : [],
        ),
      ),
      body: withoutSecrets(body, shownOnce),
      reductions: caller.reductions,
    }
    // Best effort, since the work is done and its response valid. A repetition that comes earlier gets the 409 of a
    // request in progress. After a crash, a repetition finds the account, grant, key or webhook that was created, but
    // creates another link, or validates again.
    const stored = services.store.idempotency
      .finish(id, replayable, expiresAt)
      .catch((error: unknown) => {
        services.log('error', 'idempotent_response_not_stored', { error: describeError(error) })
      })
    c.executionCtx.waitUntil(stored)
  })

const replayOf = ({ status, headers, body }: StoredResponse) =>
  new Response(body, { status, headers: { ...headers, 'idempotency-replayed': 'true' } })

const expiryOf = (body: string) => new Date((JSON.parse(body) as { expires_at: string }).expires_at)

function withoutSecrets(body: string, names: readonly string[]): string {
  if (names.length === 0) return body
  const value = JSON.parse(body) as Record<string, unknown>
  for (const name of names) delete value[name]
  return JSON.stringify(value)
}
