/** Refusal of requests to a foreign host name, with which a page of another site would reach this server. */
import { createMiddleware } from 'hono/factory'
import { TOKEN_ENDPOINT } from '../paths.ts'
import { httpProblems, ProblemError } from '../problem.ts'
import type { AppEnv } from './app-env.ts'

/** Paths for any host name, since load balancers and mail programs may use one that PUBLIC_URL does not name. */
export const ANY_HOST_PATHS: readonly string[] = ['/healthz', '/readyz', TOKEN_ENDPOINT]

/** The form of an API key, which is judged later. */
const HAS_KEY = /^Bearer +mg_/i

/**
 * Returns 421 for a foreign `Host`. A page whose name was rebound to this machine (DNS rebinding) is of the same origin
 * for the browser, so neither cookies nor CORS stop it. Calls with a key pass, since such a page has none, and so do
 * ANY_HOST_PATHS.
 */
export const checkHostHeader = createMiddleware<AppEnv>(async function hostCheck(c, next) {
  const passes =
    !c.env.foreignHost ||
    HAS_KEY.test(c.req.header('authorization') ?? '') ||
    ANY_HOST_PATHS.includes(c.req.path)
  if (passes) return next()
  const { publicUrl } = c.get('services').settings
  throw new ProblemError(httpProblems.wrongHost(publicUrl))
})
