/**
 * Tests refresh at a server where a refresh token works once and reuse revokes the grant. Two concurrent
 * refreshes, or an answer that is not stored, would fail here at once.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { configure, issueAccessToken, obtainGrant, saveAccount } from './journey.ts'
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

/** Half of it must suffice to issue 50 tokens; the test waits for all of it. */
const LIFETIME_SECONDS = 8

it('refreshes once for 50 concurrent requests of an expired token, repeatedly', async () => {
  const { oidc, servers } = product.world
  oidc.setAccessTokenLifetime(LIFETIME_SECONDS)
  const grant = await obtainGrant(product, olga)
  // Two accounts share the grant, as a department's IMAP and its brand's SMTP do.
  const accounts = [
    await saveAccount(product, olga, servers.imapTls, grant),
    await saveAccount(product, olga, servers.smtpStarttls, grant),
  ]
  const first = await issueAccessToken(product, accounts[0] ?? '')
  let token = first.access_token

  for (const parallel of [50, 2, 50]) {
    await until(
      async () => !(await oidc.isActive(token)),
      () => 'the token did not expire',
    )
    const before = oidc.tokenCalls.length
    const issued = await Promise.all(
      Array.from({ length: parallel }, (_, at) =>
        issueAccessToken(product, accounts[at % 2] ?? ''),
      ),
    )
    expect(oidc.tokenCalls.slice(before)).toEqual([{ grantType: 'refresh_token', status: 200 }])
    const tokens = new Set(issued.map(({ access_token }) => access_token))
    expect(tokens.size).toBe(1)
    expect(tokens).not.toContain(token)
    token = issued[0]?.access_token ?? ''
    expect(await oidc.isActive(token)).toBe(true)
  }

  const state = await product.call('GET', `/v1/grants/${grant}`)
  expect(state).toMatchObject({ status: 200, body: { status: 'active', problem: null } })
  expect(oidc.errors).toEqual([])
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
