import { describe, expect, it } from 'vitest'
import { app, secrets, tenants } from '../personas.ts'
import { createEntra } from './entra.ts'
import { authorizeUrl, IMAP, MAIL_SEND, obtainCode, redeem, SCOPE } from './test-client.ts'

const alice = 'alice@contoso.test'

describe('redeeming a code', () => {
  it('accepts a code only once', async () => {
    const entra = createEntra()
    const code = await obtainCode(entra, alice)
    const both = await Promise.all([redeem(entra, code), redeem(entra, code)])
    expect(both.map((response) => response.status).sort()).toEqual([200, 400])
    const { body } = await redeem(entra, code)
    expect(body).toMatchObject({ error: 'invalid_grant', error_codes: [54005] })
  })

  it('accepts a code for ten minutes', async () => {
    let time = Date.parse('2026-11-24T12:00:00Z')
    const entra = createEntra({ now: () => time })
    const code = await obtainCode(entra, alice)
    time += 10 * 60_000
    expect((await redeem(entra, code)).body).toMatchObject({ error_codes: [70008] })
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
    const response = await redeem(entra, await obtainCode(entra, alice), changes)
    expect(response.status).toBe(status)
    expect(response.body).toMatchObject({ error, error_codes: [aadsts] })
  })

  it.each([
    [{ client_secret: 'not-the-secret' }, 401, 'invalid_client', 7000215],
    [{ client_secret: secrets.currentId }, 401, 'invalid_client', 7000215],
    [{ client_secret: secrets.expired }, 401, 'invalid_client', 7000222],
    [{ client_secret: undefined }, 401, 'invalid_client', 7000218],
    [{ client_id: secrets.currentId }, 400, 'unauthorized_client', 700016],
    [{ client_id: undefined }, 400, 'invalid_request', 900144],
  ])('refuses the client %o without consuming the code', async (changes, status, error, aadsts) => {
    const entra = createEntra()
    const code = await obtainCode(entra, alice)
    const response = await redeem(entra, code, changes)
    expect(response.status).toBe(status)
    expect(response.body).toMatchObject({ error, error_codes: [aadsts] })
    expect((await redeem(entra, code)).status).toBe(200)
  })

  it.each([
    [alice, 28000, 28003],
    ['grace@outlook.test', 70011, 70011],
  ])('gives %s a token of one of two resources, and never of both', async (as, both, none) => {
    const entra = createEntra()
    const scope = `${SCOPE} ${MAIL_SEND}`
    const code = await obtainCode(entra, as, { scope })
    expect((await redeem(entra, code, { scope })).body).toMatchObject({ error_codes: [both] })
    expect((await redeem(entra, code)).body).toMatchObject({ error_codes: [none] })
    const { body } = await redeem(entra, code, { scope: SCOPE })
    // Microsoft puts the prefix of this resource before the names of the other one, too.
    expect(String(body.scope).split(' ')).toContain('https://outlook.office.com/Mail.Send')
  })

  it('accepts a code only on the tenant path that issued it', async () => {
    const entra = createEntra()
    const code = await obtainCode(entra, alice)
    for (const tenant of ['organizations', 'contoso.test', 'consumers']) {
      const { body } = await redeem(entra, code, {}, { tenant })
      expect(body).toMatchObject({ error: 'invalid_grant', error_codes: [700005] })
    }
    expect((await redeem(entra, code)).status).toBe(200)
    const url = await entra.signIn(authorizeUrl({}, 'contoso.test'), { as: alice })
    const byGuid = { tenant: tenants.contoso.id }
    expect((await redeem(entra, url.searchParams.get('code') ?? '', {}, byGuid)).status).toBe(200)
  })
})
