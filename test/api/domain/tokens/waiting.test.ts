import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Call } from '../../../../api/services.ts'
import {
  call,
  expiredGrantWorld,
  refusalResponse,
  scriptedEntraWorld,
} from '../../expired-grant.ts'
import { tokenOfGrant } from '../../fresh-token.ts'
import { interceptD1 } from '../../intercept-d1.ts'
import { refreshes } from '../../saved-account.ts'

describe('a caller that waits for another holder', () => {
  /** Refreshes while another holder has the lease, which leaves the grant in this state. */
  async function waited(left: string) {
    const outside = { pause: async () => void (await env.DB.prepare(left).run()) }
    const { world, grant, refresh } = await expiredGrantWorld({ outside })
    const until = new Date(world.clock.now.getTime() + 45_000)
    await world.services.store.grants.leases.acquire(grant, 0, 'other', world.clock.now, until)
    const result = await refresh()
    expect(refreshes(world)).toBe(0)
    return result.ok ? 'a token' : result.error.code
  }
  const valid = 'access_token_expires_at = access_token_expires_at + 2 * 86400000'

  it.each([
    ['a token', `state = 'active', ${valid}`],
    ['provider_unavailable', "state = 'cooling_down'"],
    ['grant_blocked', `state = 'blocked', ${valid}`],
    ['reconnect_required', `state = 'reconnect_required', ${valid}`],
  ])('shares its result: %s after %s', async (code, columns) => {
    expect(await waited(`UPDATE grants SET version = 1, ${columns}`)).toBe(code)
  })

  it('learns that the grant was deleted', async () => {
    expect(await waited('DELETE FROM grants')).toBe('not_found')
  })
})

it('continues and is stored when the caller hangs up', async () => {
  const { world, grant, row } = await expiredGrantWorld()
  const deferred: Promise<unknown>[] = []
  const hungUp: Call = { ...call, defer: (work) => void deferred.push(work) }
  void tokenOfGrant(world.services, hungUp, grant)
  await expect.poll(() => deferred).toHaveLength(1)
  await deferred[0]
  expect(await row()).toMatchObject({ version: 1, lease_owner: null })
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

const five = <Value>(run: () => Promise<Value>) => Promise.all(Array.from({ length: 5 }, run))

it('five callers write nothing but one attempt while another isolate holds the lease', async () => {
  let pauses = 0
  const pause = async () => {
    pauses += 1
  }
  const { world, grant, refresh, writes } = await watchedWorld({ pause })
  const until = new Date(world.clock.now.getTime() + 45_000)
  await world.services.store.grants.leases.acquire(grant, 0, 'other', world.clock.now, until)
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
      await env.DB.prepare(
        "UPDATE grants SET version = 9, state = 'blocked', problem_code = 'grant_blocked', lease_owner = NULL",
      ).run()
      return null
    }
    const results = await five(refresh)
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
    expect(results.filter((one) => !one.ok && one.error.code === 'grant_blocked')).toHaveLength(4)
    expect(await row()).toMatchObject({ version: 9 })
  })
})
