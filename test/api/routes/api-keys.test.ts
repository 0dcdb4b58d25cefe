import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { hashSecret } from '../../../api/hash.ts'
import type { ApiKey } from '../../../schema/api-key.ts'
import type { AuthorizationCreated } from '../../../schema/authorization.ts'
import { createWorld, PUBLIC_URL, problemOf, type World } from '../harness.ts'
import { interceptD1 } from '../intercept-d1.ts'
import { bearer, callerOf, createKey } from '../keys.ts'
import { accountWorld, savedAccount } from '../saved-account.ts'
import { browserOf, readAuthorization, signIn } from '../sign-in.ts'
import { rows } from '../sql.ts'

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
      customer: null,
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
})

/** Creates a world with two accounts, and a key of the first one. `change`: sends a PUT of what GET returned, with changes. */
async function changeWorld(input: object = {}) {
  const { world, id } = await accountWorld()
  const other = await savedAccount(world, { username: 'bob@contoso.test' })
  const made = await createKey(world, {
    scopes: ['write', 'tokens'],
    mail_accounts: [id],
    ...input,
  })
  const path = `/v1/api-keys/${made.id}`
  const change = async (changes: object, tag?: string) => {
    const read = await world.call('GET', path)
    const headers = { 'if-match': tag ?? read.headers.get('etag') ?? '' }
    return world.call('PUT', path, { ...(await read.json<ApiKey>()), ...changes }, headers)
  }
  return { world, id, other: other.id, made, path, change }
}

describe('changing an API key', () => {
  it('counts from its next request on, and leaves an event with the values from before and after', async () => {
    const { world, id, other, made, path, change } = await changeWorld({ app_only: true })
    const statuses = async () => {
      const call = callerOf(world, made.key)
      const read = await Promise.all(
        [id, other].map((one) => call('GET', `/v1/mail-accounts/${one}`)),
      )
      const token = await call('POST', `/v1/mail-accounts/${id}/access-token`)
      return [...read, token].map(({ status }) => status)
    }
    expect(await statuses()).toEqual([200, 404, 200])
    const changed = await change({
      name: 'Worker',
      scopes: ['read'],
      mail_accounts: [other],
      app_only: false,
      expires_at: '2026-12-01T00:00:00.000Z',
    })
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"'])
    const { key: _, ...before } = made
    expect(await changed.json()).toEqual({
      ...before,
      name: 'Worker',
      scopes: ['read'],
      mail_accounts: [other],
      app_only: false,
      expires_at: '2026-12-01T00:00:00.000Z',
      last_used_at: '2026-11-24T09:00:00.000Z',
    })
    expect(await statuses()).toEqual([404, 200, 403])
    const { data } = await world.get<{ data: object[] }>('/v1/events?type=api_key.updated')
    expect(data).toMatchObject([
      {
        actor: { type: 'key', id: 'root' },
        subject: made.id,
        data: {
          name_from: 'Help desk',
          name_to: 'Worker',
          scopes_from: 'tokens write',
          scopes_to: 'read',
          mail_accounts_from: 1,
          mail_accounts_to: 1,
          mail_accounts_added: other,
          mail_accounts_removed: id,
          app_only_from: true,
          app_only_to: false,
          expires_at_from: null,
          expires_at_to: '2026-12-01T00:00:00.000Z',
        },
      },
    ])
    world.advance(8 * DAY)
    expect(await statuses()).toEqual([401, 401, 401])
    expect(await problemOf(change({}))).toMatchObject({ status: 409, code: 'api_key_ended' })
    expect(await world.get(path)).toMatchObject({ status: 'expired' })
  })

  it.each<[what: string, from: object, to: object, pointer: string]>([
    ['another scope', { scopes: ['read', 'tokens'] }, { scopes: ['write'] }, '/scopes'],
    ['a right to app-only tokens', {}, { app_only: true }, '/app_only'],
    ['no limit', {}, { mail_accounts: null }, '/mail_accounts'],
    ['a list', { mail_accounts: null }, { mail_accounts: [UNKNOWN_ACCOUNT] }, '/mail_accounts'],
    ['an unknown account', {}, { mail_accounts: [UNKNOWN_ACCOUNT] }, '/mail_accounts'],
    ['an expiry in the past', {}, { expires_at: '2026-11-24T09:00:00Z' }, '/expires_at'],
    ['another customer', {}, { customer: 'acme' }, '/customer'],
    ['an unknown property', {}, { scope: 'read' }, '/scope'],
  ])('never gives it %s', async (_what, from, to, pointer) => {
    const { change, world, path } = await changeWorld(from)
    const before = await world.get(path)
    const refused = await problemOf(change(to))
    expect(refused).toMatchObject({ status: 422, errors: [{ pointer }] })
    expect(await world.get(path)).toEqual(before)
  })

  it('requires If-Match, and loses no change in a race', async () => {
    const { world, path, made, change } = await changeWorld()
    const body = { name: 'x', scopes: ['read'], mail_accounts: made.mail_accounts }
    expect(await world.problem('PUT', path, body)).toMatchObject({
      status: 428,
      code: 'precondition_required',
    })
    const both = await Promise.all([change({ name: 'a' }, '"1"'), change({ name: 'b' }, '"1"')])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412])
    expect((await change({ name: 'c' }, '*')).status).toBe(200)
    expect(await world.get(path)).toMatchObject({ name: 'c' })
    const { apiKeys } = world.services.store
    const { replace } = apiKeys
    apiKeys.replace = async (...args) => {
      await world.call('DELETE', path)
      return replace(...args)
    }
    expect(await problemOf(change({ name: 'd' }))).toMatchObject({ code: 'api_key_ended' })
    expect(await world.get(path)).toMatchObject({ name: 'c', status: 'revoked' })
  })

  it('keeps accounts in its list that were deleted, and writes nothing if nothing changes', async () => {
    const { world, id, other, change } = await changeWorld()
    await world.call('DELETE', `/v1/mail-accounts/${id}`)
    const same = await change({})
    expect([same.status, same.headers.get('etag')]).toEqual([200, '"1"'])
    expect((await change({ mail_accounts: [id, other] })).status).toBe(200)
  })

  it('is refused for a revoked key, an unknown one, the root key, and one whose row was changed', async () => {
    const { world, path, change, made } = await changeWorld()
    const body = { name: 'x', scopes: ['read'] }
    for (const id of ['key_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'root']) {
      const unknown = await world.problem('PUT', `/v1/api-keys/${id}`, body, { 'if-match': '*' })
      expect(unknown).toMatchObject({ status: 404 })
    }
    await rows("UPDATE api_keys SET scopes = 'admin'")
    expect(await problemOf(change({}))).toMatchObject({ code: 'api_key_ended' })
    expect(await statusOf(world, made.key)).toBe(401)
    await world.call('DELETE', path)
    expect(await problemOf(change({}))).toMatchObject({ status: 409, code: 'api_key_ended' })
  })

  it('between the guard and the handler of a request counts from the next one on, also for what that one made', async () => {
    const { id, other, made, change, world } = await changeWorld()
    const { apiKeys, mailAccounts } = world.services.store
    const { read } = mailAccounts
    let changed: Promise<Response> | undefined
    mailAccounts.read = async (...args) => {
      changed = changed ?? change({ mail_accounts: [other] })
      await changed
      return read(...args)
    }
    const start = () =>
      world.call(
        'POST',
        '/v1/authorizations',
        { provider: 'microsoft', mail_account_id: id },
        { ...bearer(made.key), 'idempotency-key': 'a' },
      )
    const first = await start()
    expect([first.status, (await changed)?.status]).toEqual([201, 200])
    const link = await browserOf(world).visit((await first.json<{ url: string }>()).url)
    expect(link).toMatchObject({ status: 410 })
    expect(await problemOf(start())).toMatchObject({ errors: [{ pointer: '/mail_account_id' }] })
    expect(await apiKeys.read(made.id)).toMatchObject({ reductions: 1 })
  })
})

