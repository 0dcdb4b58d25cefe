import { describe, expect, it } from 'vitest'
import { authorityOf } from '../../../api/entra/authority.ts'
import { clientSecretPost } from '../../../api/entra/client-auth.ts'
import {
  clientCredentials,
  exchangeCode,
  processTokenResponse,
  refreshTokens,
} from '../../../api/entra/token.ts'
import { json, peer, response } from './http-stub.ts'

const now = new Date('2026-11-24T12:00:00Z')
const SCOPES = ['https://outlook.office.com/SMTP.Send', 'offline_access', 'openid', 'profile']
const request = { scopes: SCOPES, now, host: 'login.example' }
const malformed = { kind: 'malformed', host: 'login.example' }
const good = {
  token_type: 'Bearer',
  access_token: 'EwB-access',
  expires_in: 3599,
  refresh_token: 'M.C5-refresh',
  id_token: 'aaa.bbb.ccc',
  scope: 'https://outlook.office.com/SMTP.Send',
}
const parse = (body: unknown, status?: number, headers?: Record<string, string>) =>
  processTokenResponse(response(body, status, headers), request)
const base = { authority: authorityOf('global', 'common'), auth: clientSecretPost('id', 's~'), now }

describe('a token request', () => {
  const send = async (call: (http: ReturnType<typeof peer>['http']) => Promise<unknown>) => {
    const { http, seen } = peer(() => json(good))
    await call(http)
    expect(seen).toHaveLength(1)
    return { url: seen[0]?.url, body: Object.fromEntries(new URLSearchParams(seen[0]?.body)) }
  }

  it('redeems a code with verifier, redirect URI and scopes at the given authority', async () => {
    const redirectUri = 'https://mail.example/oauth/microsoft/callback'
    const code = { code: 'the-code', redirectUri, verifier: 'the-verifier', scopes: SCOPES }
    expect(await send((http) => exchangeCode(http, { ...base, ...code }))).toEqual({
      url: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
      body: {
        grant_type: 'authorization_code',
        code: 'the-code',
        redirect_uri: redirectUri,
        code_verifier: 'the-verifier',
        scope: SCOPES.join(' '),
        client_id: 'id',
        client_secret: 's~',
      },
    })
  })

  it('refreshes with the scopes of the sign-in', async () => {
    const input = { ...base, refreshToken: 'old', scopes: SCOPES }
    expect((await send((http) => refreshTokens(http, input))).body).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'old',
      scope: SCOPES.join(' '),
      client_id: 'id',
      client_secret: 's~',
    })
  })

  it('requests an app-only token for one resource', async () => {
    const authority = authorityOf('global', 'contoso.test')
    const input = { ...base, authority, scope: 'https://outlook.office365.com/.default' }
    expect(await send((http) => clientCredentials(http, input))).toEqual({
      url: 'https://login.microsoftonline.com/contoso.test/oauth2/v2.0/token',
      body: {
        grant_type: 'client_credentials',
        scope: 'https://outlook.office365.com/.default',
        client_id: 'id',
        client_secret: 's~',
      },
    })
  })
})

