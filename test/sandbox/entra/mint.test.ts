import { decodeJwt, decodeProtectedHeader, type JSONWebKeySet } from 'jose'
import { describe, expect, it } from 'vitest'
import { app, PERSONAL_TENANT_ID, tenants } from '../cast.ts'
import { createEntra, type Entra } from './entra.ts'
import { AUTHORITY, obtainTokens } from './test-client.ts'

const alice = 'alice@contoso.test'

describe('tokens', () => {
  const keysOf = async (entra: Entra, tenant = 'common') => {
    const response = await entra.fetch(`${AUTHORITY}/${tenant}/discovery/v2.0/keys`)
    return (await response.json()) as JSONWebKeySet
  }

  it('names the issuer of a tenant by its domain, and knows no other domain', async () => {
    const entra = createEntra()
    const configurationOf = (tenant: string) =>
      entra.fetch(`${AUTHORITY}/${tenant}/v2.0/.well-known/openid-configuration`)
    expect(await (await configurationOf('contoso.test')).json()).toMatchObject({
      issuer: `${AUTHORITY}/${tenants.contoso.id}/v2.0`,
    })
    const unknown = await configurationOf('nobody.test')
    expect(unknown.status).toBe(400)
    expect(await unknown.json()).toMatchObject({ error_codes: [90002] })
  })

  it('publishes with each key the issuer whose tokens it may sign', async () => {
    const entra = createEntra()
    const { keys } = await keysOf(entra)
    const issuerOf = (token: string) =>
      (keys as { kid?: string; issuer?: string }[]).find(
        (key) => key.kid === decodeProtectedHeader(token).kid,
      )?.issuer
    const work = await obtainTokens(entra, alice)
    const personal = await obtainTokens(entra, 'grace@outlook.test')
    expect(issuerOf(work.id_token)).toBe(`${AUTHORITY}/{tenantid}/v2.0`)
    expect(issuerOf(personal.id_token)).toBe(`${AUTHORITY}/${PERSONAL_TENANT_ID}/v2.0`)
    expect((await keysOf(entra, 'consumers')).keys).toHaveLength(1)
  })

  it('issues v1 JWTs to work accounts and opaque strings to personal accounts', async () => {
    const entra = createEntra()
    const work = decodeJwt((await obtainTokens(entra, alice)).access_token)
    expect(work).toMatchObject({
      aud: 'https://outlook.office.com',
      iss: `https://sts.windows.net/${tenants.contoso.id}/`,
      scp: 'IMAP.AccessAsUser.All SMTP.Send',
      upn: alice,
      appid: app.clientId,
      ver: '1.0',
    })
    expect((await obtainTokens(entra, 'grace@outlook.test')).access_token).toMatch(/^EwB/)
  })

  it('issues access tokens of the length that Entra gives them', async () => {
    const entra = createEntra()
    const work = (await obtainTokens(entra, alice)).access_token
    expect(work.length).toBeGreaterThan(2350)
    expect(work.length).toBeLessThan(2500)
    expect((await obtainTokens(entra, 'grace@outlook.test')).access_token).toHaveLength(1203)
  })
})
