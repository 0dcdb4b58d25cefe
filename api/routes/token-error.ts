/** Error responses of the token endpoint (RFC 6749 section 5.2), derived from problems. */
import { problemTable } from '../../schema/problems.ts'
import { type ProblemContent, ProblemError } from '../problem.ts'

type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'interaction_required'
  | 'temporarily_unavailable'
  | 'server_error'

/**
 * Errors by problem code; all others are `invalid_request`. `interaction_required`: the key is good, so a
 * client must keep it and try again once a person or an administrator has acted.
 */
const ERRORS: Partial<Record<ProblemContent['code'], OAuthErrorCode>> = {
  unauthorized: 'invalid_client',
  insufficient_scope: 'unauthorized_client',
  not_found: 'unauthorized_client',
  not_oauth: 'unauthorized_client',
  key_limited: 'unauthorized_client',
  app_only_not_allowed: 'unauthorized_client',
  integration_inactive: 'interaction_required',
  customer_suspended: 'interaction_required',
  reconnect_required: 'interaction_required',
  grant_blocked: 'interaction_required',
  credential_rejected: 'interaction_required',
  mail_host_not_allowed: 'interaction_required',
  protocol_not_granted: 'interaction_required',
  rate_limited: 'temporarily_unavailable',
  provider_unavailable: 'temporarily_unavailable',
  key_missing: 'temporarily_unavailable',
  storage_unavailable: 'temporarily_unavailable',
  internal_error: 'server_error',
}

export const oauthErrorOf = (code: ProblemContent['code']): OAuthErrorCode =>
  ERRORS[code] ?? 'invalid_request'

/** A refusal whose OAuth error depends on more than its problem code. */
export class TokenError extends ProblemError {
  readonly error: OAuthErrorCode
  constructor(error: OAuthErrorCode, problem: ProblemContent) {
    super(problem)
    this.error = error
  }
}

/** Statuses that clients and proxies act on. All other refusals are 400 (RFC 6749 section 5.2). */
const OWN_STATUS: readonly number[] = [405, 429, 500, 503]

/**
 * Returns the problem's response with the body of an OAuth error. `basic`: the client authenticated by Basic, so a 401
 * must contain that scheme.
 */
export function asTokenError(
  problem: ProblemContent,
  { headers }: Response,
  { error = oauthErrorOf(problem.code), basic }: { error?: OAuthErrorCode; basic: boolean },
): Response {
  const { status } = problemTable[problem.code]
  const all = new Headers(headers)
  all.set('content-type', 'application/json')
  all.set('pragma', 'no-cache')
  all.delete('www-authenticate')
  if (error === 'invalid_client' && basic) all.set('www-authenticate', 'Basic realm="mailgrant"')
  const body = { error, error_description: describeError(problem) }
  return new Response(JSON.stringify(body), {
    status: error === 'invalid_client' ? 401 : OWN_STATUS.includes(status) ? status : 400,
    headers: all,
  })
}

/** Returns the sentence and the code of a problem in the characters that RFC 6749 section 5.2 allows. */
export const describeError = ({ code, detail }: Pick<ProblemContent, 'code' | 'detail'>): string =>
  `${detail} (${code})`
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/["\u2018\u2019\u201c\u201d]/g, "'")
    .replaceAll(/[\u2013\u2014]/g, '-')
    .replaceAll('\\', '/')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/[^\x20-\x7e]/g, '?')
