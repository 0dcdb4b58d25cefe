/**
 * Refresh at a server where a refresh token works once, and where the second use of one ends the
 * whole grant. Two refreshes at a time, or an answer that is not stored, would show here at once.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { configure, getAccessToken, handOut, save } from './journey.ts'
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

/** Seconds. Half of it has to be enough for 50 hand-outs, all of it is waited for. */
const SHORT = 8

it('asks once for 50 hand-outs of an expired token, round after round', async () => {
  const { oidc, servers } = product.world
  oidc.setAccessTokenLifetime(SHORT)
  const grant = await getAccessToken(product, olga)
  // Two accounts share the grant, as a department's IMAP and its brand's SMTP do.
  const accounts = [
    await save(product, olga, servers.imapTls, grant),
    await save(product, olga, servers.smtpStarttls, grant),
  ]
  const first = await handOut(product, accounts[0] ?? '')
  let token = first.access_token

  for (const parallel of [50, 2, 50]) {
    await until(
      async () => !(await oidc.isActive(token)),
      () => 'the token does not run out',
    )
    const before = oidc.tokenCalls.length
    const handed = await Promise.all(
      Array.from({ length: parallel }, (_, at) => handOut(product, accounts[at % 2] ?? '')),
    )
    expect(oidc.tokenCalls.slice(before)).toEqual([{ grantType: 'refresh_token', status: 200 }])
    const tokens = new Set(handed.map(({ access_token }) => access_token))
    expect(tokens.size).toBe(1)
    expect(tokens).not.toContain(token)
    token = handed[0]?.access_token ?? ''
    expect(await oidc.isActive(token)).toBe(true)
  }

  const state = await product.call('GET', `/v1/grants/${grant}`)
  expect(state).toMatchObject({ status: 200, body: { status: 'active', problem: null } })
  expect(oidc.errors).toEqual([])
})

it('asks for a new sign-in, once, when the server has ended the grant', async () => {
  const { oidc, servers } = product.world
  oidc.setAccessTokenLifetime(1)
  const grant = await getAccessToken(product, olga)
  const account = await save(product, olga, servers.imapTls, grant)
  const stolen = oidc.issued.findLast(({ kind }) => kind === 'refresh_token')
  // Somebody else uses the refresh token. Whoever comes second ends the grant for both.
  const spent = await redeem(stolen?.value ?? '')
  expect(spent.status).toBe(200)

  const before = oidc.tokenCalls.length
  await until(
    async () => (await product.call('POST', path(account), {})).status === 409,
    () => 'the hand-out goes on',
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
