import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { hashSecret } from '../../../api/hash.ts'
import type { ApiKey } from '../../../schema/api-key.ts'
import { createWorld, type World } from '../harness.ts'
import { interceptD1 } from '../intercept-d1.ts'
import { bearer, callerOf, createKey } from '../keys.ts'
import { accountWorld } from '../saved-account.ts'

const DAY = 86_400
const UNKNOWN_ACCOUNT = 'ma_aaaaaaaaaaaaaaaaaaaaaaaaaa'

const statusOf = async (world: World, key: string) =>
  (await world.call('GET', '/v1/integrations', undefined, bearer(key))).status

async function lastUse(world: World, id: string): Promise<string | null> {
  return (await world.get<ApiKey>(`/v1/api-keys/${id}`)).last_used_at
}

describe('creating an API key', () => {
  it('shows the key once, and stores and lists no part of it', async () => {
    const world = await createWorld()
    const response = await world.call('POST', '/v1/api-keys', {
      name: 'Help desk',
      scopes: ['write', 'tokens'],
      expires_at: '2027-01-01T00:00:00Z',
    })
    expect(response.status).toBe(201)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { key, ...shown } = await response.json<{ id: string; key: string }>()
    expect(shown).toEqual({
      id: expect.stringMatching(/^key_[a-z2-7]{26}$/),
      name: 'Help desk',
      status: 'active',
      scopes: ['write', 'tokens'],
      mail_accounts: null,
      app_only: false,
      created_at: '2026-11-24T09:00:00.000Z',
      created_by: 'root',
      created_by_name: null,
      expires_at: '2027-01-01T00:00:00.000Z',
      last_used_at: null,
      revoked_at: null,
    })
    expect(key).toMatch(new RegExp(`^mg_${shown.id}_[\\w-]{43}$`))
    const secret = key.slice(`mg_${shown.id}_`.length)
    const list = await (await world.call('GET', '/v1/api-keys')).text()
    expect(JSON.parse(list)).toEqual({ data: [shown], next_cursor: null })
    for (const text of [list, await world.dump(), world.lines.join()]) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(hashSecret(secret))
    }
    expect(await world.get(`/v1/api-keys/${shown.id}`)).toEqual(shown)
  })

  it.each([
    ['without a scope', { scopes: [] }, '/scopes'],
    ['with an unknown scope', { scopes: ['everything'] }, '/scopes/0'],
    ['without a name', { name: ' ' }, '/name'],
    ['with an expiry in the past', { expires_at: '2026-11-24T09:00:00Z' }, '/expires_at'],
    ['restricted to an empty list of accounts', { mail_accounts: [] }, '/mail_accounts'],
    ['restricted to an unknown account', { mail_accounts: [UNKNOWN_ACCOUNT] }, '/mail_accounts'],
    ['with an unknown property', { scope: 'read' }, '/scope'],
  ])('fails %s', async (_how, input, pointer) => {
    const world = await createWorld()
    const body = { name: 'x', scopes: ['read'], ...input }
    const problem = await world.problem('POST', '/v1/api-keys', body)
    expect(problem).toMatchObject({ status: 422, errors: [{ pointer }] })
    expect(await world.get('/v1/api-keys')).toMatchObject({ data: [] })
  })

  it('fails for an admin key that is restricted to accounts', async () => {
    const { world, id } = await accountWorld()
    const body = { name: 'x', scopes: ['admin', 'read'], mail_accounts: [id] }
    const problem = await world.problem('POST', '/v1/api-keys', body)
    expect(problem).toMatchObject({ status: 422, errors: [{ pointer: '/mail_accounts' }] })
  })

  it('records an event without the key', async () => {
    const world = await createWorld()
    const first = await createKey(world, { scopes: ['admin'] })
    const { id } = await (
      await callerOf(world, first.key)('POST', '/v1/api-keys', { name: 'b', scopes: ['read'] })
    ).json<ApiKey>()
    await callerOf(world, first.key)('DELETE', `/v1/api-keys/${id}`)
    const events = await world.call('GET', `/v1/events?subject=${id}`)
    const actor = { type: 'key', id: first.id }
    const { data } = await events.json<{ data: { type: string }[] }>()
    expect(data.toSorted((a, b) => a.type.localeCompare(b.type))).toMatchObject([
      { type: 'api_key.created', actor, data: { name: 'b', scopes: 'read', mail_accounts: null } },
      { type: 'api_key.revoked', actor, data: { name: 'b' } },
    ])
  })
})

