import { describe, expect, it } from 'vitest'
import type { Document } from '../../../api/openapi/examples.ts'
import { problemResponse } from '../../../api/problem.ts'
import { asTokenError, describeError, oauthErrorOf } from '../../../api/routes/token-error.ts'
import openapi from '../../../schema/openapi.json' with { type: 'json' }
import { ProblemCode } from '../../../schema/problem.ts'
import { OAuthError } from '../../../schema/token-endpoint.ts'
import { operationsOf } from '../openapi-reading.ts'

/** Errors and statuses of every problem that issuing a token, or the path itself, can have. */
const EXPECTED: Record<string, [error: string, status: number]> = {
  unauthorized: ['invalid_client', 401],
  insufficient_scope: ['unauthorized_client', 400],
  not_found: ['unauthorized_client', 400],
  not_oauth: ['unauthorized_client', 400],
  key_limited: ['unauthorized_client', 400],
  app_only_not_allowed: ['unauthorized_client', 400],
  integration_inactive: ['interaction_required', 400],
  customer_suspended: ['interaction_required', 400],
  reconnect_required: ['interaction_required', 400],
  grant_blocked: ['interaction_required', 400],
  credential_rejected: ['interaction_required', 400],
  mail_host_not_allowed: ['interaction_required', 400],
  protocol_not_granted: ['interaction_required', 400],
  rate_limited: ['temporarily_unavailable', 429],
  provider_unavailable: ['temporarily_unavailable', 503],
  key_missing: ['temporarily_unavailable', 503],
  storage_unavailable: ['temporarily_unavailable', 503],
  internal_error: ['server_error', 500],
  bad_request: ['invalid_request', 400],
  invalid_json: ['invalid_request', 400],
  validation_failed: ['invalid_request', 400],
  payload_too_large: ['invalid_request', 400],
  unsupported_media_type: ['invalid_request', 400],
  misdirected_request: ['invalid_request', 400],
  method_not_allowed: ['invalid_request', 405],
}

const problemOf = (code: ProblemCode) => ({ code, detail: 'A sentence.' })
const where = { publicUrl: 'https://mail.example', path: '/oauth/token', requestId: 'r' }

describe('an error of the token endpoint', () => {
  it.each(Object.entries(EXPECTED))('is derived from %s', async (name, [error, status]) => {
    const code = ProblemCode.parse(name)
    const problem = problemOf(code)
    const response = asTokenError(problem, problemResponse(problem, where), { basic: true })
    const body = OAuthError.parse(await response.json())
    expect(body).toEqual({ error, error_description: `A sentence. (${code})` })
    expect([oauthErrorOf(code), response.status]).toEqual([error, status])
    const challenge = response.headers.get('www-authenticate')
    expect(challenge).toBe(status === 401 ? 'Basic realm="mailgrant"' : null)
    expect(response.headers.has('retry-after')).toBe(status === 503)
  })

  it('is decided for every problem of issuing a token', () => {
    const issuance = operationsOf(openapi as unknown as Document).find(
      ({ operation }) => operation.operationId === 'issueAccessToken',
    )
    const codes = issuance?.codes ?? []
    expect(codes.length).toBeGreaterThan(15)
    expect(codes.filter((code) => !(code in EXPECTED))).toEqual([])
  })

  it('is described in printable ASCII without quotes and backslashes', () => {
    const detail = 'Jörg’s “mail” – "a\\b"\nline\u0000 日本 ✓'
    expect(describeError({ code: 'bad_request', detail })).toBe(
      "Jorg's 'mail' - 'a/b' line ?? ? (bad_request)",
    )
  })
})
