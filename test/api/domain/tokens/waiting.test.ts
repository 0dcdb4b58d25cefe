import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Call } from '../../../../api/services.ts'
import { call, expiredGrantWorld } from '../../expired-grant.ts'
import { tokenOfGrant } from '../../fresh-token.ts'
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
