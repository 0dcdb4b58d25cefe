import { describe, expect, it } from 'vitest'
import { createRateCounters } from '../../../api/node/rate-counters.ts'
import { MINUTE_MS } from '../../../schema/durations.ts'

function createCounters() {
  const clock = { now: 7 * MINUTE_MS }
  const count = createRateCounters(() => clock.now)
  return {
    clock,
    count,
    /** Counts until the limit is reached and returns how many were within it. */
    async countAll(...call: Parameters<typeof count>): Promise<number> {
      let within = 0
      while (await count(...call)) within += 1
      return within
    },
  }
}

describe('a rate counter', () => {
  it('allows as many calls a minute as on Cloudflare, for each key', async () => {
    const { countAll } = createCounters()
    expect(await countAll('failed_authentication', '192.0.2.1')).toBe(30)
    expect(await countAll('failed_authentication', '192.0.2.2')).toBe(30)
    expect(await countAll('authorizations', 'key_1')).toBe(300)
    expect(await countAll('validations', 'key_1')).toBe(300)
  })

  it('starts again with the next minute, in either direction', async () => {
    const { clock, count, countAll } = createCounters()
    await countAll('failed_authentication', '192.0.2.1')
    clock.now += MINUTE_MS - 1
    expect(await count('failed_authentication', '192.0.2.1')).toBe(false)
    clock.now += 1
    expect(await countAll('failed_authentication', '192.0.2.1')).toBe(30)
    clock.now -= 5 * MINUTE_MS
    expect(await countAll('failed_authentication', '192.0.2.1')).toBe(30)
  })

  it('shares one counter among all keys beyond ten thousand, for this limit only', async () => {
    const { clock, count, countAll } = createCounters()
    for (let at = 0; at < 10_000; at += 1) await count('failed_authentication', `2001:db8:0:${at}`)
    let within = 0
    for (let at = 0; at < 100; at += 1) {
      if (await count('failed_authentication', `2001:db8:1:${at}`)) within += 1
    }
    expect(within).toBe(30)
    expect(await countAll('failed_authentication', '2001:db8:0:5')).toBe(29)
    expect(await countAll('validations', 'key_1')).toBe(300)
    clock.now += MINUTE_MS
    expect(await countAll('failed_authentication', '2001:db8:1:5')).toBe(30)
  })
})
