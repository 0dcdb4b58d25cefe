/** Error handling of the whole app. Unexpected errors are logged, and their cause is kept out of the response. */
import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { requestId } from 'hono/request-id'
import type { ProblemCode } from '../schema/problem.ts'
import { describeError } from './log.ts'
import { TOKEN_ENDPOINT } from './paths.ts'
import { httpProblems, PROBLEM_JSON, type ProblemContent, problemResponse } from './problem.ts'
import { matchedRoute } from './routes/access-log.ts'
import { isAccessTokenPath } from './routes/access-tokens.ts'
import { type AppEnv, whereOf } from './routes/app-env.ts'
import { asText, prefersText } from './routes/text.ts'
import { problemOf } from './routes/to-problem.ts'
import { asTokenError, oauthErrorOf, TokenError } from './routes/token-error.ts'

export function renderError(error: Error, c: Context<AppEnv>): Response {
  // The stored response to an earlier attempt.
  if (error instanceof HTTPException && error.res) return error.res
  const problem = problemOf(error, c.get('services').store)
  if (problem.code === 'internal_error' || problem.code === 'storage_unavailable') {
    c.get('services').log('error', problem.code, {
      request_id: c.get('requestId'),
      route: matchedRoute(c),
      error: describeError(error),
    })
  }
  return respond(problem, c, error instanceof TokenError ? error.error : undefined)
}

export function renderNotFound(c: Context<AppEnv>): Response {
  const where = whereOf(c)
  const detail = `No such path. Paths of the API begin with /v1/ and do not end with a slash. They are listed at ${where.publicUrl}/docs.`
  return problemResponse({ code: 'not_found', detail }, where)
}

/** RFC 9110 section 15.5.6. */
export function renderMethodNotAllowed(c: Context<AppEnv>, methods: string[]): Response {
  const response = respond(httpProblems.wrongMethod(methods), c)
  response.headers.set('allow', methods.join(', '))
  return response
}

/** Creates the response in the form of the path: a problem, a line of text, or an error of OAuth. */
function respond(
  problem: ProblemContent,
  c: Context<AppEnv>,
  error = oauthErrorOf(problem.code),
): Response {
  const { path } = c.req
  const response = problemResponse(problem, whereOf(c))
  if (path === TOKEN_ENDPOINT) {
    const basic = /^basic /i.test(c.req.header('authorization') ?? '')
    return asTokenError(problem, response, { error, basic })
  }
  const text = isAccessTokenPath(path) && prefersText(c.req.header('accept'))
  return text ? asText(problem, response) : response
}

/**
 * Creates the app of a deployment whose settings are missing or invalid: 500 everywhere, without a
 * problem type, since its URL would require them. `log` records the cause, which callers do not see.
 */
export const createUnconfiguredApp = (log: (requestId: string) => void) =>
  new Hono().use(requestId()).all('*', (c) => {
    const id = c.get('requestId')
    log(id)
    const problem = {
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail:
        'This deployment is not configured. Give the request ID to your Mailgrant administrator: the log lists the missing or invalid settings.',
      instance: c.req.path,
      code: 'internal_error' satisfies ProblemCode,
      request_id: id,
    }
    return c.json(problem, 500, { 'content-type': PROBLEM_JSON, 'cache-control': 'no-store' })
  })
