import { describe, expect, it } from 'vitest'
import { authorityOf } from '../../../api/entra/authority.ts'
import { authorizeUrl, readCallback } from '../../../api/entra/authorize.ts'

const STATE = 'c3RhdGUtb2YtNDMtY2hhcmFjdGVycy1hLWItYy1kLWUx'
const TRACE = '0a1b2c3d-1111-4222-8333-444455556666'

const request = {
  authority: authorityOf('global', 'common'),
  clientId: '5f2c1a90-0000-4000-8000-000000000001',
  redirectUri: 'https://mail.example/oauth/microsoft/callback',
  scopes: ['https://outlook.office.com/SMTP.Send', 'offline_access'],
  state: STATE,
  nonce: 'the-nonce',
  challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
}

const query = (url: string) => Object.fromEntries(new URL(url).searchParams)
const NOTHING = { suberror: null, claims: null, traceId: null, correlationId: null }
const read = (text: string) => readCallback(new URLSearchParams(text))

describe('the authorize URL', () => {
  it('carries state, nonce and an S256 challenge, and requests a code in the query', () => {
    const url = authorizeUrl(request)
    expect(url.split('?')[0]).toBe('https://login.microsoftonline.com/common/oauth2/v2.0/authorize')
    expect(query(url)).toEqual({
      client_id: request.clientId,
      response_type: 'code',
      redirect_uri: request.redirectUri,
      response_mode: 'query',
      scope: 'https://outlook.office.com/SMTP.Send offline_access',
      state: STATE,
      nonce: 'the-nonce',
      code_challenge: request.challenge,
      code_challenge_method: 'S256',
    })
  })

  it('encodes special characters in the user name', () => {
    const loginHint = 'a+b&prompt=none@contoso.test'
    const parameters = query(authorizeUrl({ ...request, loginHint }))
    expect(parameters).toMatchObject({ login_hint: loginHint })
    expect(parameters).not.toHaveProperty('prompt')
  })

  it('never combines the account picker with a user name', () => {
    const url = authorizeUrl({ ...request, loginHint: 'a@contoso.test', prompt: 'select_account' })
    expect(query(url)).toMatchObject({ prompt: 'select_account' })
    expect(query(url)).not.toHaveProperty('login_hint')
  })
})

describe('a claims challenge', () => {
  it('is passed on unchanged, beside the user name or the account picker', () => {
    const claims = '{"access_token":{"capolids":{"essential":true,"values":["a&b=c ü"]}}}'
    for (const more of [{ loginHint: 'a@contoso.test' }, { prompt: 'select_account' as const }]) {
      expect(query(authorizeUrl({ ...request, ...more, claims }))).toMatchObject({ claims })
    }
    expect(query(authorizeUrl({ ...request, claims: null }))).not.toHaveProperty('claims')
  })
})

describe('a callback', () => {
  it('is a success with code and state; other parameters are ignored', () => {
    expect(read(`code=M.C522_BAY.2.U.abc&state=${STATE}&session_state=x&client_info=y`)).toEqual({
      ok: true,
      state: STATE,
      code: 'M.C522_BAY.2.U.abc',
      iss: null,
    })
  })

  it('may carry a code of 8192 characters, longer than any other parameter', () => {
    const code = 'c'.repeat(8192)
    expect(read(`code=${code}&state=${STATE}`)).toMatchObject({ ok: true, code })
  })

  it('returns the issuer on success and on refusal', () => {
    const iss = 'https://login.microsoftonline.com/x/v2.0'
    const suffix = `state=${STATE}&iss=${encodeURIComponent(iss)}`
    expect(read(`code=abc&${suffix}`)).toMatchObject({ ok: true, iss })
    expect(read(`error=access_denied&${suffix}`)).toMatchObject({ ok: false, iss })
  })

  it('reduces a refusal to its number and ids, without the description', () => {
    const description = `AADSTS65004: User declined <script>. Trace ID: ${TRACE}`
    const response = read(
      new URLSearchParams({
        error: 'access_denied',
        error_description: description,
        error_uri: 'https://login.microsoftonline.com/error?code=65004',
        trace_id: TRACE,
        state: STATE,
      }).toString(),
    )
    expect(response).toEqual({
      ok: false,
      state: STATE,
      iss: null,
      refusal: { ...NOTHING, error: 'access_denied', aadsts: 65004, traceId: TRACE },
    })
  })

  it('is a refusal when it has both an error and a code', () => {
    const response = read(`code=abc&state=${STATE}&error=server_error`)
    expect(response).toMatchObject({ ok: false, state: STATE, refusal: { error: 'server_error' } })
  })

  it('is a refusal even without a state', () => {
    expect(read('error=access_denied')).toMatchObject({ ok: false, state: null })
  })

  it.each([
    'code=a&code=b&state=s',
    'code=a&state=s&state=s',
    'code=a&state=s&iss=a&iss=b',
    'error=a&error=b&state=s',
    'error=a&error_description=x&error_description=y&state=s',
  ])('is malformed when a parameter is repeated: %s', (text) => {
    expect(read(text)).toEqual({ ok: false, state: null, malformed: 'duplicate_parameter' })
  })

  it.each([
    ['', 'missing_state'],
    ['code=abc', 'missing_state'],
    ['code=abc&state=', 'missing_state'],
    [`code=abc&state=${'s'.repeat(1025)}`, 'missing_state'],
    ['code=abc&state=a%00b', 'missing_state'],
    ['code=abc&state=a+b', 'missing_state'],
    [`state=${STATE}`, 'missing_result'],
    [`state=${STATE}&code=`, 'missing_result'],
    [`state=${STATE}&code=${'c'.repeat(8193)}`, 'unusable_code'],
    [`state=${STATE}&code=a%0D%0Ab`, 'unusable_code'],
    [`state=${STATE}&code=a+b`, 'unusable_code'],
    [`state=${STATE}&code=%F0%9F%92%A9`, 'unusable_code'],
  ])('is malformed for the query %j: %s', (text, malformed) => {
    expect(read(text)).toMatchObject({ ok: false, malformed })
  })

  it('keeps no free text from a crafted link', () => {
    const noise = '<img src=x onerror=alert(1)>'.repeat(1000)
    const response = read(
      new URLSearchParams({
        error: noise,
        error_description: `AADSTS50011${noise}`,
        suberror: noise,
        claims: noise,
        trace_id: noise,
        correlation_id: noise,
        iss: noise,
        state: noise,
      }).toString(),
    )
    expect(response).toEqual({
      ok: false,
      state: null,
      iss: null,
      refusal: { ...NOTHING, error: 'unrecognized', aadsts: 50011 },
    })
  })
})
