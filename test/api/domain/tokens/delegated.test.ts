import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createEntra } from '../../../../api/entra/client.ts'
import type { Call } from '../../../../api/services.ts'
import { refusalResponse, scriptedEntraWorld } from '../../expired-grant.ts'
import { tokenOfGrant } from '../../fresh-token.ts'
import { createWorld, type World, type WorldOptions } from '../../harness.ts'
import { interceptD1 } from '../../intercept-d1.ts'

const call: Call = { actor: { type: 'system', id: null }, defer: () => {} }
const DAY = 86_400

/** Creates a world in which Alice's access token has expired. */
async function expired(options: WorldOptions = {}) {
  const world = await createWorld(options)
  await world.activate()
  const grant = await world.grant('alice@contoso.test')
  world.advance(DAY)
  world.entra.control.resetCounts()
  const refresh = () => tokenOfGrant(world.services, call, grant)
  const row = () =>
    env.DB.prepare('SELECT * FROM grants WHERE id = ?').bind(grant).first<Record<string, unknown>>()
  return { world, grant, refresh, row }
}

const asked = (world: World) => world.entra.counts().token.refresh_token

/**
 * Wraps D1 so that chosen batches fail: before they run, or after, with the response lost. `which` gets
 * their number, from 1.
 */
function failingBatches(when: 'before' | 'after', which: (count: number) => boolean) {
  const state = { armed: false, count: 0 }
  const db = interceptD1(env.DB, async ({ isBatch, run }) => {
    if (!isBatch) return run()
    const fails = state.armed && which(++state.count)
    if (fails && when === 'before') throw new Error('D1_ERROR: Network connection lost.')
    const result = await run()
    if (fails) throw new Error('D1_ERROR: storage caused object to be reset.')
    return result
  })
  return { db, state }
}

describe('a D1 failure between the response of Entra and storage', () => {
  // A refresh acquires the lease with its first batch, and stores the answer with the next.
  const failing = { before: [2, 3], after: [2, 4] }

  it.each(['before', 'after'] as const)(
    'loses nothing when the write fails %s it was applied',
    async (when) => {
      const { db, state } = failingBatches(when, (count) => failing[when].includes(count))
      const outside = { pause: async () => {} }
      const { world, refresh, row } = await expired({
        db,
        outside,
        entra: { strictRotation: true },
      })
      state.armed = true
      const token = await refresh()
      expect(token.ok).toBe(true)
      expect(asked(world)).toBe(1)
      expect(await row()).toMatchObject({ state: 'active', lease_owner: null, failures: 0 })
      // Its own write is recognised.
      expect(world.lines.join()).not.toContain('refresh_overtaken')
      // The rotated refresh token was stored: a strict server takes the next one too.
      world.advance(DAY)
      expect((await refresh()).ok).toBe(true)
    },
  )

  it('does not prevent issuing the token when it persists, and is logged', async () => {
    const { db, state } = failingBatches('before', (count) => count > 1)
    const { world, refresh } = await expired({ db, outside: { pause: async () => {} } })
    state.armed = true
    expect((await refresh()).ok).toBe(true)
    expect(world.lines.join()).toContain('refresh_not_stored')
    // Back up, and after the lease: the old refresh token still works at Entra.
    state.armed = false
    world.advance(60)
    expect((await refresh()).ok).toBe(true)
  })
})

