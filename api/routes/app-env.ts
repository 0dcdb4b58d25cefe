/** What every handler finds on its context, and the router that every resource is built with. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Actor } from '../../schema/event.ts'
import type { FieldError } from '../../schema/problem.ts'
import type { AccessScope } from '../model/access-scope.ts'
import type { TokenIssueContext } from '../model/token-issue.ts'
import { ProblemError } from '../problem.ts'
import type { Call, Services } from '../services.ts'
import { describeIssue } from './zod-messages.ts'

export type AppEnv = {
  Variables: {
    services: Services
    requestId: string
    actor: Actor
    /** The mail accounts of the caller's key; null if it is not restricted. */
    accessScope?: AccessScope | null
    /** Read by the guard of the token endpoint, together with the key. */
    tokenIssue?: TokenIssueContext | null
    /** Of a request with an Idempotency-Key: the same for each try of it. */
    work?: string
    /** Something was written that webhooks are told of. */
    notified?: boolean
  }
}

// Of zod as a whole, so that schemas need no words of their own.
z.config({ customError: describeIssue })

/** A router whose failed validations become one 422 problem with a pointer per member. */
export const createRouter = () =>
  new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (result.success) return
      const { target } = result
      const errors = result.error.issues.flatMap((issue): FieldError[] => {
        const path =
          issue.code === 'unrecognized_keys'
            ? issue.keys.map((key) => [...issue.path, key])
            : [issue.path]
        return path.map((steps) => ({
          pointer: pointerTo(target, steps),
          message: issue.message,
        }))
      })
      // An id of the wrong form in the path is the id of nothing.
      if (target === 'param') {
        throw new ProblemError({ code: 'not_found', detail: 'There is nothing with this ID.' })
      }
      throw new ProblemError({
        code: 'validation_failed',
        detail: errors
          .map(({ pointer, message }) => `${pointer || 'The request body'}: ${message}`)
          .join('; ')
          .slice(0, 1000),
        errors: errors.slice(0, 50),
      })
    },
  })

/** A parameter has no place in the body: it goes by its name. */
function pointerTo(target: string, steps: PropertyKey[]): string {
  if (target === 'query') return `?${steps.join('.')}`
  if (target === 'header') return steps.join('.')
  return steps.map((step) => `/${pointerToken(step)}`).join('')
}

/** RFC 6901 section 3. */
const pointerToken = (step: PropertyKey) => String(step).replaceAll('~', '~0').replaceAll('/', '~1')

/** The call that a domain function runs in: who acts, and what outlives the answer. */
export const callOf = (c: Context<AppEnv>): Call => ({
  actor: c.get('actor'),
  requestId: c.get('requestId'),
  accessScope: c.get('accessScope') ?? null,
  work: c.get('work'),
  defer: (work) => c.executionCtx.waitUntil(work),
  notify: () => c.set('notified', true),
})
