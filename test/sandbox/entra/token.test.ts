import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  type JSONWebKeySet,
  jwtVerify,
} from 'jose'
import { describe, expect, it } from 'vitest'
import { app, PERSONAL_TENANT_ID, secrets, tenants } from '../cast.ts'
import { createEntra, type Entra } from './entra.ts'
import {
  AUTHORITY,
  authorizeUrl,
  callToken,
  codeOf,
  IMAP,
  redeem,
  refresh,
  SCOPE,
  SMTP,
  tokensOf,
} from './test-client.ts'

const alice = 'alice@contoso.test'
const numberOf = (body: Record<string, unknown>) => (body.error_codes as number[])[0]

describe('redeeming a code', () => {
  it('answers what was consented to, with one resource in the scope', async () => {
    const entra = createEntra()
    const { status, headers, body } = await redeem(entra, await codeOf(entra, alice))
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toContain('no-store')
    expect(body).toMatchObject({ token_type: 'Bearer', scope: `${IMAP} ${SMTP}` })
    expect(body.expires_in).toBeGreaterThanOrEqual(3600)
    expect(body.expires_in).toBeLessThan(5400)
    expect(entra.checkToken(String(body.access_token))).toMatchObject({
      audience: 'https://outlook.office.com',
      permissions: ['IMAP.AccessAsUser.All', 'SMTP.Send'],
      person: { username: alice },
    })
  })

  it('gives a refresh token only with offline_access and an id_token only with openid', async () => {
    const entra = createEntra()
    const { body } = await redeem(entra, await codeOf(entra, alice, { scope: IMAP }))
    expect(Object.keys(body)).not.toContain('refresh_token')
    expect(Object.keys(body)).not.toContain('id_token')
    expect(body.scope).toBe(IMAP)
  })

  it('takes a code once', async () => {
    const entra = createEntra()
    const code = await codeOf(entra, alice)
    const both = await Promise.all([redeem(entra, code), redeem(entra, code)])
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 400])
    const { body } = await redeem(entra, code)
    expect(body).toMatchObject({ error: 'invalid_grant', error_codes: [54005] })
  })

  it('takes a code for ten minutes', async () => {
    let time = Date.parse('2026-11-24T12:00:00Z')
    const entra = createEntra({ now: () => time })
    const code = await codeOf(entra, alice)
    time += 10 * 60_000
    expect(numberOf((await redeem(entra, code)).body)).toBe(70008)
  })

  it.each([
    [{ code: 'made-up' }, 400, 'invalid_grant', 70000],
    [{ code: undefined }, 400, 'invalid_request', 900144],
    [{ redirect_uri: undefined }, 400, 'invalid_request', 900144],
    [{ redirect_uri: app.redirectUris[1] }, 401, 'invalid_client', 500112],
    [{ code_verifier: undefined }, 400, 'invalid_grant', 501481],
    [{ code_verifier: 'x'.repeat(43) }, 400, 'invalid_grant', 501481],
    [{ scope: `${IMAP} https://graph.microsoft.com/SMTP.Send` }, 400, 'invalid_request', 28000],
    [{ scope: `${IMAP} SMTP.Send` }, 400, 'invalid_request', 28000],
    [{ scope: 'https://graph.microsoft.com/SMTP.Send' }, 400, 'invalid_grant', 65001],
    [{ grant_type: undefined }, 400, 'invalid_request', 900144],
    [{ grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
  ])('refuses %o', async (changes, status, error, aadsts) => {
    const entra = createEntra()
    const answer = await redeem(entra, await codeOf(entra, alice), changes)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ error, error_codes: [aadsts] })
  })

  it.each([
    [{ client_secret: 'not-the-secret' }, 401, 'invalid_client', 7000215],
    [{ client_secret: secrets.currentId }, 401, 'invalid_client', 7000215],
    [{ client_secret: secrets.expired }, 401, 'invalid_client', 7000222],
    [{ client_secret: undefined }, 401, 'invalid_client', 7000218],
    [{ client_id: secrets.currentId }, 400, 'unauthorized_client', 700016],
    [{ client_id: undefined }, 400, 'invalid_request', 900144],
  ])(
    'refuses the client %o and leaves the code as it is',
    async (changes, status, error, aadsts) => {
      const entra = createEntra()
      const code = await codeOf(entra, alice)
      const answer = await redeem(entra, code, changes)
      expect(answer.status).toBe(status)
      expect(answer.body).toMatchObject({ error, error_codes: [aadsts] })
      expect((await redeem(entra, code)).status).toBe(200)
    },
  )

  it('takes the client by HTTP Basic as well', async () => {
    const entra = createEntra()
    const basic = btoa(`${app.clientId}:${encodeURIComponent(secrets.current)}`)
    const none = { client_id: undefined, client_secret: undefined }
    const headers = { authorization: `Basic ${basic}` }
    expect((await redeem(entra, await codeOf(entra, alice), none, { headers })).status).toBe(200)
  })

  it('takes a code back only on the tenant path that it came from', async () => {
    const entra = createEntra()
    const code = await codeOf(entra, alice)
    for (const tenant of ['organizations', 'contoso.test', 'consumers']) {
      const { body } = await redeem(entra, code, {}, { tenant })
      expect(body).toMatchObject({ error: 'invalid_grant', error_codes: [700005] })
    }
    expect((await redeem(entra, code)).status).toBe(200)
    const url = await entra.signIn(authorizeUrl({}, 'contoso.test'), { as: alice })
    const byGuid = { tenant: tenants.contoso.id }
    expect((await redeem(entra, url.searchParams.get('code') ?? '', {}, byGuid)).status).toBe(200)
  })

  it('refuses a browser: a request with an Origin header', async () => {
    const entra = createEntra()
    const headers = { origin: 'http://localhost:8787' }
    const { body } = await redeem(entra, await codeOf(entra, alice), {}, { headers })
    expect(body).toMatchObject({ error: 'invalid_request', error_codes: [9002326] })
  })

  it('refuses GET and doubled parameters', async () => {
    const entra = createEntra()
    const url = `${AUTHORITY}/common/oauth2/v2.0/token`
    const get = (await (await entra.fetch(url)).json()) as Record<string, unknown>
    expect(numberOf(get)).toBe(900561)
    const body = new URLSearchParams([
      ['grant_type', 'authorization_code'],
      ['code', 'a'],
      ['code', 'b'],
    ])
    const doubled = await entra.fetch(url, { method: 'POST', body })
    expect(numberOf((await doubled.json()) as Record<string, unknown>)).toBe(9000411)
  })

  it('writes errors with number, trail and link, as Entra does', async () => {
    const entra = createEntra({ now: () => Date.parse('2026-11-24T12:34:56.789Z') })
    const { body } = await redeem(entra, 'made-up')
    expect(body.timestamp).toBe('2026-11-24 12:34:56Z')
    expect(body.error_uri).toBe(`${AUTHORITY}/error?code=70000`)
    expect(body.error_description).toBe(
      'AADSTS70000: Provided grant is invalid or malformed. ' +
        `Trace ID: ${body.trace_id} Correlation ID: ${body.correlation_id} ` +
        `Timestamp: ${body.timestamp}`,
    )
  })
})

