/**
 * GET /oauth/status/{id}: the status of a sign-in, for the page that waits. It cannot ask its popup, since Microsoft's
 * COOP makes `popup.closed` and `window.opener` useless.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { createMiddleware } from 'hono/factory'
import { AuthorizationProgress } from '../../schema/authorization.ts'
import { AuthorizationId } from '../../schema/common.ts'
import { readProgress } from '../domain/sign-ins/read.ts'
import { ProblemError, problems } from '../problem.ts'
import { type AppEnv, createRouter, visitorCallOf } from './app-env.ts'
import { jsonResponse } from './json.ts'
import { toProblem, unwrap } from './to-problem.ts'

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

const status = createRoute({
  method: 'get',
  path: '/status/{id}',
  security: [],
  middleware: [readableRefusal],
  operationId: 'getAuthorizationProgress',
  tags: ['Authorizations'],
  summary: 'Get the status of a sign-in without an API key',
  description:
    'This is the `status_url` of an authorization, polled by the page that opened the popup. CORS is enabled only for the `origin` of the authorization. Available until one hour after the sign-in ends.',
  request: {
    params: z.object({ id: AuthorizationId }),
    query: z.object({
      secret: z.string().max(200).default('').meta({
        description: 'The secret contained in `status_url`.',
        example: 'q3Zk1x0h8m4Wc9T2rVb7Ns5Jd6Ly0Ea',
      }),
    }),
  },
  responses: {
    200: jsonResponse('The status.', AuthorizationProgress),
    ...problems('storage_unavailable', 'internal_error'),
  },
})

/** Treats an invalid id or secret like an unknown one. */
const refuseAsUnknown = ({ success }: { success: boolean }): undefined => {
  if (success) return
  throw new ProblemError(toProblem({ reason: 'not_found', resource: 'authorization' }))
}

export const oauthStatus = createRouter().openapi(
  status,
  async (c) => {
    const { id } = c.req.valid('param')
    const { secret } = c.req.valid('query')
    const { progress, origin } = unwrap(
      await readProgress(c.get('services'), visitorCallOf(c), id, secret),
    )
    // Allows the origin of the authorization only, never the requesting origin as such.
    if (origin !== null && c.req.header('origin') === origin) {
      c.header('access-control-allow-origin', origin)
    }
    c.header('vary', 'Origin')
    c.header('cache-control', 'no-store')
    return c.json(progress, 200)
  },
  refuseAsUnknown,
)
