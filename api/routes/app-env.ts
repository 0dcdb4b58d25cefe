/** Context of every handler, and the router that every resource is built with. */
import { type Hook, OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ConsolePerson } from '../../schema/console-session.ts'
import type { Actor } from '../../schema/event.ts'
import type { FieldError } from '../../schema/problem.ts'
import type { Key } from '../domain/access/authenticate.ts'
import { UNLIMITED } from '../model/access.ts'
import type { TokenIssueContext } from '../model/loaded-mail-account.ts'
import { httpProblems, ProblemError, type ProblemWhere } from '../problem.ts'
import type { Call, Services } from '../services.ts'
import { describeIssue } from './zod-messages.ts'

/** Facts about a request that only the runtime knows. */
export type RequestBindings = {
  /** IP address of the caller, from the socket or from a proxy that is trusted. */
  clientAddress: string
  /**
   * True if `Host` is neither that of PUBLIC_URL nor this machine. Cloudflare delivers only requests for its own names.
   */
  foreignHost?: boolean
  /** The client's Accept-Encoding, where the runtime replaces the header. */
  acceptEncoding?: string
}

/** A caller whose credential was checked for this request: a key, the key of a session, or its person. */
export type Caller = Pick<Key, 'id' | 'scopes' | 'accessScope' | 'appOnly' | 'reductions'> & {
  actor: Actor
  person?: ConsolePerson
  /** Constant for all attempts of one request with an Idempotency-Key. */
  work?: string
  isRepetition?: boolean
}

export type AppEnv = {
  Bindings: RequestBindings
  Variables: {
    services: Services
    requestId: string
    /** The actor for whom a refusal is recorded. */
    actor?: Actor
    /** The caller of a guarded route. */
    caller: Caller
    /** Read by the guard of the token endpoint, together with the key. */
    tokenIssue?: TokenIssueContext | null
    /** True if the response is a stored token, which the access log only counts. */
    issuedFromStore?: boolean
    /** True once an event was written that webhooks may be waiting for. */
    notify?: boolean
  }
}

// Global, so that schemas do not have to state messages.
z.config({ customError: describeIssue })

/**
 * Creates a router that turns failed validations into one 422 problem with a pointer per member, and refuses query
 * parameters that a guarded route does not have, since with a misspelt filter, a list would otherwise return
 * everything.
 */
export function createRouter() {
  const router = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  const { openapi } = router
  const strict: typeof openapi = (route, ...handlers) =>
    openapi('x-required-scope' in route ? withStrictQuery(route) : route, ...handlers)
  return Object.assign(router, { openapi: strict })
}

function withStrictQuery<Route extends RouteConfig>(route: Route): Route {
  const { query = z.object({}) } = route.request ?? {}
  if (!(query instanceof z.ZodObject)) throw new Error(`The query of ${route.path} is no object.`)
  return { ...route, request: { ...route.request, query: query.strict() } }
}

const refuseInvalid: Hook<unknown, AppEnv, string, void> = (result) => {
  if (result.success) return
  // An id in another format belongs to no resource.
  if (result.target === 'param') {
    const [issue] = result.error.issues
    const detail = `There is nothing with this ID: it ${issue?.message}.`
    throw new ProblemError({ code: 'not_found', detail })
  }
  if (result.target === 'header' && result.error.issues.some(isMissingIfMatch)) {
    throw new ProblemError(httpProblems.noIfMatch)
  }
  throw validationProblem(result.target, result.error)
}

/** The schema accepts any text in this header, so the only fault is that it is missing. */
const isMissingIfMatch = ({ path }: Pick<z.core.$ZodIssue, 'path'>) => path[0] === 'if-match'

/** Creates the 422 problem. `target`: the part of the request with these issues, as Hono names it. */
export function validationProblem(
  target: string,
  { issues }: Pick<z.ZodError, 'issues'>,
): ProblemError {
  const errors = issues.flatMap(withoutNull).flatMap((issue): FieldError[] => {
    const path =
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => [...issue.path, key])
        : [issue.path]
    const { message } = issue
    return path.map((steps) => ({ pointer: pointerTo(target, steps), message }))
  })
  return new ProblemError({
    code: 'validation_failed',
    detail: errors
      .map(({ pointer, message }) => `${pointer || 'The request body'}: ${message}`)
      .join('; ')
      .slice(0, 1000),
    errors: errors.slice(0, 50),
  })
}

/** Returns the issues of a nullable value without those about null. */
function withoutNull(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  const [issues, [other] = []] = issue.code === 'invalid_union' ? issue.errors : []
  if (!issues || other?.code !== 'invalid_type' || other.expected !== 'null') return [issue]
  return issues.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** Returns a JSON pointer into the body, or the name of a parameter. */
function pointerTo(target: string, steps: PropertyKey[]): string {
  if (target === 'query') return `?${steps.join('.')}`
  if (target === 'header') return steps.join('.')
  return steps.map((step) => `/${pointerToken(step)}`).join('')
}

/** RFC 6901 section 3. */
const pointerToken = (step: PropertyKey) => String(step).replaceAll('~', '~0').replaceAll('/', '~1')

/** Returns the members that all problems of a request share. */
export const whereOf = (c: Context<AppEnv>): ProblemWhere => ({
  publicUrl: c.get('services').settings.publicUrl,
  path: c.req.path,
  requestId: c.get('requestId'),
})

/** Returns the call of a guarded route's caller. */
export const callOf = (c: Context<AppEnv>): Call => createCall(c, c.get('caller'))

/**
 * Returns the call of a person or page without a key or session. The domain checks the secret in the link, the response
 * or the cookie.
 */
export const visitorCallOf = (c: Context<AppEnv>): Call =>
  createCall(c, { actor: { type: 'browser', id: null }, accessScope: UNLIMITED, appOnly: false })

export const createCall = (
  c: Context<AppEnv>,
  caller: Omit<Caller, 'id' | 'scopes' | 'reductions'>,
): Call => ({
  ...caller,
  requestId: c.get('requestId'),
  clientAddress: c.env.clientAddress,
  defer: (work) => c.executionCtx.waitUntil(work),
  notify: () => c.set('notify', true),
})
