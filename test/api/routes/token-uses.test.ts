import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { TokenUseList } from '../../../schema/token-use.ts'
import { run } from '../domain/operations/maintenance/run.ts'
import { createWorld, ROOT_KEY } from '../harness.ts'
import { interceptD1 } from '../intercept-d1.ts'
import { bearer, callerOf, createKey } from '../keys.ts'
import { accountWorld, savedAccount } from '../saved-account.ts'
import { rows } from '../sql.ts'

const HOUR = 3600
const DAY = 24 * HOUR
const WRITE = /^insert into "token_uses"/

/** Creates a world with an account and a key that fetches its tokens. `written`: rows of each write of uses. */
async function workerWorld() {
  const written: number[] = []
  const database = { fails: false }
  const db = interceptD1(env.DB, ({ statements, run }) => {
    const write = statements.find(({ sql }) => WRITE.test(sql))
    if (!write) return run()
    if (database.fails) return Promise.reject(new Error('Network connection lost.'))
    written.push(JSON.parse(String(write.values.find((value) => /^\[/.test(String(value))))).length)
    return run()
  })
  const { world, id, path } = await accountWorld({ db })
  const key = await createKey(world, { name: 'Worker', scopes: ['tokens'], mail_accounts: [id] })
  const fetchToken = async (from = '203.0.113.7', by = key.key) => {
    const headers = { ...bearer(by), 'cf-connecting-ip': from }
    return (await world.call('POST', path, undefined, headers)).status
  }
  const usesPath = `/v1/mail-accounts/${id}/token-uses`
  const uses = async () => (await world.get<TokenUseList>(usesPath)).data
  return { world, id, path, key, written, database, fetchToken, usesPath, uses }
}

const stored = async () =>
  (await rows<{ count: number }>('SELECT count FROM token_uses ORDER BY id')).map(
    ({ count }) => count,
  )
const at = (time: string) => `2026-11-24T${time}.000Z`

describe('who fetched an access token', () => {
  it('is shown by key, address and day, with the first and last time and the number', async () => {
    const { world, key, path, fetchToken, usesPath, uses } = await workerWorld()
    expect(await fetchToken()).toBe(200)
    world.advance(600)
    await fetchToken('2001:db8:0:1::7', ROOT_KEY)
    await fetchToken()
    const form = { grant_type: 'client_credentials', client_id: path.split('/')[3] ?? '' }
    const request = new Request('http://localhost:8787/oauth/token', {
      method: 'POST',
      headers: { 'cf-connecting-ip': '203.0.113.7' },
      body: new URLSearchParams({ ...form, client_secret: key.key }),
    })
    expect((await world.send(request)).status).toBe(200)
    const other = await createKey(world, { scopes: ['read'] })
    expect(await fetchToken('203.0.113.9', other.key)).toBe(403)
    world.advance(DAY)
    await fetchToken()
    const worker = { key: key.id, key_name: 'Worker', address: '203.0.113.7' }
    const next = '2026-11-25T09:10:00.000Z'
    const sum = [
      { ...worker, first_at: next, last_at: next, count: 1 },
      {
        key: 'root',
        key_name: null,
        address: '2001:db8:0:1::/64',
        first_at: at('09:10:00'),
        last_at: at('09:10:00'),
        count: 1,
      },
      { ...worker, first_at: at('09:00:00'), last_at: at('09:10:00'), count: 3 },
    ]
    expect(await uses()).toEqual(sum)
    const first = await world.get<TokenUseList>(`${usesPath}?limit=2`)
    const second = await world.get<TokenUseList>(`${usesPath}?limit=2&cursor=${first.next_cursor}`)
    expect([...first.data, ...second.data]).toEqual(sum)
  })

  it('is written at most once an hour, however many tokens are issued', async () => {
    const { world, written, fetchToken, uses } = await workerWorld()
    for (const _ of Array(20)) await fetchToken()
    expect([written, await stored()]).toEqual([[1], [1]])
    world.advance(HOUR)
    for (const _ of Array(20)) await fetchToken()
    expect([written, await stored()]).toEqual([[1, 2], [21]])
    world.advance(HOUR)
    await run(world)
    expect([written, await uses()]).toMatchObject([[1, 2, 1], [{ count: 40 }]])
  })

  it('is written before the process ends, and added to what another process counted', async () => {
    const { world, id, fetchToken, uses } = await workerWorld()
    for (const _ of Array(3)) await fetchToken()
    await world.services.store.tokenUses.writeAll()
    expect(await stored()).toEqual([3])
    const user = { mailAccountId: id, customer: null, keyId: 'root', address: '::1' }
    const next = await createWorld({ keepDatabase: true })
    for (const _ of Array(2)) {
      await next.services.store.tokenUses.count(user, next.clock.now)?.()
      await world.services.store.tokenUses.count(user, next.clock.now)?.()
    }
    await next.services.store.tokenUses.writeAll()
    expect(await uses()).toMatchObject([{ key: 'root', address: '::1', count: 4 }, { count: 3 }])
  })

  it('costs no token while it cannot be written, and is written later', async () => {
    const { database, world, fetchToken, uses } = await workerWorld()
    database.fails = true
    expect([await fetchToken(), await fetchToken()]).toEqual([200, 200])
    expect(await stored()).toEqual([])
    database.fails = false
    world.advance(HOUR)
    await run(world)
    expect(await uses()).toMatchObject([{ first_at: at('09:00:00'), count: 2 }])
  })

  it('is kept for 90 days, and deleted with the account', async () => {
    const { world, id, fetchToken } = await workerWorld()
    await fetchToken()
    world.advance(89 * DAY)
    await run(world)
    expect(await stored()).toHaveLength(1)
    world.advance(2 * DAY)
    await run(world)
    expect(await stored()).toEqual([])
    await fetchToken()
    await fetchToken()
    await world.call('DELETE', `/v1/mail-accounts/${id}`)
    await world.services.store.tokenUses.writeAll()
    expect(await stored()).toEqual([])
  })

  it('is listed without names for a limited key, and not for the account of another one', async () => {
    const { world, id, fetchToken } = await workerWorld()
    for (const hours of [1, 2, 0]) {
      await fetchToken()
      await fetchToken('198.51.100.7')
      world.advance(hours * HOUR)
    }
    const other = await savedAccount(world, { username: 'bob@contoso.test' })
    const limited = await createKey(world, { scopes: ['read'], mail_accounts: [id] })
    const call = callerOf(world, limited.key)
    const response = await call('GET', `/v1/mail-accounts/${id}/token-uses`)
    const { data } = await response.json<TokenUseList>()
    expect(data.map((use) => `${use.first_at} ${use.address} ${use.key_name}`)).toEqual(
      ['198.51.100.7', '203.0.113.7'].map((address) => `${at('09:00:00')} ${address} null`),
    )
    expect((await call('GET', `/v1/mail-accounts/${other.id}/token-uses`)).status).toBe(404)
  })
})
