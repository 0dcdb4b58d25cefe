/** Operations of the API: the route, its part of the document, and the call of the domain behind it. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Scope } from '../../schema/api-key.ts'
import type { ProblemCode } from '../../schema/problem.ts'
import type { Result, Versioned } from '../model/result.ts'
import type { Call, Services } from '../services.ts'
import { type AppEnv, callOf, type createRouter } from './app-env.ts'
import { etag, etagHeader, IfMatch, ifMatchVersion, RequiredIfMatch } from './etag.ts'
import { type Rules, requireScope } from './guard.ts'
import {
  IdempotencyKey,
  type Replay,
  RequiredIdempotencyKey,
  replayMiddleware,
} from './idempotency.ts'
import { jsonBody, jsonResponse, refuseFields } from './json.ts'
import { unwrap } from './to-problem.ts'

/** Descriptions of the responses, by status. */
const SUCCESS = { 200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No content' }

type Operation<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Output extends z.ZodType,
  HasEtag extends boolean,
> = Rules & {
  /** Absent if `run` authenticates the caller. `call` has no caller then, and `security` is in the document. */
  scope?: Scope
  security?: Record<string, string[]>[]
  operationId: string
  /** Used by the console or by operators alone. */
  internal?: true
  summary: string
  description: string
  params?: Params
  query?: Query
  body?: Body
  /** Takes `If-Match`. `required`: responds with 428 without it. */
  ifMatch?: 'optional' | 'required'
  /** Takes `Idempotency-Key`. */
  idempotent?: Replay & { required?: true }
  /** Default: 200. */
  status?: keyof typeof SUCCESS
  /** Body of the response; none with 204. */
  returns?: Output
  /** Sends the version of the result as `ETag`. */
  etag?: HasEtag
  /** Problems beyond those that follow from the scope, the headers and the body. */
  problems?: readonly ProblemCode[]
  run: (request: {
    services: Services
    call: Call
    params: z.output<Params>
    query: z.output<Query>
    body: z.output<Body>
    /** The version that the caller requires; null for any, -1 for one that cannot match. */
    ifMatch: number | null
    c: Context<AppEnv>
  }) => Promise<Result<HasEtag extends true ? Versioned<z.input<Output>> : z.input<Output>>>
}

type Method = 'get' | 'post' | 'put' | 'delete'

/** Returns a function that adds operations with this tag to the router. */
export const operationsOf =
  (router: ReturnType<typeof createRouter>, tag: string) =>
  <
    Params extends z.ZodObject,
    Query extends z.ZodObject,
    Body extends z.ZodType,
    Output extends z.ZodType,
    HasEtag extends boolean = false,
  >(
    method: Method,
    path: string,
    operation: Operation<Params, Query, Body, Output, HasEtag>,
  ): void => {
    const { scope, params, query, body, ifMatch, idempotent, status = 200, returns } = operation
    const guard = scope
      ? requireScope(scope, operation)
      : { security: operation.security ?? [], middleware: [] }
    const headers = {
      ...(ifMatch && (ifMatch === 'required' ? RequiredIfMatch : IfMatch).shape),
      ...(idempotent && (idempotent.required ? RequiredIdempotencyKey : IdempotencyKey).shape),
    }
    const route = createRoute({
      method,
      path,
      ...guard,
      middleware: [
        ...guard.middleware,
        ...(scope && method === 'post' && !body ? [refuseFields] : []),
        ...(idempotent ? [replayMiddleware(idempotent)] : []),
      ],
      ...(operation.internal && { 'x-internal': true }),
      ...(operation.problems && { 'x-problems': operation.problems }),
      operationId: operation.operationId,
      tags: [tag],
      summary: operation.summary,
      description: operation.description,
      request: {
        ...(params && { params }),
        ...(query && { query }),
        ...((ifMatch || idempotent) && { headers: z.object(headers) }),
        ...(body && jsonBody(body)),
      },
      responses: {
        [status]: {
          ...(returns ? jsonResponse(SUCCESS[status], returns) : { description: SUCCESS[status] }),
          ...(operation.etag && { headers: etagHeader }),
        },
      },
    })
    const handle = async (c: Context<AppEnv>) => {
      const valid = (target: 'param' | 'query' | 'header' | 'json') =>
        c.req.valid(target as never) as never
      const result = unwrap(
        await operation.run({
          services: c.get('services'),
          call: callOf(c),
          params: valid('param'),
          query: valid('query'),
          body: valid('json'),
          ifMatch: ifMatch ? ifMatchVersion((valid('header') as IfMatch)['if-match']) : null,
          c,
        }),
      )
      if (status === 204) return c.body(null, 204)
      if (!operation.etag) return c.json(result as object, status)
      const { value, version } = result as Versioned<object>
      return c.json(value, status, { etag: etag(version) })
    }
    // The types of the operation have checked its result.
    router.openapi(route, handle as never)
  }
