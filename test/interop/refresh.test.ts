/** Tests refresh at a server where a refresh token works once and reuse revokes the grant. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { configure, obtainGrant, saveAccount } from './journey.ts'
import { olga } from './people.ts'
import { until } from './ports.ts'
import { type Product, startProduct } from './product.ts'

let product: Product

beforeAll(async () => {
  product = await startProduct()
  await configure(product)
})

afterAll(async () => {
  await product?.stop()
})

it('requires a new sign-in, after one attempt, if the server has revoked the grant', async () => {
  const { oidc, servers } = product.world
  oidc.setAccessTokenLifetime(1)
  const grant = await obtainGrant(product, olga)
  const account = await saveAccount(product, olga, servers.imapTls, grant)
  const stolen = oidc.issued.findLast(({ kind }) => kind === 'refresh_token')
  // Another client uses the refresh token first; the second use revokes the grant for both.
  const redeemed = await redeem(stolen?.value ?? '')
  expect(redeemed.status).toBe(200)

  const before = oidc.tokenCalls.length
  await until(
    async () => (await product.call('POST', path(account), {})).status === 409,
    () => 'tokens are still issued',
  )
  expect(oidc.tokenCalls.slice(before)).toEqual([{ grantType: 'refresh_token', status: 400 }])
  expect(await product.call('POST', path(account), {})).toMatchObject({
    body: { code: 'reconnect_required' },
  })
  expect(await product.call('GET', `/v1/grants/${grant}`)).toMatchObject({
    body: { status: 'reconnect_required' },
  })
})

const path = (account: string) => `/v1/mail-accounts/${account}/access-token`

function redeem(refreshToken: string): Promise<Response> {
  const { origin, tenant, app } = product.world.oidc
  return fetch(`${origin}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: app.id,
      client_secret: app.secret,
    }),
  })
}
