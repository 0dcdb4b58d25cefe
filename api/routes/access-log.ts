/**
 * The access log: a line for each request. Requests that get a stored token are counted instead, since at
 * hundreds a second their lines would cost more than the responses.
 */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { matchedRoutes, routePath } from 'hono/route'
import { SECOND_MS } from '../../schema/durations.ts'
import { problemTable } from '../../schema/problems.ts'
import { ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'
import type { AppEnv } from './app-env.ts'

/** Least time between two lines about stored tokens of one route. */
const COUNT_EVERY_MS = 10 * SECOND_MS

/**
 * Returns the pattern of the route that handles the request, such as `/v1/mail-accounts/:id`, since paths contain ids: the
 * first match that is no wildcard, as Hono chooses it.
 */
export const matchedRoute = (c: Context): string =>
  matchedRoutes(c).find(({ path }) => !path.endsWith('*'))?.path ?? routePath(c, -1)

/** Returns the id of the key, and for a refused client its address, which blocklists need. */
function callerOf(c: Context<AppEnv>): { key?: string; client?: string } {
  const actor = c.get('actor')
  const refused =
    c.error instanceof ProblemError && problemTable[c.error.problem.code].status === 401
  return {
    ...(actor?.type === 'key' && actor.id !== null && { key: actor.id }),
    ...(refused && { client: c.env.clientAddress }),
  }
}

export function accessLog(services: Pick<Services, 'log' | 'now'>) {
  /** Requests since the last line and its time in milliseconds, by route. */
  const counts = new Map<string, { count: number; loggedAt: number }>()

  return createMiddleware<AppEnv>(async function accessLog(c, next) {
    const started = services.now().getTime()
    await next()
    const ended = services.now().getTime()
    const { method } = c.req
    const route = matchedRoute(c)
    const { status } = c.res
    if (c.get('issuedFromStore') && status === 200) {
      const { count, loggedAt } = counts.get(route) ?? { count: 0, loggedAt: 0 }
      if (ended - loggedAt < COUNT_EVERY_MS) {
        counts.set(route, { count: count + 1, loggedAt })
        return
      }
      counts.set(route, { count: 0, loggedAt: ended })
      services.log('info', 'stored_tokens', { method, route, status, count: count + 1 })
      return
    }
    services.log('info', 'request', {
      request_id: c.get('requestId'),
      method,
      route,
      status,
      duration_ms: ended - started,
      ...callerOf(c),
    })
  })
}
