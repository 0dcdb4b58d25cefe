import { describe, expect, it } from 'vitest'
import { secrets } from '../../../sandbox/cast.ts'
import { activeWorld, anotherApp } from '../../harness.ts'
import {
  codeRedemptions,
  getWithCookie,
  readAuthorization,
  returnFromMicrosoft,
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

describe('secrets of a sign-in', () => {
  it('appear in no page, event, log line or row', async () => {
    const world = await activeWorld()
    const { url, status_url, back, cookie, browser } = await startSignIn(world)
    const row = (await rowsOf(world, 'authorizations'))[0]
    expect(row?.verifier_sealed).toMatch(/^ey/)
    const done = await returnFromMicrosoft(browser, back)
    const failed = await startSignIn(world, 'dave@contoso.test', { username: 'dave@contoso.test' })
    const refused = await returnFromMicrosoft(failed.browser, failed.back)
    const events = await (await world.call('GET', '/v1/events')).text()
    const output = [
      done.body,
      refused.body,
      events,
      world.lines.join('\n'),
      await world.dump(),
    ].join()
    const canaries = [
      ...world.entra.issuedSecrets(),
      secrets.current,
      new URL(url).searchParams.get('secret') ?? '',
      new URL(status_url).searchParams.get('secret') ?? '',
      back.searchParams.get('state') ?? '',
      cookie.split('=')[1] ?? '',
    ]
    expect(canaries.length).toBeGreaterThan(7)
    for (const canary of canaries) {
      expect(canary.length).toBeGreaterThan(15)
      for (const spelled of [canary, encodeURIComponent(canary), btoa(canary).replace(/=+$/, '')]) {
        expect(output).not.toContain(spelled)
      }
    }
  })
})