describe('tokens', () => {
  const keysOf = async (entra: Entra, tenant = 'common') => {
    const response = await entra.fetch(`${AUTHORITY}/${tenant}/discovery/v2.0/keys`)
    return (await response.json()) as JSONWebKeySet
  }

  it('signs id_tokens with a key that the JWKS names, for the tenant of the person', async () => {
    const entra = createEntra()
    const { id_token } = await tokensOf(entra, alice)
    const { payload } = await jwtVerify(id_token, createLocalJWKSet(await keysOf(entra)), {
      issuer: `${AUTHORITY}/${tenants.contoso.id}/v2.0`,
      audience: app.clientId,
      algorithms: ['RS256'],
    })
    expect(payload).toMatchObject({
      nonce: 'a-nonce',
      tid: tenants.contoso.id,
      oid: 'a11ce000-0000-4000-8000-000000000001',
      preferred_username: alice,
      ver: '2.0',
    })
  })

  it('gives each key the issuer whose tokens it may sign', async () => {
    const entra = createEntra()
    const { keys } = await keysOf(entra)
    const issuerOf = (token: string) =>
      (keys as { kid?: string; issuer?: string }[]).find(
        (key) => key.kid === decodeProtectedHeader(token).kid,
      )?.issuer
    const work = await tokensOf(entra, alice)
    const personal = await tokensOf(entra, 'grace@outlook.test')
    expect(issuerOf(work.id_token)).toBe(`${AUTHORITY}/{tenantid}/v2.0`)
    expect(issuerOf(personal.id_token)).toBe(`${AUTHORITY}/${PERSONAL_TENANT_ID}/v2.0`)
    expect((await keysOf(entra, 'consumers')).keys).toHaveLength(1)
  })

  it('keeps oid and name back without the profile scope', async () => {
    const entra = createEntra()
    const { id_token } = await tokensOf(entra, alice, { scope: `${IMAP} offline_access openid` })
    const claims = decodeJwt(id_token)
    expect(claims).toHaveProperty('tid')
    expect(claims).not.toHaveProperty('oid')
    expect(claims).not.toHaveProperty('preferred_username')
  })

  it('replaces the keys when told to', async () => {
    const entra = createEntra()
    const { id_token } = await tokensOf(entra, alice)
    entra.control.rotateKeys()
    const jwks = createLocalJWKSet(await keysOf(entra))
    await expect(jwtVerify(id_token, jwks)).rejects.toThrow('no applicable key')
  })

  it('issues a v1 JWT for Exchange to work accounts and an opaque string to personal ones', async () => {
    const entra = createEntra()
    const work = decodeJwt((await tokensOf(entra, alice)).access_token)
    expect(work).toMatchObject({
      aud: 'https://outlook.office.com',
      iss: `https://sts.windows.net/${tenants.contoso.id}/`,
      scp: 'IMAP.AccessAsUser.All SMTP.Send',
      upn: alice,
      appid: app.clientId,
      ver: '1.0',
    })
    expect((await tokensOf(entra, 'grace@outlook.test')).access_token).toMatch(/^EwB/)
  })

  it('takes a bare scope for Microsoft Graph', async () => {
    const entra = createEntra()
    const tokens = await tokensOf(entra, alice, { scope: 'IMAP.AccessAsUser.All' })
    expect(decodeJwt(tokens.access_token).aud).toBe('https://graph.microsoft.com')
  })
})

