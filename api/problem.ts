/**
 * Table of problem codes with status and title. The thrown problem, the body on the wire and the error
 * responses of the OpenAPI document all derive from it, so that they cannot differ.
 */
import type { Diagnosis } from '../schema/diagnosis.ts'
import { type FieldError, Problem, type ProblemCode } from '../schema/problem.ts'

export const PROBLEM_JSON = 'application/problem+json'

type Entry = { status: ProblemStatus; title: string }
export type ProblemStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 409
  | 410
  | 412
  | 413
  | 415
  | 421
  | 422
  | 429
  | 500
  | 503

export const problemTable = {
  bad_request: { status: 400, title: 'Malformed request' },
  invalid_json: { status: 400, title: 'The request body is not JSON' },
  validation_failed: { status: 422, title: 'The request has invalid values' },
  unauthorized: { status: 401, title: 'A valid API key is required' },
  insufficient_scope: { status: 403, title: 'The API key lacks the required scope' },
  key_limited: { status: 403, title: 'The API key is restricted to email accounts' },
  app_only_not_allowed: { status: 403, title: 'The API key may not use app-only access' },
  console_key_refused: { status: 403, title: 'The console does not accept this API key' },
  rate_limited: { status: 429, title: 'Too many requests' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  misdirected_request: { status: 421, title: 'Unknown host name' },
  payload_too_large: { status: 413, title: 'The request body is too large' },
  unsupported_media_type: { status: 415, title: 'The request body must be JSON' },
  precondition_failed: { status: 412, title: 'Changed in the meantime' },
  integration_inactive: { status: 409, title: 'The integration is not active' },
  integration_not_configured: { status: 409, title: 'The integration is not configured' },
  client_secret_is_an_id: { status: 422, title: "This is the secret's ID, not its value" },
  issuer_not_public: { status: 422, title: 'Entra cannot reach this issuer' },
  credential_required: { status: 422, title: 'A credential is required' },
  next_credential_missing: { status: 409, title: 'There is no next credential' },
  credential_rejected: { status: 409, title: 'Microsoft rejected the app credential' },
  grants_depend: { status: 409, title: 'Grants depend on the current settings' },
  origin_not_allowed: { status: 422, title: 'This origin is not allowed' },
  mail_host_not_allowed: { status: 422, title: 'This mail server is not allowed' },
  password_required: { status: 422, title: 'The password is required again' },
  account_mismatch: { status: 409, title: 'A different account signed in' },
  protocol_not_granted: { status: 409, title: 'The grant does not cover this protocol' },
  grant_not_usable: { status: 409, title: 'The grant cannot be used' },
  grant_in_use: { status: 409, title: 'The grant is in use' },
  grant_blocked: { status: 409, title: 'An administrator must act' },
  reconnect_required: { status: 409, title: 'The mailbox must be reconnected' },
  login_failed: { status: 409, title: 'The last login was refused' },
  not_oauth: { status: 409, title: 'The account does not use OAuth' },
  cannot_send: { status: 409, title: 'The account cannot send a test message' },
  provider_unavailable: { status: 503, title: 'Microsoft is currently unreachable' },
  checker_unavailable: { status: 503, title: 'The checker is currently unreachable' },
  authorization_expired: { status: 410, title: 'The link has expired' },
  authorization_used: { status: 410, title: 'The link was already used' },
  sign_in_refused: { status: 400, title: 'Microsoft did not complete the sign-in' },
  refresh_token_refused: { status: 422, title: 'Microsoft refused the refresh token' },
  identity_unknown: { status: 422, title: 'The account of the token is not proven' },
  wrong_browser: { status: 400, title: 'The sign-in was started in another browser' },
  idempotency_key_reused: {
    status: 422,
    title: 'This Idempotency-Key was used for a different request',
  },
  idempotency_in_progress: { status: 409, title: 'The same request is in progress' },
  key_missing: { status: 503, title: 'An encryption key is missing' },
  storage_unavailable: { status: 503, title: 'The database is currently unreachable' },
  overloaded: { status: 503, title: 'Too many requests at once' },
  internal_error: { status: 500, title: 'Internal error' },
} as const satisfies Record<ProblemCode, Entry>

/** The variable part of a problem. Title and status follow from the code. */
export type ProblemContent = {
  code: ProblemCode
  detail: string
  /** Seconds; sent as Retry-After. */
  retryAfter?: number
  errors?: FieldError[]
  mailAccounts?: string[]
  grants?: number
  diagnosis?: Diagnosis
}

/** Thrown at the HTTP border only; rendered by onError. */
export class ProblemError extends Error {
  readonly problem: ProblemContent
  constructor(problem: ProblemContent) {
    super(problem.code)
    this.problem = problem
  }
}

/** Retry-After of a 503 that names no time itself, seconds. */
const RETRY_AFTER_S = 5

/** Returns the value of Retry-After, or undefined where a retry would not help. */
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

/** Returns OpenAPI responses for these codes, one per status; the document adds descriptions and examples. */
export function problems(...codes: ProblemCode[]) {
  const byStatus = Map.groupBy(codes, (code) => problemTable[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      status,
      {
        description: same.join(', '),
        content: {
          [PROBLEM_JSON]: {
            schema: Problem,
            examples: Object.fromEntries(same.map((code) => [code, {}])),
          },
        },
      },
    ]),
  )
}