describe('ROOT_API_KEY', () => {
  const usesOf = async ({ db }: World) => {
    const stored = db.prepare(
      "SELECT data ->> 'address' AS address FROM events WHERE type = 'root_key.used' ORDER BY address",
    )
    const { results } = await stored.all<{ address: string }>()
    return results.map(({ address }) => address)
  }
  const useFrom = (world: World, address: string, path = '/v1/grants') =>
    world.call('GET', path, undefined, { 'cf-connecting-ip': address })

  it('leaves an event for each address and day, whatever it reads', async () => {
    const world = await createWorld()
    for (const address of ['192.0.2.1', '198.51.100.7', '198.51.100.7', '192.0.2.1']) {
      await useFrom(world, address)
    }
    expect(await usesOf(world)).toEqual(['192.0.2.1', '198.51.100.7'])
    world.advance(DAY)
    await useFrom(world, '198.51.100.7', '/metrics')
    expect(await usesOf(world)).toEqual(['192.0.2.1', '198.51.100.7', '198.51.100.7'])
    const { data } = await world.get<{ data: object[] }>('/v1/events?type=root_key.used')
    expect(data[0]).toMatchObject({ actor: { type: 'key', id: 'root' }, subject: 'root' })
  })

  it('leaves one event for all addresses of an IPv6 network', async () => {
    const world = await createWorld()
    await useFrom(world, '2001:db8:0:1::7')
    await useFrom(world, '2001:db8:0:1:ffff::9')
    expect(await usesOf(world)).toEqual(['2001:db8:0:1'])
  })

  it('works while the event cannot be stored', async () => {
    const db = interceptD1(env.DB, ({ statements, run }) =>
      statements.some(({ sql }) => /^insert into "events"/.test(sql))
        ? Promise.reject(new Error('Network connection lost.'))
        : run(),
    )
    const world = await createWorld({ db })
    expect((await useFrom(world, '192.0.2.1')).status).toBe(200)
    expect(await usesOf(world)).toEqual([])
  })
})

describe('an API key', () => {
  it('is rejected when any character of it is wrong', async () => {
    const world = await createWorld()
    const { id, key } = await createKey(world)
    const other = await createKey(world)
    const flip = (at: number) => {
      const next = key.at(at) === 'a' ? 'b' : 'a'
      return key.slice(0, at) + next + key.slice(at + 1)
    }
    const guesses = [
      ...[3, 8, 20, 33, 36, 60].map(flip),
      key.slice(0, -1),
      `${key}a`,
      `mg_${id}_`,
      key.replace(id, other.id),
      key.toUpperCase(),
      key.slice(3),
    ]
    for (const guess of guesses) expect([guess, await statusOf(world, guess)]).toEqual([guess, 401])
    expect(await statusOf(world, key)).toBe(200)
  })

  it('is answered like an unknown key once it has expired', async () => {
    const world = await createWorld()
    const { id, key } = await createKey(world, { expires_at: '2026-11-24T10:00:00Z' })
    world.advance(3599)
    expect(await statusOf(world, key)).toBe(200)
    world.advance(1)
    const expired = await world.call('GET', '/v1/integrations', undefined, bearer(key))
    const unknown = await world.call('GET', '/v1/integrations', undefined, bearer('unknown'))
    const { request_id: _, ...problem } = await expired.json<{ request_id: string }>()
    expect(await unknown.json()).toMatchObject(problem)
    expect(await world.get(`/v1/api-keys/${id}`)).toMatchObject({ status: 'expired' })
  })

  it('records its last use, at most every five minutes', async () => {
    const world = await createWorld()
    const { id, key } = await createKey(world)
    expect(await lastUse(world, id)).toBeNull()
    await statusOf(world, key)
    expect(await lastUse(world, id)).toBe('2026-11-24T09:00:00.000Z')
    world.advance(299)
    await statusOf(world, key)
    expect(await lastUse(world, id)).toBe('2026-11-24T09:00:00.000Z')
    world.advance(1)
    await statusOf(world, key)
    expect(await lastUse(world, id)).toBe('2026-11-24T09:05:00.000Z')
  })

  it('is listed in pages, newest first', async () => {
    const world = await createWorld()
    const ids: string[] = []
    for (const name of ['a', 'b', 'c']) {
      ids.unshift((await createKey(world, { name })).id)
      world.advance(1)
    }
    type Page = { data: ApiKey[]; next_cursor: string }
    const first = await world.get<Page>('/v1/api-keys?limit=2')
    const path = `/v1/api-keys?limit=2&cursor=${first.next_cursor}`
    const second = await world.get<Page>(path)
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids)
    expect(second.next_cursor).toBeNull()
  })
})

describe('revoking an API key', () => {
  it('takes effect at once, can be repeated, and keeps the key in the list', async () => {
    const world = await createWorld()
    const { id, key } = await createKey(world)
    expect(await statusOf(world, key)).toBe(200)
    expect((await world.call('DELETE', `/v1/api-keys/${id}`)).status).toBe(204)
    expect(await statusOf(world, key)).toBe(401)
    world.advance(60)
    expect((await world.call('DELETE', `/v1/api-keys/${id}`)).status).toBe(204)
    expect(await world.get(`/v1/api-keys/${id}`)).toMatchObject({
      status: 'revoked',
      revoked_at: '2026-11-24T09:00:00.000Z',
    })
    const events = await world.call('GET', `/v1/events?subject=${id}&type=api_key.revoked`)
    expect((await events.json<{ data: unknown[] }>()).data).toHaveLength(1)
  })

  it('answers 404 for an unknown key, and for the root key', async () => {
    const world = await createWorld()
    for (const id of ['key_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'root']) {
      expect((await world.call('DELETE', `/v1/api-keys/${id}`)).status).toBe(404)
      expect((await world.call('GET', `/v1/api-keys/${id}`)).status).toBe(404)
    }
  })
})
