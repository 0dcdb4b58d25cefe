import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { app, tenants } from '../personas.ts'
import { createEntra } from './entra.ts'
import { obtainTokens } from './test-client.ts'

const alice = 'alice@contoso.test'

describe('tokens', () => {
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
})
