/** What the hosted pages share: the actor, same-origin forms, errors as pages. */
import type { Context, MiddlewareHandler } from 'hono'
import type { JSX } from 'hono/jsx/jsx-runtime'
import { routePath } from 'hono/route'
import type { Ending } from '../domain/authorizations/ending.ts'
import { describeError } from '../log.ts'
import { KeyMissing } from '../model/sealing.ts'
import { Completed, Failed, Stopped, Undecided } from '../pages/arrival.tsx'
import { type PageStatus, respond } from '../pages/layout.tsx'
import { ProblemError, problemTable, retryAfterOf } from '../problem.ts'
import { type Refusal, refuse } from '../result.ts'
import { isStorageError } from '../store/database.ts'
import type { AppEnv } from './app-env.ts'

export const asBrowser: MiddlewareHandler<AppEnv> = async function asBrowser(c, next) {
  c.set('actor', { type: 'browser', id: null })
  await next()
}

/** Whether one of our own pages sent this. Browsers without Fetch Metadata send `Origin`. */
export function isSameOrigin(c: Context<AppEnv>): boolean {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin'
  return c.req.header('origin') === c.get('services').settings.publicUrl
}

export const foreignForm = refuse(
  'bad_request',
  'This did not come from a page of this service. Open the link again and press the button there.',
).error

/** The fields of a form, each there exactly once and all of them; null otherwise. */
export async function readForm<Name extends string>(
  c: Context<AppEnv>,
  names: readonly Name[],
): Promise<Record<Name, string> | null> {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return null
  // Not `text()`: of a form it makes workerd warn on the log.
  const body = new TextDecoder().decode(await c.req.arrayBuffer())
  return onceEach(new URLSearchParams(body), names)
}

export function onceEach<Name extends string>(
  params: URLSearchParams,
  names: readonly Name[],
): Record<Name, string> | null {
  if (names.some((name) => params.getAll(name).length !== 1)) return null
  return Object.fromEntries(names.map((name) => [name, params.get(name)])) as Record<Name, string>
}

/** The address as it was sent: parameters that stand twice must be seen twice. */
export const queryOf = (c: Context<AppEnv>) => new URL(c.req.url).searchParams

const statusOf = (refusal: Refusal) => problemTable[refusal.code].status as PageStatus

function showRefusal(c: Context<AppEnv>, refusal: Refusal, page: JSX.Element) {
  const retryAfter = retryAfterOf(refusal)
  if (retryAfter !== undefined) c.header('retry-after', String(retryAfter))
  return respond(c, statusOf(refusal), page)
}

export const showStopped = (c: Context<AppEnv>, refusal: Refusal) =>
  showRefusal(c, refusal, <Stopped refusal={refusal} next={null} />)

export function showEnding(c: Context<AppEnv>, ending: Ending) {
  switch (ending.kind) {
    case 'stopped':
      return showRefusal(c, ending.refusal, <Stopped {...ending} />)
    case 'failed':
      return showRefusal(c, ending.refusal, <Failed ending={ending} />)
    case 'completed':
      return respond(c, 200, <Completed ending={ending} />)
    case 'undecided':
      return respond(c, 200, <Undecided ending={ending} />)
  }
}

/** Even what nobody foresaw ends in a readable page, without its cause. */
export function showError(error: Error, c: Context<AppEnv>) {
  const refusal = refusalOf(error)
  c.get('services').log('error', refusal.code, {
    request_id: c.get('requestId'),
    route: routePath(c, -1),
    error: describeError(error),
  })
  return showStopped(c, refusal)
}

function refusalOf(error: Error): Refusal {
  if (error instanceof ProblemError) return error.refusal
  if (error instanceof KeyMissing) {
    const detail = 'Nothing is lost. Tell whoever runs this service, then load this page again.'
    return refuse('key_missing', detail, { retryAfter: 60 }).error
  }
  if (isStorageError(error)) {
    const detail = 'Nothing is lost. Load this page again in a moment.'
    return refuse('storage_unavailable', detail, { retryAfter: 5 }).error
  }
  return refuse('internal_error', 'Start again; if it stays, tell whoever runs this service.').error
}