describe('the lease', () => {
  it('excludes a second holder until it expires', async () => {
    const { world, grant } = await expired()
    const { leases } = world.services.store.grants
    const until = (seconds: number) => new Date(world.clock.now.getTime() + seconds * 1000)
    const first = await leases.acquire(grant, 0, 'first', world.clock.now, until(45))
    expect(first?.owner).toBe('first')
    expect(await leases.acquire(grant, 0, 'second', world.clock.now, until(45))).toBeNull()
    world.advance(46)
    const second = await leases.acquire(grant, 0, 'second', world.clock.now, until(45))
    expect(second?.owner).toBe('second')
    // The first one returns late: its write changes nothing.
    if (!first || !second) throw new Error('no lease')
    const tokens = {
      accessToken: 'late',
      accessTokenExpiresAt: until(3600),
      refreshToken: 'late',
      protocols: ['imap'] as const,
    }
    expect(await leases.store(first, tokens, 'current', world.clock.now, [])).toBe(false)
    expect(await leases.store(second, tokens, 'current', world.clock.now, [])).toBe(true)
  })

  it('is released when D1 granted it but the response was lost', async () => {
    const { world, refresh, row } = await expired()
    const { leases } = world.services.store.grants
    const { acquire } = leases
    leases.acquire = async (...args) => {
      leases.acquire = acquire
      expect(await acquire(...args)).not.toBeNull()
      throw new Error('D1_ERROR: Network connection lost.')
    }
    await expect(refresh()).rejects.toThrow('D1_ERROR')
    expect(await row()).toMatchObject({ lease_owner: null, lease_expires_at: null, version: 0 })
    expect((await refresh()).ok).toBe(true)
  })

  it('goes to one of 50 that request it at once', async () => {
    const { world, grant } = await expired()
    const until = new Date(world.clock.now.getTime() + 45_000)
    const won = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        world.services.store.grants.leases.acquire(
          grant,
          0,
          `owner ${index}`,
          world.clock.now,
          until,
        ),
      ),
    )
    expect(won.filter(Boolean)).toHaveLength(1)
  })

  it('whose holder died makes others wait, then refuses with a retry time', async () => {
    const { world, grant, refresh } = await expired({ outside: { pause: async () => {} } })
    const until = new Date(world.clock.now.getTime() + 45_000)
    await world.services.store.grants.leases.acquire(grant, 0, 'dead', world.clock.now, until)
    expect(await refresh()).toMatchObject({
      ok: false,
      error: { code: 'provider_unavailable', retryAfter: 2 },
    })
    expect(asked(world)).toBe(0)
    world.advance(46)
    expect((await refresh()).ok).toBe(true)
  })
})

