/** The API: middleware in order, then every resource. */
import { bodyLimit } from 'hono/body-limit'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { requestId } from 'hono/request-id'
import { problemTable } from '../schema/problems.ts'
import { renderError, renderMethodNotAllowed, renderNotFound } from './app-errors.ts'
import { recordRefusal } from './domain/events.ts'
import { deliverAfterRequest } from './domain/webhooks/deliver.ts'
import { describeError } from './log.ts'
import { httpProblems, ProblemError } from './problem.ts'
import { accessLog, matchedRoute } from './routes/access-log.ts'
import { accessTokens, isAccessTokenPath } from './routes/access-tokens.ts'
import { apiKeys } from './routes/api-keys.ts'
import { createRouter } from './routes/app-env.ts'
import { assets } from './routes/assets.ts'
import { authorizations } from './routes/authorizations.ts'
import { consoleSession, consoleSessions } from './routes/console-session.ts'
import { consoleSignIn } from './routes/console-sign-in.tsx'
import { customers } from './routes/customers.ts'
import { diagnoses, MAX_DIAGNOSIS_BODY_BYTES } from './routes/diagnoses.ts'
import { docs } from './routes/docs.ts'
import { grants } from './routes/grants.ts'
import { events, history } from './routes/history.ts'
import { checkHostHeader } from './routes/host-check.ts'
import { integrations } from './routes/integrations.ts'
import { METHODS_WITH_BODY, requireUtf8 } from './routes/json.ts'
import { MAX_BULK_BODY_BYTES, mailAccounts } from './routes/mail-accounts.ts'
import { oauth } from './routes/oauth.tsx'
import { health, keyRing, metrics } from './routes/operating.ts'
import { tokenEndpoint } from './routes/token-endpoint.ts'
import { validations } from './routes/validations.ts'
import { webhooks } from './routes/webhooks.ts'
import type { Services } from './services.ts'

/** Limit for the other routes, whose largest body is a form with a sealed token response. */
const MAX_BODY_BYTES = 64 * 1024

const limit = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: () => {
      throw new ProblemError(httpProblems.tooLarge(maxSize))
    },
  })

export function createApp(services: Services) {
  const app = createRouter()

  app.use(requestId())
  app.use(async function context(c, next) {
    c.set('services', services)
    await next()
    // Set last: a response of onError has none of the headers set before. Not with c.header(), which copies
    // the whole response for each header.
    const { headers } = c.res
    headers.set('x-request-id', c.get('requestId'))
    headers.set('strict-transport-security', 'max-age=31536000')
    headers.set('x-content-type-options', 'nosniff')
    headers.set('referrer-policy', 'no-referrer')
  })
  app.use(accessLog(services))
  app.use(async function notifyWebhooks(c, next) {
    await next()
    if (c.get('notify')) c.executionCtx.waitUntil(deliverAfterRequest(services))
  })
  app.use(async function recordRefusals(c, next) {
    await next()
    const { error } = c
    const actor = c.get('actor')
    if (!(error instanceof ProblemError) || (actor?.type !== 'key' && actor?.type !== 'person'))
      return
    const { code } = error.problem
    // Not the status of the response, since the token endpoint returns 400 for most refusals.
    const { status } = problemTable[code]
    if (status !== 401 && status !== 403) return
    const { method } = c.req
    const attempt = { method, route: matchedRoute(c), code }
    const recorded = recordRefusal(services, actor, attempt).catch((cause: unknown) =>
      services.log('error', 'refusal_not_recorded', { error: describeError(cause) }),
    )
    c.executionCtx.waitUntil(recorded)
  })
  app.use(checkHostHeader)
  app.use(methodNotAllowed({ app, onMethodNotAllowed: renderMethodNotAllowed }))
  const limitBody = limit(MAX_BODY_BYTES)
  const limitsByPath = new Map([
    ['/v1/diagnoses', limit(MAX_DIAGNOSIS_BODY_BYTES)],
    ['/v1/mail-accounts/bulk', limit(MAX_BULK_BODY_BYTES)],
  ])
  app.use((c, next) => {
    if (!METHODS_WITH_BODY.includes(c.req.method)) return next()
    return (limitsByPath.get(c.req.path) ?? limitBody)(c, next)
  })
  app.use((c, next) => (isAccessTokenPath(c.req.path) ? next() : requireUtf8(c, next)))
  app.onError(renderError)
  app.notFound(renderNotFound)

  app.route('/', health)
  app.route('/v1', integrations)
  app.route('/v1', authorizations)
  app.route('/v1', grants)
  app.route('/v1', mailAccounts)
  app.route('/v1', history)
  app.route('/v1', accessTokens)
  app.route('/v1', validations)
  app.route('/v1', diagnoses)
  app.route('/v1', events)
  app.route('/v1', keyRing)
  app.route('/v1', apiKeys)
  app.route('/v1', customers)
  app.route('/v1', webhooks)
  app.route('/v1', consoleSessions)
  app.route('/', metrics)
  app.route('/', tokenEndpoint)
  app.route('/', oauth)
  app.route('/console', consoleSession)
  app.route('/', consoleSignIn)

  app.route('/', docs)
  app.route('/', assets)
  return app
}
