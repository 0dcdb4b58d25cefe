/**
 * GET /oauth/status/{id}: the status of a sign-in, for the page that waits. It cannot ask its popup, since Microsoft's
 * COOP makes `popup.closed` and `window.opener` useless.
 */
import { createMiddleware } from 'hono/factory'
import { z } from 'zod'
import { AuthorizationProgress } from '../../schema/authorization.ts'
import { AuthorizationId } from '../../schema/common.ts'
import { readProgress } from '../domain/sign-ins/read.ts'
import { ok } from '../model/result.ts'
import { type AppEnv, createRouter, visitorCallOf } from './app-env.ts'
import { operationsOf } from './operation.ts'

/**
 * Lets a page read a 404, which it would otherwise mistake for a network failure and keep polling. The
 * origin of the authorization is unknown then, so this applies to all allowed origins.
 */
const readableRefusal = createMiddleware<AppEnv>(async function readableRefusal(c, next) {
  await next()
  const origin = c.req.header('origin')
  const { allowedOrigins } = c.get('services').settings
  if (c.res.status === 404 && origin !== undefined && allowedOrigins.includes(origin)) {
    c.header('access-control-allow-origin', origin)
    c.header('vary', 'Origin')
  }
})

export const oauthStatus = createRouter()
oauthStatus.use('/status/:id', readableRefusal)

operationsOf(oauthStatus, 'Authorizations')('get', '/status/{id}', {
  operationId: 'getAuthorizationProgress',
  summary: 'Get the status of a sign-in without an API key',
  description:
    'This is the `status_url` of an authorization, polled by the page that opened the popup. CORS is enabled only for the `origin` of the authorization. Available until one hour after the sign-in ends.',
  params: z.object({ id: AuthorizationId }),
  query: z.object({
    // A missing or repeated secret is a wrong one.
    secret: z.string().catch('').meta({
      type: 'string',
      description: 'The secret contained in `status_url`.',
      example: 'q3Zk1x0h8m4Wc9T2rVb7Ns5Jd6Ly0Ea',
    }),
  }),
  returns: AuthorizationProgress,
  problems: ['storage_unavailable', 'internal_error'],
  run: async ({ services, params: { id }, query: { secret }, c }) => {
    const found = await readProgress(services, visitorCallOf(c), id, secret)
    if (!found.ok) return found
    const { progress, origin } = found.value
    // Allows the origin of the authorization only, never the requesting origin as such.
    if (origin !== null && c.req.header('origin') === origin) {
      c.header('access-control-allow-origin', origin)
    }
    c.header('vary', 'Origin')
    c.header('cache-control', 'no-store')
    return ok(progress)
  },
})
