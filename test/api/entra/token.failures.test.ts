import { describe, expect, it } from 'vitest'
import { authorityOf } from '../../../api/entra/authority.ts'
import { clientSecretPost } from '../../../api/entra/client-auth.ts'
import { exchangeCode, processTokenResponse, refreshTokens } from '../../../api/entra/token.ts'
import { parseRetryAfter } from '../../../api/retry-after.ts'
import { json, peer, response } from './http-stub.ts'

const now = new Date('2026-11-24T12:00:00Z')
const SCOPES = ['https://outlook.office.com/SMTP.Send', 'offline_access']
const request = { scopes: SCOPES, now, host: 'login.example' }
const good = { token_type: 'Bearer', access_token: 'EwB-access', refresh_token: 'M.C5-refresh' }
const parse = (body: unknown, status?: number, headers?: Record<string, string>) =>
  processTokenResponse(response(body, status, headers), request)
const base = { authority: authorityOf('global', 'common'), now }

describe('a refusal', () => {
  it('keeps the error code, the number and the suberror', () => {
    expect(parse({ error: 'invalid_grant' }, 400)).toMatchObject({
      ok: false,
      failure: { kind: 'refused', refusal: { error: 'invalid_grant', aadsts: null } },
    })
    const body = { error: 'interaction_required', error_codes: [50076], suberror: 'basic_action' }
    const refusal = { error: 'interaction_required', aadsts: 50076, suberror: 'basic_action' }
    expect(parse(body, 400)).toMatchObject({ ok: false, failure: { kind: 'refused', refusal } })
  })

  it('takes precedence over tokens in the same response', () => {
    expect(parse({ ...good, error: 'invalid_grant' })).toMatchObject({
      failure: { kind: 'refused' },
    })
  })
})

describe('an overloaded token endpoint', () => {
  it.each([
    [{}, null],
    [{ 'retry-after': '60' }, 60],
    [{ 'retry-after': '999999999999' }, 3600],
  ])('is throttling with status 429 and %j, whatever the body', (headers, retryAfter) => {
    const failure = { kind: 'throttled', retryAfter, aadsts: null }
    expect(parse({}, 429, headers)).toEqual({ ok: false, failure })
    const plain = { ...response(null, 429, headers), defect: 'content_type' as const }
    expect(processTokenResponse(plain, request)).toEqual({ ok: false, failure })
  })

  it('may send Retry-After with a refusal', () => {
    const body = { error: 'invalid_grant', error_codes: [50196] }
    expect(parse(body, 400, { 'retry-after': '300' })).toMatchObject({
      ok: false,
      failure: { kind: 'refused', retryAfter: 300, refusal: { aadsts: 50196 } },
    })
  })

  it.each([500, 502, 503, 504, 599, 408])('is unavailable with status %d', (status) => {
    const headers = { 'retry-after': '7' }
    const failure = { kind: 'unavailable', status, retryAfter: 7 }
    expect(parse(good, status, headers)).toEqual({
      ok: false,
      failure: { ...failure, aadsts: null },
    })
    const body = { error: 'invalid_grant', error_codes: [50173] }
    expect(parse(body, status, headers)).toEqual({
      ok: false,
      failure: { ...failure, aadsts: 50173 },
    })
  })
})

describe('Retry-After', () => {
  it.each([
    [null, null],
    ['0', 0],
    [' 12 ', 12],
    ['-5', null],
    ['1.5', null],
    ['1e3', null],
    ['', null],
    ['99999999999999999999999999', 3600],
    ['Tue, 24 Nov 2026 11:00:00 GMT', 0],
    ['Wed, 25 Nov 2026 12:00:00 GMT', 3600],
    ['2027', 2027],
    ['Someday', null],
  ])('%j means %j seconds', (value, seconds) => {
    expect(parseRetryAfter(value, now)).toBe(seconds)
  })
})

describe('a failure', () => {
  const CANARY = 'canary-7f3a9c'
  const echo = {
    error: `invalid_grant ${CANARY}`,
    error_description: `AADSTS50173: ${CANARY}`,
    error_uri: CANARY,
    error_codes: [50173],
    suberror: `${CANARY} `,
    trace_id: CANARY,
    correlation_id: CANARY,
    claims: CANARY,
    access_token: CANARY,
    refresh_token: CANARY,
  }

  it.each<[string, () => Response | Promise<Response>]>([
    ['a refusal that echoes it', () => json(echo, 400)],
    ['a throttling response that echoes it', () => json(echo, 429, { 'retry-after': CANARY })],
    ['a server error that echoes it', () => json(echo, 503)],
    [
      'HTML that echoes it',
      () => new Response(CANARY, { headers: { 'content-type': 'text/html' } }),
    ],
    ['broken JSON that echoes it', () => json(`{"access_token":"${CANARY}`)],
    [
      'a token of the wrong type',
      () => json({ ...good, access_token: CANARY, refresh_token: [CANARY] }),
    ],
    [
      'a redirect with it in the URL',
      () => json({}, 302, { location: `https://x.example/${CANARY}` }),
    ],
    ['an exception with it in the message', () => Promise.reject(new Error(`POST ${CANARY}`))],
  ])('contains no secret, token or code: %s', async (_, respond) => {
    const { http } = peer(respond)
    const auth = clientSecretPost('id', CANARY)
    const results = [
      await refreshTokens(http, { ...base, auth, refreshToken: CANARY, scopes: SCOPES }),
      await exchangeCode(http, {
        ...base,
        auth,
        code: CANARY,
        verifier: CANARY,
        redirectUri: 'https://mail.example/',
        scopes: SCOPES,
      }),
    ]
    for (const result of results) {
      expect(result.ok).toBe(false)
      expect(JSON.stringify(result)).not.toContain('canary')
    }
  })
})
