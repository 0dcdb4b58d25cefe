/** Callers wait for the one that asks Entra as long as it may need, but not after it has died. */
import { describe, expect, it } from 'vitest'
import { StorageError } from '../../../../api/model/storage.ts'
import { virtualTime } from '../../virtual-time.ts'
import { issued, type Kind, kinds, NEW_TOKEN, worldOf } from './both-kinds.ts'

const never = () => new Promise<never>(() => {})
const lost = () => Promise.reject(new StorageError('the answer was lost'))

/** Creates a stored token that has expired, in a world whose time passes in pauses only. */
async function expired(kind: Kind) {
  const time = virtualTime()
  const one = await worldOf(kind, { db: time.db, outside: { pause: time.pause } })
  const { world, response } = one
  time.start(world)
  world.advance(86_400)
  Object.assign(response, { is: issued, asked: 0 })
  const { services } = world
  const { entra, pause } = services
  const { leases } = services.store[kind === 'delegated' ? 'grants' : 'appTokens']
  /** Makes Entra take this long, or never respond. */
  const slowEntra = (wait: () => Promise<unknown>) => {
    const slow =
      <Args extends unknown[], Value>(ask: (...args: Args) => Promise<Value>) =>
      async (...args: Args) => {
        await wait()
        return ask(...args)
      }
    services.entra = {
      ...entra,
      refresh: slow(entra.refresh),
      clientCredentials: slow(entra.clientCredentials),
    }
  }
  return {
    ...one,
    time,
    leases,
    slowEntra,
    /** Starts a caller that acquires the lease and dies while it asks Entra. */
    async die() {
      const asking = Promise.withResolvers<void>()
      slowEntra(() => {
        asking.resolve()
        return never()
      })
      services.pause = never
      void one.issue()
      await asking.promise
      Object.assign(services, { entra, pause })
    },
  }
}

describe.each(kinds)('a caller that waits (%s)', (kind) => {
  it('has a token within 13 s after the holder of the lease died', async () => {
    const { response, die, issue, time } = await expired(kind)
    await die()
    const { value, seconds } = await time.pass(issue())
    expect(value).toBe(NEW_TOKEN)
    expect(seconds).toBeGreaterThan(9)
    expect(seconds).toBeLessThan(13)
    expect(response.asked).toBe(1)
  })

  it('shares the token of a holder for whom Entra takes 14 s, as 19 others do', {
    // Twenty callers that poll D1 for 14 s, on a busy machine.
    timeout: 30_000,
  }, async () => {
    const { response, issue, slowEntra, time } = await expired(kind)
    slowEntra(() => time.pause(14_000))
    const callers = Array.from({ length: 20 }, () => issue())
    const { value, seconds } = await time.pass(Promise.all(callers))
    expect(value).toEqual(Array(20).fill(NEW_TOKEN))
    expect(seconds).toBeLessThan(17)
    expect(response.asked).toBe(1)
  })

  it('does not take over the lease of a holder that fails to renew it twice', async () => {
    const { response, issue, leases, slowEntra, time } = await expired(kind)
    const { renew } = leases
    let failures = 0
    leases.renew = (...args) => (++failures <= 2 ? lost() : renew(...args))
    slowEntra(() => time.pause(14_000))
    const { value } = await time.pass(Promise.all([issue(), issue()]))
    expect(value).toEqual([NEW_TOKEN, NEW_TOKEN])
    expect(failures).toBeGreaterThan(2)
    expect(response.asked).toBe(1)
  })

  it('does not take over the lease that D1 granted 9 s before it answered', async () => {
    const { response, issue, leases, slowEntra, time } = await expired(kind)
    const { acquire } = leases as { acquire: (...args: unknown[]) => Promise<unknown> }
    Object.assign(leases, {
      acquire: async (...args: unknown[]) => {
        Object.assign(leases, { acquire })
        const lease = await acquire(...args)
        await time.pause(9000)
        return lease
      },
    })
    slowEntra(() => time.pause(5000))
    const { value } = await time.pass(Promise.all([issue(), time.pause(500).then(() => issue())]))
    expect(value).toEqual([NEW_TOKEN, NEW_TOKEN])
    expect(response.asked).toBe(1)
  })

  it('is refused with a retry time rather than kept waiting for more than 30 s', async () => {
    const { response, issue, slowEntra, time } = await expired(kind)
    slowEntra(never)
    void issue()
    const { value, seconds } = await time.pass(issue())
    expect(value).toBe('provider_unavailable')
    expect(seconds).toBeLessThan(30)
    expect(response.asked).toBe(0)
  })
})

describe.each(kinds)('a holder of the lease (%s)', (kind) => {
  it('gives it back although D1 lost its acquisition and failed the first release', async () => {
    const { response, issue, leases, row, time, world } = await expired(kind)
    const { release } = leases
    const { acquire } = leases as { acquire: (...args: unknown[]) => Promise<unknown> }
    Object.assign(leases, {
      acquire: async (...args: unknown[]) => {
        Object.assign(leases, { acquire })
        await acquire(...args)
        return lost()
      },
      release: () => {
        Object.assign(leases, { release })
        return lost()
      },
    })
    await expect(time.pass(issue())).rejects.toThrow(StorageError)
    expect(await row()).toMatchObject({ lease_owner: null, lease_expires_at: null })
    const { value, seconds } = await time.pass(issue())
    expect([value, seconds]).toEqual([NEW_TOKEN, 0])
    expect(response.asked).toBe(1)
    expect(world.lines.join()).not.toContain('overtaken')
  })

  it('does not renew it during a usual refresh', async () => {
    const { issue, leases, slowEntra, time } = await expired(kind)
    let renewals = 0
    leases.renew = async () => {
      renewals += 1
      return true
    }
    slowEntra(() => time.pause(2900))
    expect((await time.pass(issue())).value).toBe(NEW_TOKEN)
    expect(renewals).toBe(0)
  })

  it('stops renewing once another caller has acquired it, and still issues its token', async () => {
    const { issue, leases, row, set, slowEntra, time, world } = await expired(kind)
    const { renew } = leases
    let renewals = 0
    leases.renew = async (...args) => {
      renewals += 1
      await set("lease_owner = 'another caller'")
      return renew(...args)
    }
    slowEntra(() => time.pause(14_000))
    expect((await time.pass(issue())).value).toBe(NEW_TOKEN)
    expect(renewals).toBe(1)
    expect(await row()).toMatchObject({ lease_owner: 'another caller' })
    expect(world.lines.join()).toContain('overtaken')
  })

  it('excludes the others for 40 s at most when its work never ends', async () => {
    const { issue, row, slowEntra, time, world } = await expired(kind)
    slowEntra(never)
    const begin = world.clock.now.getTime()
    void issue()
    await time.pass(time.pause(60_000))
    expect(Number((await row()).lease_expires_at) - begin).toBe(40_000)
  })
})
