import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { expiredGrantWorld, refusalResponse, scriptedEntraWorld } from '../../expired-grant.ts'
import { interceptD1 } from '../../intercept-d1.ts'
import { refreshes } from '../../saved-account.ts'
import { rows } from '../../sql.ts'
import { system } from '../../system-call.ts'
import { issued, type Kind, kinds, outage, worldOf } from './both-kinds.ts'

const five = <Value>(run: () => Promise<Value>) => Promise.all(Array.from({ length: 5 }, run))

describe('a caller that waits for another holder', () => {
  /** Asks for an expired token while another holder has the lease, who leaves the row in this state. */
  async function waited(kind: Kind, leave: (one: Awaited<ReturnType<typeof worldOf>>) => unknown) {
    const one = await worldOf(kind)
    const { acquire, response, issue, row, world } = one
    world.advance(86_400)
    const until = new Date(world.clock.now.getTime() + 45_000)
    await acquire(Number((await row()).version), 'other', world.clock.now, until)
    world.services.pause = async () => void (await leave(one))
    response.asked = 0
    const result = await issue()
    expect(response.asked).toBe(0)
    return /^[a-z_]+$/.test(result) ? result : 'a token'
  }
  const valid = 'access_token_expires_at = access_token_expires_at + 2 * 86400000'

  it.each<[string, Kind, string]>([
    ...kinds.flatMap((kind): [string, Kind, string][] => [
      ['a token', kind, `state = 'active', ${valid}`],
      ['provider_unavailable', kind, "state = 'cooling_down'"],
      ['grant_blocked', kind, `state = 'blocked', ${valid}`],
    ]),
    ['reconnect_required', 'delegated', `state = 'reconnect_required', ${valid}`],
  ])('shares its result: %s (%s) after %s', async (found, kind, columns) => {
    const result = await waited(kind, async ({ set, setToken }) => {
      await setToken(columns)
      await set('version = version + 1')
    })
    expect(result).toBe(found)
  })

  it('learns that the grant was deleted', async () => {
    expect(await waited('delegated', () => rows('DELETE FROM grants'))).toBe('not_found')
  })
})

describe.each(kinds)('a token (%s)', (kind) => {
  it('is requested and stored although the caller hangs up', async () => {
    const { response, issue, row, world } = await worldOf(kind)
    const before = await row()
    world.advance(86_400)
    response.is = issued
    const deferred: Promise<unknown>[] = []
    void issue(null, { ...system, defer: (work) => void deferred.push(work) })
    await expect.poll(() => deferred).toHaveLength(1)
    await deferred[0]
    expect(await row()).toMatchObject({ version: Number(before.version) + 1, lease_owner: null })
  })

  it('that a mail server refused is given to no caller during an outage', async () => {
    const { response, issue, row, world } = await worldOf(kind)
    const expiry = new Date(Number((await row()).access_token_expires_at))
    world.advance(61)
    Object.assign(response, { is: outage, asked: 0 })
    expect(await five(() => issue(expiry))).toEqual(Array(5).fill('provider_unavailable'))
    expect(response.asked).toBe(1)
  })
})

describe.each(kinds)('a refresh that waits for a connection (%s)', (kind) => {
  it('sends nothing, and begins its deadline with its request', async () => {
    const { response, issue, world } = await worldOf(kind)
    world.advance(86_400)
    Object.assign(response, { is: issued, asked: 0 })
    const { services } = world
    const free = Promise.withResolvers<void>()
    const done = { [Symbol.dispose]: () => events.push('done') }
    const events: string[] = []
    const { startDeadline } = services.entra
    services.entra.startDeadline = () => {
      events.push('deadline')
      return startDeadline()
    }
    response.meanwhile = () => events.push('request')
    services.takeConnection = () => {
      events.push('wait')
      return free.promise.then(() => done)
    }
    const issuing = issue()
    await expect.poll(() => events).toEqual(['wait'])
    free.resolve()
    expect(await issuing).toBe('a new token')
    const begins = kind === 'delegated' ? ['deadline', 'request'] : ['request']
    expect(events).toEqual(['wait', ...begins, 'done'])
  })

  it('is refused without being called an outage when none becomes free', async () => {
    const { response, issue, row, world } = await worldOf(kind)
    world.advance(86_400)
    const before = await row()
    response.asked = 0
    world.services.takeConnection = async () => null
    expect(await issue()).toBe('provider_unavailable')
    expect(response.asked).toBe(0)
    expect(await row()).toEqual(before)
  })
})

