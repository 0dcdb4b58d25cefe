/** The route of a request, for logs and events, since paths contain ids. */
import type { Context } from 'hono'
import { matchedRoutes, routePath } from 'hono/route'

/**
 * Returns the pattern of the route that handles the request, such as `/v1/mail-accounts/:id`: the first match that is
 * no wildcard, as Hono chooses it.
 */
export const matchedRoute = (c: Context): string =>
  matchedRoutes(c).find(({ path }) => !path.endsWith('*'))?.path ?? routePath(c, -1)
