/** The route of a request, for logs and events: paths themselves hold ids. */
import type { Context } from 'hono'
import { matchedRoutes, routePath } from 'hono/route'

/**
 * Returns the pattern of the route that handles the request, such as `/v1/mail-accounts/:id`: of several that match, the
 * first that is no wildcard, as Hono chooses it.
 */
export const matchedRoute = (c: Context): string =>
  matchedRoutes(c).find(({ path }) => !path.endsWith('*'))?.path ?? routePath(c, -1)
