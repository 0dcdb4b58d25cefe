import { describe, expect, it } from 'vitest'
import { countingDatabase } from '../counting-database.ts'
import { createWorld } from '../harness.ts'
import { bearer, createKey } from '../keys.ts'
import { refreshes, savedAccount } from '../saved-account.ts'

async function countingWorld() {
  const { db, countTrips } = countingDatabase()
  const world = await createWorld({ db })
  return { world, countTrips, ...(await savedAccount(world)) }
}

describe('a hand-out by an API key', () => {
  it('asks the database once, whether the key is limited or not, as it does by the root key', async () => {
    const { world, countTrips, id, path } = await countingWorld()
    const free = await createKey(world, { scopes: ['tokens'] })
    const limited = await createKey(world, { scopes: ['tokens'], mail_accounts: [id] })
    for (const headers of [{}, bearer(free.key), bearer(limited.key)]) {
      // The first notes, after its answer, that key and grant were used.
      expect((await world.call('POST', path, {}, headers)).status).toBe(200)
      const trips = await countTrips(async () => {
        expect((await world.call('POST', path, {}, headers)).status).toBe(200)
      })
      expect(trips).toBe(1)
    }
    expect(refreshes(world)).toBe(0)
  })

  it('asks once, too, to refuse; a refusal whose key is known is written down after the answer', async () => {
    const { world, countTrips, path } = await countingWorld()
    const reader = await createKey(world, { scopes: ['read'] })
    await world.call('GET', '/v1/integrations', undefined, bearer(reader.key))
    const stranger = reader.key.slice(0, -4) + (reader.key.endsWith('aaaa') ? 'bbbb' : 'aaaa')
    for (const [key, status, written] of [
      [reader.key, 403, 1],
      [stranger, 401, 0],
    ] as const) {
      const trips = await countTrips(async () => {
        expect((await world.call('POST', path, {}, bearer(key))).status).toBe(status)
      })
      expect([status, trips]).toEqual([status, 1 + written])
    }
  })

  it('reads nothing for a key that cannot be one', async () => {
    const { world, countTrips, path } = await countingWorld()
    const trips = await countTrips(() => world.call('POST', path, {}, bearer('mg_key_x_y')))
    expect(trips).toBe(0)
  })

  it('is for its accounts only, and ends with it', async () => {
    const { world, path } = await countingWorld()
    const other = await savedAccount(world, { username: 'bob@contoso.test' })
    const key = await createKey(world, { scopes: ['tokens'], mail_accounts: [other.id] })
    const ask = async (place: string) =>
      (await world.call('POST', place, {}, bearer(key.key))).status
    expect(await ask(path)).toBe(404)
    expect(await ask('/v1/mail-accounts/ma_aaaaaaaaaaaaaaaaaaaaaaaaaa/access-token')).toBe(404)
    expect(await ask('/v1/mail-accounts/x/access-token')).toBe(404)
    expect(await ask(other.path)).toBe(200)
    await world.call('DELETE', `/v1/api-keys/${key.id}`)
    expect(await ask(other.path)).toBe(401)
  })

  it('gives the same token as the root key does', async () => {
    const { world, path } = await countingWorld()
    const { key } = await createKey(world, { scopes: ['tokens'] })
    const answers = [{}, bearer(key)].map(async (headers) =>
      (await world.call('POST', path, {}, headers)).json(),
    )
    const [byRoot, byKey] = await Promise.all(answers)
    expect(byKey).toEqual(byRoot)
  })
})
