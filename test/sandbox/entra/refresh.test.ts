import { describe, expect, it } from 'vitest'
import { PERSONAL_TENANT_ID, secrets, tenants } from '../personas.ts'
import { createEntra, type Entra } from './entra.ts'
import {
  callToken,
  IMAP,
  MAIL_SEND,
  obtainCode,
  obtainTokens,
  redeem,
  refresh,
  SCOPE,
  SMTP,
} from './test-client.ts'

const alice = 'alice@contoso.test'
const numberOf = (body: Record<string, unknown>) => (body.error_codes as number[])[0]

describe('refresh', () => {
  it('revokes the grant on reuse when rotation is strict', async () => {
    const entra = createEntra({ strictRotation: true })
    const { refresh_token } = await obtainTokens(entra, alice)
    const first = await refresh(entra, refresh_token)
    expect((await refresh(entra, refresh_token)).body).toMatchObject({ error: 'invalid_grant' })
    const successor = String(first.body.refresh_token)
    expect((await refresh(entra, successor)).body).toMatchObject({ error_codes: [50173] })
  })

  it('works only under the tenant of the account, or under consumers', async () => {
    const entra = createEntra()
    const work = await obtainTokens(entra, alice)
    const personal = await obtainTokens(entra, 'grace@outlook.test')
    const statusAt = async (token: string, tenant: string) =>
      (await refresh(entra, token, {}, { tenant })).status
    expect(await statusAt(work.refresh_token, tenants.contoso.id)).toBe(200)
    expect(await statusAt(work.refresh_token, 'common')).toBe(400)
    expect(await statusAt(work.refresh_token, 'consumers')).toBe(400)
    expect(await statusAt(personal.refresh_token, 'consumers')).toBe(200)
    expect(await statusAt(personal.refresh_token, PERSONAL_TENANT_ID)).toBe(200)
    expect(await statusAt(personal.refresh_token, tenants.contoso.id)).toBe(400)
  })

  it('works at common for a work account, where another product obtained the token', async () => {
    const entra = createEntra()
    const statusAt = async (username: string, tenant: string) => {
      const token = entra.control.signInElsewhere({ username })
      return (await refresh(entra, token, {}, { tenant })).status
    }
    expect(await statusAt(alice, 'common')).toBe(200)
    expect(await statusAt(alice, tenants.contoso.id)).toBe(200)
    expect(await statusAt(alice, tenants.adatum.id)).toBe(400)
    expect(await statusAt('grace@outlook.test', 'common')).toBe(400)
    expect(await statusAt('grace@outlook.test', 'consumers')).toBe(200)
  })

  it('refuses a token that was issued to another client, and scopes that the user did not consent to', async () => {
    const entra = createEntra()
    const permissions = ['IMAP.AccessAsUser.All']
    const other = entra.control.signInElsewhere({ username: alice, client_id: 'another-client' })
    expect(numberOf((await refresh(entra, other, {}, { tenant: 'common' })).body)).toBe(700007)
    const imap = entra.control.signInElsewhere({ username: alice, permissions })
    const both = await refresh(entra, imap, { scope: SCOPE }, { tenant: 'common' })
    expect(numberOf(both.body)).toBe(65001)
  })

  it.each([
    [alice, 'contoso.test', 65001],
    ['grace@outlook.test', 'consumers', 70000],
  ])(
    'for Graph needs the consent of %s, and harms nothing without it',
    async (as, tenant, number) => {
      const entra = createEntra({ strictRotation: true })
      const { refresh_token } = await obtainTokens(entra, as)
      const graph = { scope: `${MAIL_SEND} offline_access openid` }
      const refused = await refresh(entra, refresh_token, graph, { tenant })
      expect(refused.body).toMatchObject({ error: 'invalid_grant', error_codes: [number] })
      const signedIn = await redeem(entra, await obtainCode(entra, as, graph), graph)
      const names = `openid ${MAIL_SEND} ${IMAP} ${SMTP}`
      expect(signedIn.body.scope).toBe(names.replaceAll('outlook.office.', 'graph.microsoft.'))
      // The refresh token of either sign-in is now good for both resources.
      for (const token of [refresh_token, String(signedIn.body.refresh_token)]) {
        const next = await refresh(entra, token, graph, { tenant })
        const last = await refresh(
          entra,
          String(next.body.refresh_token),
          { scope: SCOPE },
          { tenant },
        )
        expect([next.status, last.status]).toEqual([200, 200])
      }
      entra.control.withdrawConsent(as, 'graph')
      const { refresh_token: newest } = await obtainTokens(entra, as)
      const again = await refresh(entra, newest, graph, { tenant })
      expect(again.body).toMatchObject({ error_codes: [number] })
    },
  )

  it('that asked erin for MFA makes her next sign-in need its claims, once', async () => {
    const entra = createEntra()
    const erin = await obtainTokens(entra, 'erin@contoso.test')
    const claims = String((await refresh(entra, erin.refresh_token)).body.claims)
    for (const without of [{}, { claims: '{}' }]) {
      const refused = await redeem(entra, await obtainCode(entra, 'erin@contoso.test', without))
      expect(refused.body).toMatchObject({
        error: 'interaction_required',
        error_codes: [50076],
        claims,
      })
    }
    await obtainTokens(entra, 'erin@contoso.test', { claims })
    await obtainTokens(entra, 'erin@contoso.test')
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

  it.each([
    ['common', {}, 9001023],
    ['consumers', {}, 9001023],
    ['organizations', {}, 50059],
    ['fabrikam.test', {}, 90002],
    ['contoso.test', { client_secret: 'wrong' }, 7000215],
    ['contoso.test', { client_secret: secrets.expired }, 7000222],
    ['contoso.test', { client_id: 'unknown' }, 700016],
    ['contoso.test', { scope: SMTP }, 1002012],
    ['contoso.test', { scope: undefined }, 900144],
  ])('are refused at %s with %o', async (tenant, changes, aadsts) => {
    expect(numberOf((await verify(createEntra(), tenant, changes)).body)).toBe(aadsts)
  })
})
