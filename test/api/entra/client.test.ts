import { expect, it } from 'vitest'
import { createEntra } from '../../../api/entra/client.ts'
import { clientSecretPost } from '../../../api/entra/client-auth.ts'
import { json, peer } from './http-stub.ts'
import { expected, makeKeys, sign } from './token-issuer.ts'

const now = expected.now
const scopes = ['https://outlook.office.com/SMTP.Send']

it('sends every request through the injected fetch to the overridden login host', async () => {
  const { http, seen } = peer(() =>
    json({ token_type: 'Bearer', access_token: 'a', expires_in: 60, refresh_token: 'r' }),
  )
  const entra = createEntra({ ...http, authorityOverride: 'http://127.0.0.1:8789/' })
  const authority = entra.authority('us_gov_high', 'organizations')
  const request = { authority, auth: clientSecretPost('id', 'secret'), now }
  const code = { code: 'c', redirectUri: 'https://mail.example/', verifier: 'v' }
  const tokens = { accessToken: 'a', expiresIn: 60, refreshToken: 'r', idToken: null }
  const granted = { ok: true, tokens: { ...tokens, scope: scopes.join(' ') } }
  expect(await entra.exchangeCode({ ...request, ...code, scopes })).toEqual(granted)
  expect(await entra.refresh({ ...request, refreshToken: 'r', scopes })).toEqual(granted)
  expect(await entra.clientCredentials({ ...request, scope: scopes.join(' ') })).toEqual(granted)
  const url = 'http://127.0.0.1:8789/organizations/oauth2/v2.0/token'
  expect(seen.map((request) => request.url)).toEqual([url, url, url])
})

it('verifies id_tokens with the keys and the issuer of the override', async () => {
  const keys = await makeKeys()
  const origin = 'http://127.0.0.1:8789'
  const jwk = { ...keys.jwk, issuer: `${origin}/{tenantid}/v2.0` }
  const { http, seen } = peer(() => json({ keys: [jwk] }))
  const entra = createEntra({ ...http, authorityOverride: origin })
  const authority = entra.authority('global', 'common')
  const token = await sign(keys, { iss: `${origin}/11111111-aaaa-4bbb-8ccc-222222222222/v2.0` })
  expect(await entra.verifyIdToken(token, { ...expected, authority })).toMatchObject({ ok: true })
  expect(seen.map(({ url }) => url)).toEqual([`${origin}/common/discovery/v2.0/keys`])
  const fromMicrosoft = await sign(keys)
  expect(await entra.verifyIdToken(fromMicrosoft, { ...expected, authority })).toMatchObject({
    ok: false,
  })
})