describe('refresh', () => {
  it('rotates the token and leaves the old one valid', async () => {
    const entra = createEntra()
    const { refresh_token } = await tokensOf(entra, alice)
    const first = await refresh(entra, refresh_token, { scope: SCOPE })
    expect(first.status).toBe(200)
    expect(first.body.refresh_token).not.toBe(refresh_token)
    expect((await refresh(entra, refresh_token)).status).toBe(200)
    expect((await refresh(entra, String(first.body.refresh_token))).status).toBe(200)
  })

  it('ends the grant at reuse where rotation is strict', async () => {
    const entra = createEntra({ strictRotation: true })
    const { refresh_token } = await tokensOf(entra, alice)
    const first = await refresh(entra, refresh_token)
    expect((await refresh(entra, refresh_token)).body).toMatchObject({ error: 'invalid_grant' })
    const successor = String(first.body.refresh_token)
    expect((await refresh(entra, successor)).body).toMatchObject({ error_codes: [50173] })
  })

  it('goes to the tenant of the account, or to consumers', async () => {
    const entra = createEntra()
    const work = await tokensOf(entra, alice)
    const personal = await tokensOf(entra, 'grace@outlook.test')
    const statusAt = async (token: string, tenant: string) =>
      (await refresh(entra, token, {}, { tenant })).status
    expect(await statusAt(work.refresh_token, tenants.contoso.id)).toBe(200)
    expect(await statusAt(work.refresh_token, 'common')).toBe(400)
    expect(await statusAt(work.refresh_token, 'consumers')).toBe(400)
    expect(await statusAt(personal.refresh_token, 'consumers')).toBe(200)
    expect(await statusAt(personal.refresh_token, PERSONAL_TENANT_ID)).toBe(200)
    expect(await statusAt(personal.refresh_token, tenants.contoso.id)).toBe(400)
  })

  it('tells the stories of erin and frank, who signed in without trouble', async () => {
    const entra = createEntra()
    const erin = await tokensOf(entra, 'erin@contoso.test')
    const mfa = await refresh(entra, erin.refresh_token)
    expect(mfa.body).toMatchObject({
      error: 'invalid_grant',
      error_codes: [50076],
      suberror: 'basic_action',
    })
    expect(JSON.parse(String(mfa.body.claims))).toHaveProperty('access_token')
    const frank = await tokensOf(entra, 'frank@contoso.test')
    const inactive = await refresh(entra, frank.refresh_token)
    expect(inactive.body).toMatchObject({ error: 'invalid_grant', error_codes: [700082] })
  })

  it('ends with a revocation, while access tokens live on', async () => {
    const entra = createEntra()
    const tokens = await tokensOf(entra, alice)
    expect(entra.control.revoke(alice)).toBe(1)
    const { body } = await refresh(entra, tokens.refresh_token)
    expect(body).toMatchObject({ error: 'invalid_grant', error_codes: [50173] })
    expect(entra.checkToken(tokens.access_token)).not.toBeNull()
  })
})

describe('client credentials', () => {
  const verify = (entra: Entra, tenant: string, changes = {}) =>
    callToken(
      entra,
      {
        grant_type: 'client_credentials',
        scope: 'https://outlook.office365.com/.default',
        ...changes,
      },
      { tenant },
    )

  it('gives an app-only token, never a refresh token', async () => {
    const entra = createEntra()
    for (const tenant of ['contoso.test', tenants.contoso.id]) {
      const { status, body } = await verify(entra, tenant)
      expect(status).toBe(200)
      expect(Object.keys(body).sort()).toEqual([
        'access_token',
        'expires_in',
        'ext_expires_in',
        'token_type',
      ])
      expect(entra.checkToken(String(body.access_token))?.person).toBeNull()
    }
  })

  it.each([
    ['common', {}, 9001023],
    ['consumers', {}, 9001023],
    ['organizations', {}, 50059],
    ['fabrikam.test', {}, 90002],
    ['contoso.test', { client_secret: 'wrong' }, 7000215],
    ['contoso.test', { client_secret: secrets.expired }, 7000222],
    ['contoso.test', { client_id: 'unknown' }, 700016],
    ['contoso.test', { scope: SMTP }, 70011],
    ['contoso.test', { scope: undefined }, 900144],
  ])('is refused at %s with %o', async (tenant, changes, aadsts) => {
    expect(numberOf((await verify(createEntra(), tenant, changes)).body)).toBe(aadsts)
  })
})
