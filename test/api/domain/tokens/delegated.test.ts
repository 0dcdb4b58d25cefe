import { describe, expect, it } from 'vitest'
import { createEntra } from '../../../../api/entra/client.ts'
import {
  expiredGrantWorld as expired,
  forgetRefreshToken,
  refusalResponse,
  scriptedEntraWorld,
} from '../../expired-grant.ts'
import { tokenOfGrant } from '../../fresh-token.ts'
import { activeWorld } from '../../harness.ts'
import { refreshes } from '../../saved-account.ts'
import { eventsOf } from '../../sql.ts'
import { system } from '../../system-call.ts'
import { issued, NEW_TOKEN, outage, refused, worldOf } from './both-kinds.ts'

const DAY = 86_400

it('refuses an unsaved grant after its hour even if it is not deleted yet', async () => {
  const world = await activeWorld()
  const grant = await world.grant('alice@contoso.test', { saved: false })
  world.advance(3599)
  expect((await tokenOfGrant(world.services, system, grant)).ok).toBe(true)
  world.advance(1)
  expect(await tokenOfGrant(world.services, system, grant)).toMatchObject({
    ok: false,
    error: { code: 'not_found' },
  })
})

describe('the previous refresh token', () => {
  it('is kept until its successor has worked, and saves a grant whose successor is unknown', async () => {
    const { world, grant, refresh, row } = await expired()
    await refresh()
    const stored = await row()
    expect(stored?.previous_refresh_token_sealed).toMatch(/^eyJ/)
    // Loses the refresh token, as a restored backup or a lost write does.
    await forgetRefreshToken(world, grant)
    world.advance(DAY)
    world.entra.control.resetCounts()
    expect((await refresh()).ok).toBe(true)
    expect(refreshes(world)).toBe(2)
    // The unknown token must not replace the one that has just worked.
    expect(await row()).toMatchObject({
      state: 'active',
      previous_refresh_token_sealed: stored?.previous_refresh_token_sealed,
    })
  })

  it('does not confirm a possibly temporary refusal of its successor when it has expired', async () => {
    const { world, refresh, row, script } = await scriptedEntraWorld()
    expect((await refresh()).ok).toBe(true)
    world.advance(DAY)
    const numbers = [70000, 700082]
    script.respond = async () => refusalResponse('invalid_grant', numbers.shift() ?? 0)
    expect(await refresh()).toMatchObject({ ok: false, error: { code: 'provider_unavailable' } })
    expect(numbers).toEqual([])
    expect(await row()).toMatchObject({ state: 'cooling_down', problem_code: 'token_suspect' })
  })

  it('is not made by a response without a new one: the old one stays in use', async () => {
    const { world, refresh, row } = await expired()
    await refresh()
    const before = await row()
    world.advance(DAY)
    world.entra.control.faultNext({ kind: 'no_refresh_token' })
    expect((await refresh()).ok).toBe(true)
    expect((await row())?.refresh_token_sealed).toBe(before?.refresh_token_sealed)
    world.advance(DAY)
    expect((await refresh()).ok).toBe(true)
  })

  it('shares one deadline with its successor', async () => {
    const { world, refresh, row, script } = await scriptedEntraWorld()
    expect((await refresh()).ok).toBe(true)
    world.advance(DAY)
    world.services.entra = createEntra({ fetch: world.services.fetch, deadlineMs: 40 })
    const responses = [refusalResponse('invalid_grant', 70000)]
    script.respond = async () => responses.shift() ?? new Promise<Response>(() => {})
    expect(await refresh()).toMatchObject({ ok: false, error: { code: 'provider_unavailable' } })
    expect(await row()).toMatchObject({ state: 'cooling_down', lease_owner: null })
  })

  it.each([
    [2, 'may concern this token only', refused('invalid_grant', 70000)],
    [2, 'has no number', refused('invalid_grant', null)],
    [1, 'concerns the consent', refused('invalid_grant', 50173)],
    [1, 'is another error', refused('interaction_required', null)],
    [1, 'is an outage', outage],
  ])('makes it %i requests when the refusal %s', async (requests, _what, refusal) => {
    const { response, set, refresh } = await worldOf('delegated')
    await set('previous_refresh_token_sealed = refresh_token_sealed')
    Object.assign(response, { is: refusal, asked: 0 })
    await refresh()
    expect(response.asked).toBe(requests)
  })

  it('is not asked with when there is none', async () => {
    const { response, refresh } = await worldOf('delegated')
    Object.assign(response, { is: refused('invalid_grant', 70000), asked: 0 })
    await refresh()
    expect(response.asked).toBe(1)
  })

  it('that meets an outage leaves no suspicion of the current one', async () => {
    const { world, set, row, refresh } = await worldOf('delegated')
    await set('previous_refresh_token_sealed = refresh_token_sealed')
    const responses = [refused('invalid_grant', 70000), outage]
    world.services.entra.refresh = async () => responses.shift() ?? outage
    await refresh()
    expect(await row()).toMatchObject({ problem_code: 'provider_unavailable' })
  })
})

describe('a refusal that may be temporary (AADSTS70000)', () => {
  it('counts only when it is repeated 15 minutes later, however often it came in between', async () => {
    const { world, grant, refresh, row } = await expired()
    await forgetRefreshToken(world, grant)
    expect(await refresh()).toMatchObject({ ok: false, error: { code: 'provider_unavailable' } })
    expect(await row()).toMatchObject({ state: 'cooling_down', problem_code: 'token_suspect' })
    const shown = await (await world.call('GET', `/v1/grants/${grant}`)).json()
    expect(shown).toMatchObject({ problem: { code: 'provider_unavailable' } })
    for (let waited = 31; waited < 15 * 60; waited += 31) {
      world.advance(31)
      expect(await refresh()).toMatchObject({ ok: false, error: { code: 'provider_unavailable' } })
    }
    expect(refreshes(world)).toBeGreaterThan(3)
    world.advance(10 * 60)
    expect(await refresh()).toMatchObject({ ok: false, error: { code: 'reconnect_required' } })
    expect(await row()).toMatchObject({ state: 'reconnect_required' })
  })
})

describe('a blocked grant', () => {
  const MINUTE = 60

  async function blocked() {
    const one = await worldOf('delegated')
    one.world.advance(DAY)
    Object.assign(one.response, { is: refused('invalid_grant', 53003), asked: 0 })
    expect(await one.issue()).toBe('grant_blocked')
    return one
  }

  it('is asked again after 5 minutes, then with doubling pauses up to 4 hours', async () => {
    const { world, response, issue } = await blocked()
    const pauses = [5, 10, 20, 40, 80, 160, 240, 240]
    for (const [index, minutes] of pauses.entries()) {
      world.advance(minutes * MINUTE - 1)
      await issue()
      expect(response.asked).toBe(index + 1)
      world.advance(1)
      await issue()
      expect(response.asked).toBe(index + 2)
    }
  })

  it('stays blocked during an outage, is asked again soon, and recovers as a blocked grant', async () => {
    const { world, id, issue, row, response } = await blocked()
    const { state, problem_code, problem_detail, problem_since } = await row()
    response.is = outage
    world.advance(5 * MINUTE)
    expect(await issue()).toBe('provider_unavailable')
    expect(await row()).toMatchObject({ state, problem_code, problem_detail, problem_since })
    response.is = issued
    world.advance(5 * MINUTE)
    expect(await issue()).toBe(NEW_TOKEN)
    expect(await eventsOf(id)).toEqual(['grant.blocked', 'grant.recovered'])
  })
})
