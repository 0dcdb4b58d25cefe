/** Problems on their way to the wire: thrown, rendered, and listed with each operation of the document. */
import type { Diagnosis } from '../schema/diagnosis.ts'
import type { FieldError, Problem } from '../schema/problem.ts'
import { type ProblemCode, problemTable } from '../schema/problems.ts'

export const SEND_KEY = 'Send a valid API key as "Authorization: Bearer ...".'

export const PROBLEM_JSON = 'application/problem+json'

/** The variable part of a problem. Title and status follow from the code. */
export type ProblemContent = {
  code: ProblemCode
  detail: string
  /** Seconds; sent as Retry-After. */
  retryAfter?: number
  errors?: FieldError[]
  mailAccounts?: string[]
  grants?: number
  /** Id of the account that exists already. */
  existing?: string
  diagnosis?: Diagnosis
}

/** Problems that end a request before the domain is called, or because the domain has failed. */
export const httpProblems = {
  badJson: { code: 'invalid_json', detail: 'The request body is not well-formed JSON.' },
  notJson: {
    code: 'unsupported_media_type',
    detail: 'Send the request body as JSON, with the header "Content-Type: application/json".',
  },
  tooLarge: (maxBytes: number) => ({
    code: 'payload_too_large',
    detail: `The request body must not exceed ${maxBytes} bytes.`,
  }),
  wrongMethod: (allowed: readonly string[]) => ({
    code: 'method_not_allowed',
    detail: `Use ${allowed.join(' or ')} at this path.`,
  }),
  noIfMatch: {
    code: 'precondition_required',
    detail: 'Read the resource, then send its ETag as "If-Match".',
  },
  wrongHost: (publicUrl: string) => ({
    code: 'misdirected_request',
    detail: `This server does not accept requests for this host name. Use ${publicUrl}, or send an API key.`,
  }),
  /** One text for all three cases, so that no response shows which keys exist. */
  wrongKey: {
    code: 'unauthorized',
    detail: `This API key is unknown, expired or revoked. ${SEND_KEY}`,
  },
  scopeMissing: (scope: string) => ({
    code: 'insufficient_scope',
    detail: `This request requires an API key with the scope "${scope}".`,
  }),
  /** The counters of Workers cover a minute. */
  tooMany: {
    code: 'rate_limited',
    detail: 'Too many requests of this kind within a minute. Wait before the next one.',
    retryAfter: 60,
  },
  keyMissing: (kid: string) => ({
    code: 'key_missing',
    detail: `Add the key "${kid}" to ENCRYPTION_KEYS again. Nothing was changed.`,
    retryAfter: 60,
  }),
  storageUnavailable: {
    code: 'storage_unavailable',
    detail: 'The database did not respond. Nothing is lost. Try again in a moment.',
    retryAfter: 5,
  },
  internal: {
    code: 'internal_error',
    detail:
      'Try again. If the problem persists, give the request ID to your Mailgrant administrator.',
  },
} as const satisfies Record<string, ProblemContent | ((value: never) => ProblemContent)>

/** Thrown at the HTTP border only; rendered by onError. */
export class ProblemError extends Error {
  readonly problem: ProblemContent
  constructor(problem: ProblemContent) {
    super(problem.code)
    this.problem = problem
  }
}

/** Retry-After in seconds of a 503 that states none. */
const RETRY_AFTER_S = 5

/** Returns the value of Retry-After in seconds: the problem's, or a default for a 503. Undefined for all others. */
export const retryAfterOf = ({
  code,
  retryAfter,
}: Pick<ProblemContent, 'code' | 'retryAfter'>): number | undefined =>
  retryAfter ?? (problemTable[code].status === 503 ? RETRY_AFTER_S : undefined)

export type ProblemWhere = { publicUrl: string; path: string; requestId: string }

/** Returns the body on the wire: no cause, no upstream text. */
export function problemBody(problem: ProblemContent, where: ProblemWhere): Problem {
  const { status, title } = problemTable[problem.code]
  return {
    type: `${where.publicUrl}/docs/problems#${problem.code}`,
    title,
    status,
    detail: problem.detail,
    instance: where.path,
    code: problem.code,
    request_id: where.requestId,
    ...(problem.errors && { errors: problem.errors }),
    ...(problem.existing !== undefined && { existing: problem.existing }),
    ...(problem.mailAccounts && { mail_accounts: problem.mailAccounts }),
    ...(problem.grants !== undefined && { grants: problem.grants }),
    ...(problem.diagnosis && { diagnosis: problem.diagnosis }),
  }
}

export function problemResponse(problem: ProblemContent, where: ProblemWhere): Response {
  const headers = new Headers({
    'content-type': PROBLEM_JSON,
    'cache-control': 'no-store',
  })
  const retryAfter = retryAfterOf(problem)
  if (retryAfter !== undefined) headers.set('retry-after', String(retryAfter))
  if (problem.code === 'unauthorized') headers.set('www-authenticate', 'Bearer realm="mailgrant"')
  const body = problemBody(problem, where)
  return new Response(JSON.stringify(body), { status: body.status, headers })
}
