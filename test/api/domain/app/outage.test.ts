/** An outage of the network: Microsoft's login host does not respond to this server. */
import { describe, expect, it } from 'vitest'
import { readiness } from '../../../../api/domain/operations/readiness.ts'
import type { TokenResponse } from '../../../../api/entra/token.ts'
import type { NetworkCode } from '../../../../schema/failure.ts'
import { integrationProblems } from '../../expired-grant.ts'
import type { World } from '../../harness.ts'
import { blockPage, unreachable } from '../../refresh-failure.ts'
import { eventsOf, rows } from '../../sql.ts'
import { grantRow, run } from '../operations/maintenance/run.ts'
import { issued, kinds, refused, outage as unavailable, worldOf } from '../tokens/both-kinds.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const noResponse = (code: NetworkCode): TokenResponse => ({ ok: false, failure: unreachable(code) })
const timeout: TokenResponse = { ok: false, failure: { kind: 'timeout' } }
const replaced: TokenResponse = { ok: false, failure: blockPage }
const throttled: TokenResponse = {
  ok: false,
  failure: { kind: 'throttled', retryAfter: 1, aadsts: null },
}

const announced = async () =>
  (await eventsOf('microsoft')).filter((type) => type.includes('.microsoft_'))
const checkOf = async ({ services }: World) => (await readiness(services)).checks.microsoft
const outageOf = async () =>
  (await rows<{ outage: string | null }>('SELECT outage FROM integrations'))[0]?.outage

/** Runs the maintenance this many times, at these intervals in minutes. */
async function pass(world: World, runs: number, minutes = 1) {
  for (let count = 0; count < runs; count += 1) {
    world.advance(minutes * MINUTE)
    await run(world)
  }
}

/** A world whose token request has just got no response. */
async function silentWorld(kind: (typeof kinds)[number], response = noResponse('ECONNREFUSED')) {
  const made = await worldOf(kind)
  made.world.advance(2 * HOUR)
  made.response.is = response
  expect(await made.issue()).toBe('provider_unavailable')
  const since = made.world.clock.now.toISOString()
  return { ...made, since }
}

describe.each(kinds)('when Microsoft does not respond to a request for a token (%s)', (kind) => {
  it('it is a problem after 15 minutes, announced once, and over with the first response', async () => {
    const { world, response, since } = await silentWorld(kind)
    await pass(world, 2, 7)
    expect([await integrationProblems(world), await announced()]).toEqual([[], []])
    expect(await checkOf(world)).toEqual({ status: 'ok' })
    await pass(world, 3)
    const host = 'login.microsoftonline.us'
    const detail = expect.stringMatching(`${host} on port 443.*HTTPS_PROXY.*ECONNREFUSED`)
    const problem = { code: 'microsoft_unreachable', detail, host, since }
    expect(await integrationProblems(world)).toEqual([problem])
    expect(await checkOf(world)).toEqual({
      status: 'degraded',
      detail: expect.stringMatching(`${since}.*${host}`),
    })
    await pass(world, 4, 30)
    expect(await announced()).toEqual(['integration.microsoft_unreachable'])
    response.is = issued
    await pass(world, 4)
    expect([await integrationProblems(world), await checkOf(world)]).toEqual([[], { status: 'ok' }])
    expect((await announced()).slice(1)).toEqual(['integration.microsoft_reachable'])
  })

  it.each([
    ['nothing', noResponse('ECONNREFUSED')],
    ['nothing in time', timeout],
    ['a block page', replaced],
  ])(
    'a mailbox that waits asks every few minutes, although its pause has grown to an hour: %s',
    async (_, received) => {
      const { world, response } = await silentWorld(kind, received)
      await pass(world, 8, 15)
      const before = response.asked
      await pass(world, 30)
      expect(response.asked - before).toBe(10)
    },
  )

  it('a block page in its place does not end the problem, but changes its words', async () => {
    const { world, response } = await silentWorld(kind)
    await pass(world, 2, 8)
    response.is = replaced
    await pass(world, 4)
    const detail = expect.stringMatching(/\(status 403, not JSON\).*from TLS inspection/)
    const host = 'login.microsoftonline.us'
    expect(await integrationProblems(world)).toMatchObject([{ detail, host }])
    expect(await announced()).toEqual(['integration.microsoft_unreachable'])
    response.is = issued
    await pass(world, 4)
    expect((await announced()).slice(1)).toEqual(['integration.microsoft_reachable'])
  })

  it.each([
    ['a token', issued],
    ['an error', unavailable],
    ['throttling', throttled],
    ['a refusal', refused('invalid_grant', 53003)],
  ])('any response shows that it can be reached: %s', async (_, heard) => {
    const { world, response, issue } = await silentWorld(kind)
    await pass(world, 2, 5)
    const silence = response.is
    response.is = heard
    world.advance(HOUR)
    await issue()
    response.is = silence
    world.advance(2 * HOUR)
    await issue()
    await pass(world, 2, 7)
    expect([await integrationProblems(world), await announced()]).toEqual([[], []])
  })
})

describe('an outage of the network', () => {
  it('that was recorded while the clock was a day ahead starts again', async () => {
    const { world, since } = await silentWorld('delegated')
    await pass(world, 2, 8)
    world.advance(-24 * HOUR)
    await rows('UPDATE grant_tokens SET retry_at = 1')
    await pass(world, 1)
    const begun = JSON.parse((await outageOf()) ?? '{}') as { since: number }
    expect(begun.since).toBe(world.clock.now.getTime())
    expect(begun.since).toBeLessThan(Date.parse(since))
  })

  it('is no problem once nothing needs Microsoft, and is not reported as over', async () => {
    const { world } = await silentWorld('delegated')
    await pass(world, 2, 8)
    await rows('DELETE FROM grants')
    await pass(world, 3, 20)
    expect(await integrationProblems(world)).toHaveLength(1)
    await pass(world, 3, 21)
    expect([await integrationProblems(world), await outageOf()]).toEqual([[], null])
    expect(await announced()).toEqual(['integration.microsoft_unreachable'])
  })

  it('ends with the switch of the integration, without an event', async () => {
    const { world } = await silentWorld('delegated')
    await pass(world, 2, 8)
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect([await integrationProblems(world), await checkOf(world)]).toEqual([[], { status: 'ok' }])
    await world.call('POST', '/v1/integrations/microsoft/activate')
    expect(await integrationProblems(world)).toEqual([])
    expect(await announced()).toEqual(['integration.microsoft_unreachable'])
  })

  it('brings the retry of an app-only token forward when a mailbox works again', async () => {
    const { world, response } = await silentWorld('app-only')
    const grant = await world.grant('alice@contoso.test')
    await pass(world, 7, 10)
    const now = world.clock.now.getTime()
    await rows('UPDATE app_tokens SET retry_at = ?1 + 3500000, failed_at = ?1 - 100000', now)
    await rows('UPDATE grants SET refreshed_at = ? WHERE id = ?', now - 1000, grant)
    await run(world)
    const [{ retry_at } = { retry_at: 0 }] = await rows<{ retry_at: number }>(
      'SELECT retry_at FROM app_tokens',
    )
    expect(retry_at).toBeLessThanOrEqual(now + 5 * MINUTE * 1000)
    response.is = issued
    await pass(world, 5)
    expect((await rows('SELECT state FROM app_tokens'))[0]).toEqual({ state: 'active' })
    expect(await grantRow(grant)).toMatchObject({ state: 'active' })
  })
})