describe('what a key made before it was changed', () => {
  const asked = (world: World, key: string, id: string) =>
    world.call(
      'POST',
      '/v1/authorizations',
      { provider: 'microsoft', mail_account_id: id },
      { ...bearer(key), 'idempotency-key': 'a' },
    )

  it.each([
    ['loses the account', { mail_accounts: 'other' }],
    ['may no longer start sign-ins', { scopes: ['read', 'tokens'] }],
  ])('opens nothing once it %s', async (_how, changes) => {
    const { world, id, other, made, change } = await changeWorld()
    const started = await (await asked(world, made.key, id)).json<AuthorizationCreated>()
    const browser = browserOf(world)
    expect((await browser.visit(started.url)).status).toBe(200)
    await change('mail_accounts' in changes ? { mail_accounts: [other] } : changes)
    expect((await browser.visit(started.url)).status).toBe(410)
    expect((await asked(world, made.key, id)).status).toBe('scopes' in changes ? 403 : 422)
  })

  it('still works when it gets another name, another account and another expiry', async () => {
    const { world, id, other, made, change } = await changeWorld({ app_only: true })
    const first = await asked(world, made.key, id)
    const text = await first.text()
    await change({ name: 'x', mail_accounts: [id, other], expires_at: '2027-01-01T00:00:00Z' })
    expect(await (await asked(world, made.key, id)).text()).toBe(text)
    const { url } = JSON.parse(text) as AuthorizationCreated
    expect((await browserOf(world).visit(url)).status).toBe(200)
    // A response isn't repeated once the key has lost a right, even one that the request didn't require.
    await change({ app_only: false })
    expect((await asked(world, made.key, id)).headers.get('idempotency-replayed')).toBeNull()
  })

  it('hides the unsaved grant of an account that it loses', async () => {
    const { world, id, other, made, change } = await changeWorld()
    const { url, id: az } = await (await asked(world, made.key, id)).json<AuthorizationCreated>()
    await signIn(world, browserOf(world), url)
    const { grant } = await readAuthorization(world, az)
    const seen = async () =>
      (await callerOf(world, made.key)('GET', `/v1/grants/${grant?.id}`)).status
    expect(await seen()).toBe(200)
    await change({ mail_accounts: [other] })
    expect(await seen()).toBe(404)
  })

  it('is a console session with the rights that are left', async () => {
    const { world, id, other, made, change } = await changeWorld()
    const opened = await callerOf(world, made.key)('POST', '/console/session', {})
    const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? ''
    await change({ mail_accounts: [other], scopes: ['read'] })
    for (const [one, status] of [
      [id, 404],
      [other, 200],
    ]) {
      const request = new Request(`${PUBLIC_URL}/v1/mail-accounts/${one}`, {
        headers: { cookie, 'sec-fetch-site': 'same-origin' },
      })
      expect((await world.send(request)).status).toBe(status)
    }
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

  it('returns 404 for an unknown key, and for the root key', async () => {
    const world = await createWorld()
    for (const id of ['key_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'root']) {
      expect((await world.call('DELETE', `/v1/api-keys/${id}`)).status).toBe(404)
      expect((await world.call('GET', `/v1/api-keys/${id}`)).status).toBe(404)
    }
  })
})
