/** The last stop of every failure: known refusals as they are, the rest without its cause. */
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { routePath } from 'hono/route'
import { describeError } from './log.ts'
import { KeyMissing } from './model/sealing.ts'
import { ProblemError, problemResponse } from './problem.ts'
import type { Refusal } from './result.ts'
import type { AppEnv } from './routes/app-env.ts'
import { isStorageError } from './store/database.ts'

export function renderError(error: Error, c: Context<AppEnv>): Response {
  const refusal = refusalOf(error)
  if (refusal.code === 'internal_error' || refusal.code === 'storage_unavailable') {
    c.get('services').log('error', refusal.code, {
      request_id: c.get('requestId'),
      route: routePath(c, -1),
      error: describeError(error),
    })
  }
  return respond(refusal, c)
}

export function renderNotFound(c: Context<AppEnv>): Response {
  return respond({ code: 'not_found', detail: 'There is nothing at this address.' }, c)
}

/** RFC 9110 section 15.5.6. */
export function renderMethodNotAllowed(c: Context<AppEnv>, methods: string[]): Response {
  const detail = `Use ${methods.join(' or ')} at this address.`
  const response = respond({ code: 'method_not_allowed', detail }, c)
  response.headers.set('allow', methods.join(', '))
  return response
}

const respond = (refusal: Refusal, c: Context<AppEnv>) =>
  problemResponse(refusal, {
    publicUrl: c.get('services').settings.publicUrl,
    path: c.req.path,
    requestId: c.get('requestId'),
  })

function refusalOf(error: Error): Refusal {
  if (error instanceof ProblemError) return error.refusal
  if (error instanceof KeyMissing) {
    return {
      code: 'key_missing',
      detail: `Put the key "${error.kid}" back into ENCRYPTION_KEYS. Nothing was changed.`,
      retryAfter: 60,
    }
  }
  if (isStorageError(error)) {
    return {
      code: 'storage_unavailable',
      detail: 'The database did not answer. Nothing is lost; try again in a moment.',
      retryAfter: 5,
    }
  }
  // Hono's own refusals: a body that is no JSON, a content type that no route takes.
  if (error instanceof HTTPException && error.status < 500) {
    return error.status === 415
      ? { code: 'unsupported_media_type', detail: 'Send the body as application/json.' }
      : { code: 'invalid_json', detail: 'The body is not well-formed JSON.' }
  }
  return {
    code: 'internal_error',
    detail: 'Try again; if it stays, give the request id to whoever runs this service.',
  }
}
