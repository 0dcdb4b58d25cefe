import { describe, expect, it } from 'vitest'
import { appOnlyForm } from '../app-only-world.ts'
import { countingDatabase } from '../counting-database.ts'
import { createWorld } from '../harness.ts'
import { bearer, createKey } from '../keys.ts'
import { refreshes, savedAccount } from '../saved-account.ts'

async function countingWorld() {
  const { db, countTrips } = countingDatabase()
  const world = await createWorld({ db })
  return { world, countTrips, ...(await savedAccount(world)) }
}

describe('issuing an access token to an API key', () => {
  it('takes one database round trip for the root key, a restricted and an unrestricted key', async () => {
    const { world, countTrips, id, path } = await countingWorld()
    const saved = await world.call('POST', '/v1/mail-accounts', appOnlyForm())
    const { id: ofApp } = await saved.json<{ id: string }>()
    const paths = [path, `/v1/mail-accounts/${ofApp}/access-token`]
    const unrestricted = await createKey(world, { scopes: ['tokens'] })
    const restricted = await createKey(world, {
      scopes: ['tokens'],
      mail_accounts: [id, ofApp],
      app_only: true,
    })
    const calls = [{}, bearer(unrestricted.key), bearer(restricted.key)].flatMap((headers) =>
      paths.map((path) => () => world.call('POST', path, {}, headers)),
    )
    for (const call of calls) {
      // The first call also records, after its response, that the key and the grant were used.
      expect((await call()).status).toBe(200)
      const trips = await countTrips(async () => {
        expect((await call()).status).toBe(200)
      })
      expect(trips).toBe(1)
    }
    expect(refreshes(world)).toBe(0)
  })

  it('takes one round trip to refuse, another to record a known key, and none for a malformed one', async () => {
    const { world, countTrips, path } = await countingWorld()
    const reader = await createKey(world, { scopes: ['read'] })
    await world.call('GET', '/v1/integrations', undefined, bearer(reader.key))
    const stranger = reader.key.slice(0, -4) + (reader.key.endsWith('aaaa') ? 'bbbb' : 'aaaa')
    for (const [key, status, expected] of [
      [reader.key, 403, 2],
      [stranger, 401, 1],
      ['mg_key_x_y', 401, 0],
    ] as const) {
      const trips = await countTrips(async () => {
        expect((await world.call('POST', path, {}, bearer(key))).status).toBe(status)
      })
      expect([status, trips]).toEqual([status, expected])
    }
  })
})