/** Creates a world whose D1 notes each statement that writes to grants. */
async function watchedWorld(outside = {}) {
  const writes: string[] = []
  const db = interceptD1(env.DB, ({ statements, run }) => {
    const texts = statements.map(({ sql }) => sql)
    writes.push(...texts.filter((sql) => /^(?:update|insert into) "grants"/.test(sql)))
    return run()
  })
  const created = await expiredGrantWorld({ db, outside })
  writes.length = 0
  return { ...created, writes }
}

it('five callers write nothing but one attempt while another isolate holds the lease', async () => {
  let pauses = 0
  const pause = async () => {
    pauses += 1
  }
  const { world, grant, refresh, writes } = await watchedWorld({ pause })
  const until = new Date(world.clock.now.getTime() + 45_000)
  await world.services.store.grants.leases.acquire(
    grant,
    'outlook',
    0,
    'other',
    world.clock.now,
    until,
  )
  writes.length = 0
  for (const result of await five(refresh)) {
    expect(result).toMatchObject({ error: { code: 'provider_unavailable', retryAfter: 2 } })
  }
  expect(pauses).toBeGreaterThan(50)
  expect(writes).toHaveLength(1)
})

describe('callers of one isolate', () => {
  it('share one refresh, which writes twice: the lease and the token', async () => {
    const { world, refresh, writes } = await watchedWorld()
    const results = await five(refresh)
    const tokens = results.flatMap((result) => (result.ok ? [result.value] : []))
    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(tokens.map(({ refreshed }) => refreshed).sort()).toEqual([
      false,
      false,
      false,
      false,
      true,
    ])
    expect(refreshes(world)).toBe(1)
    expect(writes).toHaveLength(2)
  })

  it('all learn that the credential was refused, after one request', async () => {
    const { refresh, script } = await scriptedEntraWorld()
    let requests = 0
    script.respond = async () => {
      requests += 1
      return refusalResponse('invalid_client', 7000222)
    }
    for (const result of await five(refresh)) {
      expect(result).toMatchObject({ error: { code: 'credential_rejected' } })
    }
    expect(requests).toBe(1)
  })

  it('have a token although the one that asked for it ended with an error', async () => {
    const { world, refresh } = await watchedWorld()
    const { leases } = world.services.store.grants
    const { acquire } = leases
    leases.acquire = () => {
      leases.acquire = acquire
      return Promise.reject(new Error('a bug'))
    }
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => refresh()))
    const failed = results.filter(({ status }) => status === 'rejected')
    expect(failed).toHaveLength(1)
    expect(results.filter((one) => one.status === 'fulfilled' && one.value.ok)).toHaveLength(4)
    expect(refreshes(world)).toBe(1)
  })

  it('do not share a token that a new sign-in has overtaken', async () => {
    const { refresh, row, script } = await scriptedEntraWorld()
    script.respond = async () => {
      script.respond = async () => null
      await rows("UPDATE grant_tokens SET state = 'blocked', problem_code = 'grant_blocked'")
      await rows('UPDATE grants SET version = 9, lease_owner = NULL')
      return null
    }
    const results = await five(refresh)
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
    expect(results.filter((one) => !one.ok && one.error.code === 'grant_blocked')).toHaveLength(4)
    expect(await row()).toMatchObject({ version: 9 })
  })
})