it('refuses an unsaved grant after its hour even if it is not deleted yet', async () => {
  const world = await createWorld()
  await world.activate()
  const grant = await world.grant('alice@contoso.test', { saved: false })
  world.advance(3599)
  expect((await tokenOfGrant(world.services, call, grant)).ok).toBe(true)
  world.advance(1)
  expect(await tokenOfGrant(world.services, call, grant)).toMatchObject({
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
    // As after a restored backup or a lost write: a token that Entra does not know.
    const unknown = await world.services.store.sealer.seal('unknown-to-entra', {
      table: 'grants',
      row: grant,
      column: 'refresh_token',
    })
    await env.DB.prepare('UPDATE grants SET refresh_token_sealed = ? WHERE id = ?')
      .bind(unknown, grant)
      .run()
    world.advance(DAY)
    world.entra.control.resetCounts()
    expect((await refresh()).ok).toBe(true)
    expect(asked(world)).toBe(2)
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

  it('shares one deadline with its successor', async () => {
    const { world, refresh, row, script } = await scriptedEntraWorld()
    expect((await refresh()).ok).toBe(true)
    world.advance(DAY)
    world.services.entra = createEntra({ fetch: world.services.fetch, deadlineMs: 40 })
    const answers = [refusalResponse('invalid_grant', 70000)]
    script.respond = async () => answers.shift() ?? new Promise<Response>(() => {})
    expect(await refresh()).toMatchObject({ ok: false, error: { code: 'provider_unavailable' } })
    expect(await row()).toMatchObject({ state: 'cooling_down', lease_owner: null })
  })
})

describe('a refusal that may be temporary (AADSTS70000)', () => {
  it('counts only when it is repeated 15 minutes later, however often it came in between', async () => {
    const { world, grant, refresh, row } = await expired()
    const forget = await world.services.store.sealer.seal('unknown-to-entra', {
      table: 'grants',
      row: grant,
      column: 'refresh_token',
    })
    await env.DB.prepare('UPDATE grants SET refresh_token_sealed = ? WHERE id = ?')
      .bind(forget, grant)
      .run()
    expect(await refresh()).toMatchObject({ ok: false, error: { code: 'provider_unavailable' } })
    expect(await row()).toMatchObject({ state: 'cooling_down', problem_code: 'token_suspect' })
    const shown = await (await world.call('GET', `/v1/grants/${grant}`)).json()
    expect(shown).toMatchObject({ problem: { code: 'provider_unavailable' } })
    const asked = () => world.entra.counts().token.refresh_token
    for (let waited = 31; waited < 15 * 60; waited += 31) {
      world.advance(31)
      expect(await refresh()).toMatchObject({ ok: false, error: { code: 'provider_unavailable' } })
    }
    expect(asked()).toBeGreaterThan(3)
    world.advance(10 * 60)
    expect(await refresh()).toMatchObject({ ok: false, error: { code: 'reconnect_required' } })
    expect(await row()).toMatchObject({ state: 'reconnect_required' })
  })
})

describe('a blocked grant', () => {
  const MINUTE = 60

  async function blocked() {
    const created = await scriptedEntraWorld()
    let asked = 0
    const answer: { refusal: [string, number] | 'outage' | null } = {
      refusal: ['invalid_grant', 53003],
    }
    created.script.respond = async () => {
      asked += 1
      if (answer.refusal === 'outage') return new Response(null, { status: 503 })
      return answer.refusal && refusalResponse(...answer.refusal)
    }
    expect(await created.refresh()).toMatchObject({ error: { code: 'grant_blocked' } })
    return { ...created, answer, asked: () => asked }
  }

  it('is asked again after 5 minutes, then with doubling pauses up to a day', async () => {
    const { world, refresh, asked } = await blocked()
    const pauses = [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]
    for (const [index, minutes] of pauses.entries()) {
      world.advance(minutes * MINUTE - 1)
      await refresh()
      expect(asked()).toBe(index + 1)
      world.advance(1)
      await refresh()
      expect(asked()).toBe(index + 2)
    }
  })

  it('works as soon as Microsoft accepts it', async () => {
    const { world, refresh, answer } = await blocked()
    answer.refusal = null
    world.advance(5 * MINUTE)
    expect((await refresh()).ok).toBe(true)
  })

  it('stays blocked during an outage, is asked again soon, and recovers as a blocked grant', async () => {
    const { world, grant, refresh, row, answer } = await blocked()
    const before = await row()
    answer.refusal = 'outage'
    world.advance(5 * MINUTE)
    expect(await refresh()).toMatchObject({ error: { code: 'provider_unavailable' } })
    for (const column of ['state', 'problem_code', 'problem_detail', 'problem_since'])
      expect((await row())?.[column]).toBe(before?.[column])
    answer.refusal = null
    world.advance(5 * MINUTE)
    expect((await refresh()).ok).toBe(true)
    const events = await env.DB.prepare('SELECT type, data FROM events WHERE subject = ?')
      .bind(grant)
      .all<{ type: string; data: string }>()
    expect(events.results.map(({ type }) => type)).toEqual(['grant.blocked', 'grant.recovered'])
    expect(JSON.parse(events.results[1]?.data ?? '')).toMatchObject({ from: 'blocked' })
  })

  it('is refreshed at that time even if its token is still fresh', async () => {
    const world = await createWorld()
    await world.activate()
    const grant = await world.grant('alice@contoso.test')
    world.entra.control.resetCounts()
    await env.DB.prepare("UPDATE grants SET state = 'blocked', retry_at = ?")
      .bind(world.clock.now.getTime())
      .run()
    expect((await tokenOfGrant(world.services, call, grant)).ok).toBe(true)
    expect(asked(world)).toBe(1)
  })
})

describe('the tenant of a refresh', () => {
  it('is that of the account, or consumers for a personal account', async () => {
    const { world, refresh } = await expired()
    await refresh()
    const personal = await world.grant('grace@outlook.test')
    world.advance(DAY)
    await tokenOfGrant(world.services, call, personal)
    const refreshes = world.entra.tokenCalls().filter((one) => one.grantType === 'refresh_token')
    expect(refreshes.map(({ tenant }) => tenant)).toEqual([
      'c0a70500-7e57-4a11-9d3c-5b1f2c64e801',
      'consumers',
    ])
  })
})

it('writes no token and no secret to the log, whatever happens', async () => {
  const { world, refresh } = await expired()
  const faults = ['outage', 'html', 'truncated', 'rate_limit', 'server_error'] as const
  for (const kind of faults) {
    world.entra.control.faultNext({ kind })
    await refresh()
    world.advance(2 * DAY)
  }
  await refresh()
  const log = world.lines.join('\n')
  for (const secret of world.entra.issuedSecrets()) expect(log).not.toContain(secret)
})
