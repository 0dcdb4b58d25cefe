import { describe, expect, it } from 'vitest'
import { authorityOf } from '../../../api/entra/authority.ts'
import { resolveTenant } from '../../../api/entra/client.ts'
import { json, peer } from './http-stub.ts'

const HOST = 'https://login.microsoftonline.com'
const TENANT = '11111111-aaaa-4bbb-8ccc-222222222222'
const authority = authorityOf('global', 'contoso.com')

const resolve = (respond: () => Response) => resolveTenant(peer(respond).http, authority)

describe("the GUID of a domain's tenant", () => {
  it("is read from the issuer of the tenant's OpenID configuration", async () => {
    const { http, seen } = peer(() =>
      json({ issuer: `${HOST}/${TENANT}/v2.0`, token_endpoint: 'https://evil.example/token' }),
    )
    expect(await resolveTenant(http, authority)).toEqual({ ok: true, tenantId: TENANT })
    expect(seen.map(({ url }) => url)).toEqual([
      `${HOST}/contoso.com/v2.0/.well-known/openid-configuration`,
    ])
  })

  it('is unknown to Microsoft for a domain of no tenant', async () => {
    const body = { error: 'invalid_tenant', error_description: 'Tenant not found.' }
    expect(await resolve(() => json(body, 400))).toEqual({ ok: false, reason: 'unknown' })
  })

  it.each([
    ['the issuer of another host', () => json({ issuer: `https://evil.example/${TENANT}/v2.0` })],
    [
      'the issuer of another cloud',
      () => json({ issuer: `https://login.microsoftonline.us/${TENANT}/v2.0` }),
    ],
    ['the issuer of version 1', () => json({ issuer: `https://sts.windows.net/${TENANT}/` })],
    ['an issuer for any tenant', () => json({ issuer: `${HOST}/{tenantid}/v2.0` })],
    ['no issuer', () => json({})],
    ['null', () => json('null')],
    ['an HTML page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['a redirect', () => Response.redirect('https://evil.example/')],
    ['an outage', () => json({}, 503)],
  ])('is not taken from %s', async (_what, respond) => {
    expect(await resolve(respond)).toEqual({ ok: false, reason: 'unavailable' })
  })

  it('is not known while Microsoft cannot be reached', async () => {
    const { http } = peer(() => Promise.reject(new TypeError('the network is off')))
    expect(await resolveTenant(http, authority)).toEqual({ ok: false, reason: 'unavailable' })
  })
})
