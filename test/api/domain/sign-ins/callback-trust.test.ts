import { describe, expect, it } from 'vitest'
import { activeWorld, anotherApp } from '../../harness.ts'
import {
  codeRedemptions,
  getWithCookie,
  readAuthorization,
  rowsOf,
  startSignIn,
} from '../../sign-in.ts'

describe('a callback from another issuer (RFC 9207)', () => {
  it.each([
    'https://evil.test/common/v2.0',
    'https://login.microsoftonline.com',
    'https://login.microsoftonline.com/common/v2.0',
    'https://login.partner.microsoftonline.cn/c0a70500-7e57-4a11-9d3c-5b1f2c64e801/v2.0',
  ])('ends the sign-in before the code is sent anywhere: %s', async (iss) => {
    const world = await activeWorld()
    const { id, back, cookie } = await startSignIn(world)
    const mixedUp = new URL(back)
    mixedUp.searchParams.set('iss', iss)
    expect((await getWithCookie(world, mixedUp, cookie)).status).toBe(400)
    expect(codeRedemptions(world)).toBe(0)
    expect(await readAuthorization(world, id)).toMatchObject({
      status: 'failed',
      problem: { code: 'sign_in_refused' },
    })
  })

  it('must name the issuer of the account that signed in', async () => {
    const world = await activeWorld()
    const issuerOf = (tenant: string) => `https://login.microsoftonline.com/${tenant}/v2.0`
    const right = await startSignIn(world)
    right.back.searchParams.set('iss', issuerOf('c0a70500-7e57-4a11-9d3c-5b1f2c64e801'))
    expect((await getWithCookie(world, right.back, right.cookie)).status).toBe(200)
    const wrong = await startSignIn(world)
    wrong.back.searchParams.set('iss', issuerOf('9188040d-6c67-4c5b-b112-36a304b66dad'))
    expect((await getWithCookie(world, wrong.back, wrong.cookie)).status).toBe(400)
    expect(await readAuthorization(world, wrong.id)).toMatchObject({ status: 'failed' })
    expect(await rowsOf(world, 'grants')).toHaveLength(1)
  })
})

describe('a change during the sign-in', () => {
  it.each([
    ['the integration is deactivated', ['POST', 'deactivate'], 409, 'integration_inactive'],
    ['another app is registered', ['PUT', 'settings', anotherApp], 400, 'sign_in_refused'],
  ] as const)('exchanges no code once %s', async (_, [method, path, body], status, code) => {
    const world = await activeWorld()
    const { id, back, cookie } = await startSignIn(world)
    await world.call(method, `/v1/integrations/microsoft/${path}`, body)
    expect((await getWithCookie(world, back, cookie)).status).toBe(status)
    expect(codeRedemptions(world)).toBe(0)
    expect(await readAuthorization(world, id)).toMatchObject({ problem: { code } })
  })

  it('sends the code to the tenant that issued it after the configured tenant changed', async () => {
    const world = await activeWorld()
    const { back, cookie } = await startSignIn(world)
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: 'f0cacc1a-0000-4000-8000-0000c1e47a99',
      tenant: 'contoso.test',
    })
    expect((await getWithCookie(world, back, cookie)).status).toBe(200)
    expect(world.entra.tokenCalls()).toMatchObject([{ tenant: 'common' }])
  })
})
