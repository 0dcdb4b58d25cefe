/** Shared parts of the hosted pages: same-origin forms, errors as pages. */
import type { Context } from 'hono'
import type { JSX } from 'hono/jsx/jsx-runtime'
import { routePath } from 'hono/route'
import { type ProblemCode, problemTable } from '../../schema/problems.ts'
import type { SignInOutcome } from '../domain/sign-ins/outcome.ts'
import { describeError } from '../log.ts'
import type { Reason } from '../model/reason.ts'
import { type PageContext, type PageStatus, respond } from '../pages/layout.tsx'
import { Completed, Failed, Mismatch, type PageProblem, Rejected } from '../pages/result-page.tsx'
import { AUTHORIZE } from '../paths.ts'
import { type ProblemContent, retryAfterOf } from '../problem.ts'
import type { AppEnv } from './app-env.ts'
import { problemOf, toProblem } from './to-problem.ts'

/** Returns true if one of Mailgrant's own pages sent the request. Browsers without Fetch Metadata send `Origin`. */
function isSameOrigin(c: Context<AppEnv>): boolean {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin'
  return c.req.header('origin') === c.get('services').settings.publicUrl
}

export const brokenForm: PageProblem = {
  key: 'broken_form',
  code: 'bad_request',
  detail: 'This form is incomplete, or was not sent from a Mailgrant page. Open the link again.',
}

/**
 * Returns the fields of a form. Null if it was not sent from a Mailgrant page, has another content type, or lacks or
 * repeats a field.
 */
export async function readForm<Name extends string>(
  c: Context<AppEnv>,
  names: readonly Name[],
): Promise<Record<Name, string> | null> {
  const type = c.req.header('content-type') ?? ''
  if (!isSameOrigin(c) || !/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return null
  // Not `text()`: workerd logs a warning when it reads a form.
  const body = new TextDecoder().decode(await c.req.arrayBuffer())
  return readOnce(new URLSearchParams(body), names)
}

export function readOnce<Name extends string>(
  params: URLSearchParams,
  names: readonly Name[],
): Record<Name, string> | null {
  if (names.some((name) => params.getAll(name).length !== 1)) return null
  return Object.fromEntries(names.map((name) => [name, params.get(name)])) as Record<Name, string>
}

/** Returns the query with repeated parameters, which `c.req.query()` would hide. */
export const queryOf = (c: Context<AppEnv>) => new URL(c.req.url).searchParams

function showProblem(
  c: Context<AppEnv>,
  problem: Pick<ProblemContent, 'code' | 'retryAfter'>,
  page: (context: PageContext) => JSX.Element,
) {
  const retryAfter = retryAfterOf(problem)
  if (retryAfter !== undefined) c.header('retry-after', String(retryAfter))
  return respond(c, problemTable[problem.code].status as PageStatus, page)
}

/** Marks a link that was opened from a page about its failure. */
export const AGAIN = 'again'

/**
 * Returns the URL that repeats a request after a failure in Mailgrant, or null if that cannot help. The mark
 * distinguishes it from a link that the console opens, which skips the consent page.
 */
function retryUrl(c: Context<AppEnv>, { code }: Pick<PageProblem, 'code'>): string | null {
  if (c.req.method !== 'GET' || problemTable[code].status < 500) return null
  return c.req.path === AUTHORIZE ? `${new URL(c.req.url).search}&${AGAIN}` : ''
}

type ReturnFor = Extract<SignInOutcome, { kind: 'rejected' }>['returnFor']

export function showRejected(
  c: Context<AppEnv>,
  problem: PageProblem,
  returnFor: ReturnFor = null,
) {
  const requestId = c.get('requestId')
  const again = retryUrl(c, problem)
  return showProblem(c, problem, (context) => (
    <Rejected {...{ context, problem, requestId, returnFor, again }} />
  ))
}

export const showReason = (c: Context<AppEnv>, reason: Reason, returnFor: ReturnFor = null) =>
  showRejected(
    c,
    // A refused token has the translation of its code.
    { ...toProblem(reason), key: reason.reason === 'token_refused' ? reason.code : reason.reason },
    returnFor,
  )

export function showOutcome(c: Context<AppEnv>, outcome: SignInOutcome) {
  switch (outcome.kind) {
    case 'rejected':
      return showReason(c, outcome.reason, outcome.returnFor)
    case 'failed':
      return showProblem(c, outcome.failure, (context) => <Failed {...{ context, outcome }} />)
    case 'completed':
      return respond(c, 200, (context) => <Completed {...{ context, outcome }} />)
    case 'mismatch':
      return respond(c, 200, (context) => <Mismatch {...{ context, outcome }} />)
  }
}

/** Advice about errors whose sentence in the API is for programs and operators. */
const ADVICE: Partial<Record<ProblemCode, string>> = {
  key_missing: 'Nothing is lost. Tell your Mailgrant administrator, then reload this page.',
  storage_unavailable: 'Nothing is lost. Reload this page in a moment.',
  internal_error: 'Start again. If the problem persists, tell your Mailgrant administrator.',
}

/** Renders an unexpected error as a readable page, without its cause. */
export function showError(error: Error, c: Context<AppEnv>) {
  const { code, detail, ...problem } = problemOf(error, c.get('services').store)
  c.get('services').log('error', code, {
    request_id: c.get('requestId'),
    route: routePath(c, -1),
    error: describeError(error),
  })
  return showRejected(c, { ...problem, code, detail: ADVICE[code] ?? detail, key: code })
}
