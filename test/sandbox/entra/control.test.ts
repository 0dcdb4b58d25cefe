import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { createEntra, type Entra } from './entra.ts'
import {
  AUTHORITY,
  authorizeUrl,
  obtainCode,
  obtainTokens,
  redeem,
  refresh,
} from './test-client.ts'

const alice = 'alice@contoso.test'

const post = async (entra: Entra, body: unknown) => {
  const response = await entra.fetch(`${AUTHORITY}/sandbox/control`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const send = async (entra: Entra) => {
  const body = new URLSearchParams({ grant_type: 'refresh_token' })
  return entra.fetch(`${AUTHORITY}/contoso.test/oauth2/v2.0/token`, { method: 'POST', body })
}

describe('/sandbox/control', () => {
  it('sets the lifetime of new access tokens and restores the default', async () => {
    const entra = createEntra()
    await post(entra, { token_lifetime: 60 })
    const { body } = await redeem(entra, await obtainCode(entra, alice))
    const claims = decodeJwt(String(body.access_token))
    expect(body.expires_in).toBe(60)
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(60)
    await post(entra, { token_lifetime: null })
    const later = await redeem(entra, await obtainCode(entra, alice))
    expect(later.body.expires_in).toBeGreaterThanOrEqual(3600)
  })

  it("replaces a person's app roles, which an id_token names only where there are any", async () => {
    const entra = createEntra()
    const rolesNow = async () => decodeJwt((await obtainTokens(entra, alice)).id_token).roles
    expect(await rolesNow()).toEqual(['Mailgrant.Operator'])
    await post(entra, { roles: { username: alice, assigned: ['Mailgrant.Admin'] } })
    expect(await rolesNow()).toEqual(['Mailgrant.Admin'])
    await post(entra, { roles: { username: alice, assigned: [] } })
    expect(await rolesNow()).toBeUndefined()
  })

  it('counts calls per endpoint and grant type, and returns the counts before a reset', async () => {
    const entra = createEntra()
    const { refresh_token } = await obtainTokens(entra, alice)
    await refresh(entra, refresh_token)
    await refresh(entra, 'made-up')
    await entra.fetch(`${AUTHORITY}/common/discovery/v2.0/keys`)
    const counts = {
      authorize: 1,
      admin_consent: 0,
      keys: 1,
      metadata: 0,
      token: { authorization_code: 1, refresh_token: 2, client_credentials: 0, other: 0 },
    }
    expect(entra.counts()).toEqual(counts)
    expect((await post(entra, { reset_counts: true })).body.counts).toEqual(counts)
    const now = await entra.fetch(`${AUTHORITY}/sandbox/control`)
    expect(await now.json()).toMatchObject({ counts: { authorize: 0, keys: 0 } })
    expect(entra.tokenCalls()).toEqual([])
  })

  it('records tenant, scope and status of token calls', async () => {
    const entra = createEntra()
    const { refresh_token } = await obtainTokens(entra, alice)
    await refresh(entra, refresh_token, { scope: 'openid' }, { tenant: 'consumers' })
    expect(entra.tokenCalls()).toEqual([
      { tenant: 'common', grantType: 'authorization_code', scope: null, status: 200 },
      { tenant: 'consumers', grantType: 'refresh_token', scope: 'openid', status: 400 },
    ])
  })

  it('revokes the grants of an account and gives consent for a tenant', async () => {
    const entra = createEntra()
    const { refresh_token } = await obtainTokens(entra, alice)
    await post(entra, { revoke: alice, tenant_consent: { tenant: 'contoso.test', granted: true } })
    expect((await refresh(entra, refresh_token)).body).toMatchObject({ error_codes: [50173] })
    const dave = await entra.signIn(authorizeUrl(), { as: 'dave@contoso.test' })
    expect(dave.searchParams.has('code')).toBe(true)
  })

  it.each([{ tokenLifetime: 60 }, { faults: [{ kind: 'earthquake' }] }, 'nonsense', null])(
    'refuses %o',
    async (body) => {
      expect((await post(createEntra(), body)).status).toBe(422)
    },
  )
})

describe('faults', () => {
  it('apply as often as requested, in order, and only to their grant type', async () => {
    const entra = createEntra()
    await post(entra, {
      faults: [
        { kind: 'server_error', grant_type: 'client_credentials' },
        { kind: 'outage', times: 2, retry_after: 3 },
        { kind: 'rate_limit', retry_after: 7 },
      ],
    })
    const outage = await send(entra)
    expect(outage.status).toBe(503)
    expect(outage.headers.get('retry-after')).toBe('3')
    expect(await outage.json()).toMatchObject({ error: 'temporarily_unavailable' })
    expect((await send(entra)).status).toBe(503)
    const limited = await send(entra)
    expect(limited.status).toBe(429)
    expect(limited.headers.get('retry-after')).toBe('7')
    expect(await limited.text()).toBe('Too many requests')
    expect((await send(entra)).status).toBe(400)
    const left = await post(entra, { clear_faults: true })
    expect(left.body.faults).toEqual([])
  })

  it.each(['outage', 'html', 'rate_limit', 'server_error'] as const)(
    'of kind %s consume nothing: the code stays valid',
    async (kind) => {
      const entra = createEntra()
      const code = await obtainCode(entra, alice)
      entra.control.faultNext({ kind })
      await entra.fetch(`${AUTHORITY}/common/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'authorization_code', code }),
      })
      expect((await redeem(entra, code)).status).toBe(200)
    },
  )

  it('of kind html answer 200 with a page', async () => {
    const entra = createEntra()
    entra.control.faultNext({ kind: 'html' })
    const response = await send(entra)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('text/html')
  })

  it('of kind truncated cut off the answer after redeeming the code', async () => {
    const entra = createEntra()
    const code = await obtainCode(entra, alice)
    entra.control.faultNext({ kind: 'truncated' })
    await expect(redeem(entra, code)).rejects.toThrow('JSON')
    expect((await redeem(entra, code)).body).toMatchObject({ error_codes: [54005] })
  })

  it('of kind slow answer after their delay', async () => {
    const waits: number[] = []
    const entra = createEntra({
      wait: async (ms) => {
        waits.push(ms)
      },
    })
    const code = await obtainCode(entra, alice)
    entra.control.faultNext({ kind: 'slow', delay_ms: 20_000 })
    expect((await redeem(entra, code)).status).toBe(200)
    expect(waits).toEqual([20_000])
  })

  it('change the answer: no refresh token, fewer scopes, another account, other claims', async () => {
    const entra = createEntra()
    const answer = async () => (await redeem(entra, await obtainCode(entra, alice))).body
    entra.control.faultNext({ kind: 'no_refresh_token' })
    expect(await answer()).not.toHaveProperty('refresh_token')

    entra.control.faultNext({ kind: 'fewer_scopes', scopes: ['SMTP.Send'] })
    const fewer = await answer()
    expect(fewer.scope).toBe('https://outlook.office.com/SMTP.Send')
    expect(decodeJwt(String(fewer.access_token)).scp).toBe('SMTP.Send')

    entra.control.faultNext({ kind: 'other_account', account: 'carol@contoso.test' })
    const other = await answer()
    expect(decodeJwt(String(other.id_token)).preferred_username).toBe('carol@contoso.test')
    expect(decodeJwt(String(other.access_token)).upn).toBe('carol@contoso.test')

    entra.control.faultNext({ kind: 'id_token_claims', claims: { nonce: 'other', tid: null } })
    const claims = decodeJwt(String((await answer()).id_token))
    expect(claims.nonce).toBe('other')
    expect(claims).not.toHaveProperty('tid')

    expect(await answer()).toHaveProperty('refresh_token')
  })
})

it('lists every secret that it issued, so that tests can search logs for them', async () => {
  const entra = createEntra()
  const code = await obtainCode(entra, alice)
  const { body } = await redeem(entra, code)
  const issued = entra.issuedSecrets()
  for (const secret of [code, body.access_token, body.refresh_token, body.id_token]) {
    expect(issued).toContain(secret)
  }
})