describe('a valid token response', () => {
  const tokens = {
    accessToken: 'EwB-access',
    expiresIn: 3599,
    refreshToken: 'M.C5-refresh',
    idToken: 'aaa.bbb.ccc',
    scope: 'https://outlook.office.com/SMTP.Send',
  }

  it.each<[string, Record<string, unknown>, Partial<typeof tokens> | Record<string, unknown>]>([
    ['is complete', {}, {}],
    ['has unknown members', { foci: '1', ext_expires_in: 'x', refresh_in: {} }, {}],
    ['has its type in upper case', { token_type: 'BEARER' }, {}],
    ['has its type in lower case', { token_type: 'bearer' }, {}],
    ['lacks a refresh token', { refresh_token: undefined }, { refreshToken: null }],
    ['has a null refresh token', { refresh_token: null }, { refreshToken: null }],
    ['has an empty refresh token', { refresh_token: '' }, { refreshToken: null }],
    ['lacks an id_token', { id_token: undefined }, { idToken: null }],
    ['lacks expires_in', { expires_in: undefined }, { expiresIn: 3600 }],
    ['has a null expires_in', { expires_in: null }, { expiresIn: 3600 }],
    ['has expires_in as a string', { expires_in: '3599' }, { expiresIn: 3599 }],
    ['has a fraction in expires_in', { expires_in: 10.9 }, { expiresIn: 10 }],
    ['expires at once', { expires_in: 0 }, { expiresIn: 0 }],
    ['claims never to expire', { expires_in: 1e300 }, { expiresIn: 100_800 }],
    ['lacks scope', { scope: undefined }, { scope: SCOPES.join(' ') }],
    ['grants less than requested', { scope: 'openid' }, { scope: 'openid' }],
    ['grants nothing', { scope: '' }, { scope: '' }],
  ])('is accepted when it %s', (_, change, expected) => {
    expect(parse({ ...good, ...change })).toEqual({
      ok: true,
      tokens: { ...tokens, ...expected },
    })
  })
})

describe('a malformed token response', () => {
  it.each<[string, unknown]>([
    ['access_token', { access_token: 12345 }],
    ['access_token', { access_token: ['EwB-access'] }],
    ['access_token', { access_token: { value: 'EwB' } }],
    ['access_token', { access_token: null }],
    ['access_token', { access_token: '' }],
    ['access_token', { access_token: true }],
    // The first would forge a field of the XOAUTH2 message, the second a header.
    ['access_token', { access_token: 'abc\u0001auth=Bearer x' }],
    ['access_token', { access_token: 'abc\r\ndef' }],
    ['access_token', { access_token: 'abc def' }],
    ['access_token', { access_token: 'abcé' }],
    ['token_type', { token_type: undefined }],
    ['token_type', { token_type: 'mac' }],
    ['token_type', { token_type: 'Bearer ' }],
    ['token_type', { token_type: ['Bearer'] }],
    ['expires_in', { expires_in: -1 }],
    ['expires_in', { expires_in: '-1' }],
    ['expires_in', { expires_in: 'soon' }],
    ['expires_in', { expires_in: '' }],
    ['expires_in', { expires_in: [3599] }],
    ['expires_in', { expires_in: true }],
    ['refresh_token', { refresh_token: 5 }],
    ['refresh_token', { refresh_token: ['x'] }],
    ['refresh_token', { refresh_token: 'a\u0000b' }],
    ['id_token', { id_token: {} }],
    ['id_token', { id_token: 1 }],
    ['scope', { scope: ['openid'] }],
    ['scope', { scope: 1 }],
  ])('is refused for its %s: %j', (defect, change) => {
    const body = { ...good, ...(change as object) }
    expect(parse(body)).toEqual({
      ok: false,
      failure: { ...malformed, status: 200, defect },
    })
  })

  it.each([[null], [[good]], ['text'], [5], [true]])('is refused when its JSON is %j', (body) => {
    expect(parse(body)).toEqual({
      ok: false,
      failure: { ...malformed, status: 200, defect: 'not_an_object' },
    })
  })

  it.each([200, 201, 400, 401, 403])('is refused with status %d and an empty object', (status) => {
    const failure = parse({}, status)
    expect(failure).toMatchObject({ ok: false, failure: { ...malformed, status } })
  })

  it.each([201, 202, 400, 404])('yields no tokens with status %d', (status) => {
    expect(parse(good, status)).toMatchObject({ ok: false, failure: { defect: 'no_error_code' } })
  })

  it('reports the defect of its body', () => {
    const defective = { ...response(null, 400), defect: 'not_json' as const }
    expect(processTokenResponse(defective, request)).toEqual({
      ok: false,
      failure: { ...malformed, status: 400, defect: 'not_json' },
    })
  })
})
