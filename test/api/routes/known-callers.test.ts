import { describe, expect, it } from 'vitest'
import { createApp } from '../../../api/app.ts'
import { createKnownCallers } from '../../../api/routes/known-callers.ts'
import { PUBLIC_URL } from '../harness.ts'
import { heldDatabase, type Trip } from '../held-database.ts'
import { bearer, createKey } from '../keys.ts'
import { createMailWorld, passwordForm } from '../mail-world.ts'

const CANARY = 'canary-of-a-desk@example.org'

/** Creates a world with an account and a key, whose rights the app knows from an earlier call. */
async function knownKeyWorld(
  input: object = { scopes: ['write'] },
  options: Parameters<typeof createMailWorld>[0] = {},
) {
  const far = heldDatabase()
  const world = await createMailWorld({ db: far.db, ...options })
  const account = await world.save(passwordForm({ username: CANARY }))
  const key = await createKey(world, input)
  const path = `/v1/mail-accounts/${account.id}`
  const request = (method: string, path: string, body?: unknown, headers: object = {}) =>
    new Request(`${PUBLIC_URL}${path}`, {
      method,
      headers: {
        ...bearer(key.key),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const send = (one: Request) => far.send(world.app, one)
  const revoke = () => world.call('DELETE', `/v1/api-keys/${key.id}`)
  await world.send(request('GET', '/v1/mail-accounts/summary'))
  return { far, world, account, path, key, request, send, revoke }
}

/** Returns the table that each statement of each trip reads or writes first. */
const tablesOf = (trips: Trip[]) =>
  trips.map(({ sql }) =>
    sql.map((text) => /\b(?:from|into|update) "(\w+)"/i.exec(text)?.[1] ?? text),
  )

const textOf = async (response: Response) =>
  JSON.stringify([...response.headers]) + (await response.text())

describe('a key that was confirmed before', () => {
  it('reads in the trip in which it is confirmed again', async () => {
    const { path, request, send } = await knownKeyWorld()
    const { response, trips } = await send(request('GET', path))
    expect(response.status).toBe(200)
    expect(tablesOf(trips)).toEqual([['api_keys', 'mail_accounts']])
  })

  it('is confirmed before anything is read in an isolate that has not seen it', async () => {
    const { far, world, path, request } = await knownKeyWorld()
    const { trips } = await far.send(createApp(world.services), request('GET', path))
    expect(tablesOf(trips)).toEqual([['api_keys'], ['mail_accounts']])
  })

  it('gets nothing of what was read once it is revoked, and causes no further read', async () => {
    const { world, path, request, send, revoke } = await knownKeyWorld()
    await revoke()
    const refused = await send(request('GET', path))
    expect(tablesOf(refused.trips)).toEqual([['api_keys', 'mail_accounts']])
    expect(refused.response.status).toBe(401)
    expect(refused.response.headers.get('etag')).toBeNull()
    expect(await textOf(refused.response)).not.toContain(CANARY)
    const again = await send(request('GET', '/v1/mail-accounts'))
    expect(tablesOf(again.trips)).toEqual([['api_keys']])
    expect(await textOf(again.response)).not.toContain(CANARY)
    expect(await world.events()).toContain('access.refused')
  })

  it('is refused on every list after its revocation, without its data', async () => {
    for (const path of ['/v1/mail-accounts', '/v1/mail-accounts/owners', '/v1/grants']) {
      const { request, send, revoke } = await knownKeyWorld()
      expect((await send(request('GET', path))).response.status).toBe(200)
      await revoke()
      const { response } = await send(request('GET', path))
      expect(response.status).toBe(401)
      expect(await textOf(response)).not.toMatch(/canary|dep_7|data/)
    }
  })

  it('is refused once it has expired', async () => {
    const { world, path, request, send } = await knownKeyWorld({
      scopes: ['read'],
      expires_at: '2026-11-24T10:00:00.000Z',
    })
    expect((await send(request('GET', path))).response.status).toBe(200)
    world.advance(3600)
    const { response } = await send(request('GET', path))
    expect(response.status).toBe(401)
    expect(await textOf(response)).not.toContain(CANARY)
  })

  it('gets the 401 of its revocation before the 404 or 422 of its request', async () => {
    for (const [method, path, body] of [
      ['POST', '/v1/mail-accounts', { protocol: 'pop3' }],
      ['GET', '/v1/mail-accounts?limit=many', undefined],
      ['DELETE', '/v1/mail-accounts/ma_x', undefined],
    ] as const) {
      const { request, send, revoke } = await knownKeyWorld()
      await revoke()
      const { response } = await send(request(method, path, body))
      expect([path, response.status]).toEqual([path, 401])
    }
  })

  it('changes nothing once it is revoked', async () => {
    const login = passwordForm({ username: 'second@example.org' })
    const signIn = { provider: 'microsoft', username: 'alice@contoso.test' }
    for (const [method, path, body] of [
      ['POST', '/v1/mail-accounts', login],
      ['PUT', 'of the account', login],
      ['DELETE', 'of the account', undefined],
      ['POST', '/v1/validations', login],
      ['POST', '/v1/authorizations', signIn],
    ] as const) {
      for (const headers of [{}, { 'idempotency-key': 'a' }]) {
        const { world, account, path: own, request, send, revoke } = await knownKeyWorld()
        await world.activate()
        await revoke()
        const target = path.startsWith('/') ? path : own
        const { response, trips } = await send(request(method, target, body, headers))
        expect([path, response.status]).toEqual([path, 401])
        const written = trips.flatMap(({ sql }) => sql).filter((sql) => !/^select/i.test(sql))
        expect(written).toEqual([])
        expect(world.probes).toEqual([])
        expect(await world.read(account.id)).toEqual(account)
      }
    }
  })

  it('starts no read that its scopes do not cover', async () => {
    const { request, send } = await knownKeyWorld({ scopes: ['read'] })
    const attempts = [
      request('GET', '/v1/api-keys'),
      request('POST', '/v1/validations', passwordForm()),
    ]
    for (const attempt of attempts) {
      const { response, trips } = await send(attempt)
      expect(response.status).toBe(403)
      expect(tablesOf(trips)).toEqual([['api_keys']])
    }
  })

  it('is not answered with rights that are not those in the database', async () => {
    const { world, path, key, request, send } = await knownKeyWorld()
    await world.db
      .prepare('UPDATE api_keys SET mail_account_ids = ? WHERE id = ?')
      .bind('["ma_other"]', key.id)
      .run()
    const refused = await send(request('GET', path))
    expect(refused.response.status).toBe(500)
    expect(await textOf(refused.response)).not.toContain(CANARY)
    expect((await send(request('GET', path))).response.status).toBe(404)
  })

  it('acts only with the rights in the database', async () => {
    const { world, account, path, key, request, send } = await knownKeyWorld()
    await world.db.prepare('UPDATE api_keys SET scopes = ? WHERE id = ?').bind('read', key.id).run()
    expect((await send(request('DELETE', path))).response.status).toBe(500)
    expect((await send(request('DELETE', path))).response.status).toBe(403)
    expect(await world.read(account.id)).toEqual(account)
  })

  it('gets a 503 that is logged once, and no data, while its key cannot be read', async () => {
    for (const method of ['GET', 'DELETE']) {
      const { world, path, request, send } = await knownKeyWorld()
      await world.db.prepare('ALTER TABLE api_keys RENAME TO api_keys_away').run()
      try {
        const { response } = await send(request(method, path))
        expect(response.status).toBe(503)
        expect(await textOf(response)).not.toContain(CANARY)
        expect(world.lines.filter((line) => line.includes('storage_unavailable'))).toHaveLength(1)
      } finally {
        await world.db.prepare('ALTER TABLE api_keys_away RENAME TO api_keys').run()
      }
    }
  })

  it('is stopped by its rate limit before anything is done', async () => {
    const { world, request, send } = await knownKeyWorld(
      { scopes: ['write'] },
      { outside: { withinRate: async (name) => name !== 'validations' } },
    )
    const { response } = await send(request('POST', '/v1/validations', passwordForm()))
    expect(response.status).toBe(429)
    expect(world.probes).toEqual([])
  })
})

describe('a caller that was never confirmed', () => {
  it('causes no read but that of its key', async () => {
    const { path, key, request, send } = await knownKeyWorld()
    const forged = bearer(`${key.key.slice(0, -1)}${key.key.endsWith('A') ? 'B' : 'A'}`)
    for (const attempt of [
      request('GET', path, undefined, forged),
      request('PUT', path, passwordForm(), forged),
      request('POST', '/v1/mail-accounts', { protocol: 'pop3' }, forged),
      request('POST', '/v1/mail-accounts', passwordForm(), { ...forged, 'idempotency-key': 'a' }),
    ]) {
      const { response, trips } = await send(attempt)
      expect(response.status).toBe(401)
      expect(tablesOf(trips)).toEqual([['api_keys']])
    }
  })
})

describe('a console session that was confirmed before', () => {
  async function knownSessionWorld() {
    const { world, path, request, send, revoke } = await knownKeyWorld()
    const opened = await world.send(request('POST', '/console/session'))
    const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? ''
    const from = (site: string, method = 'GET', headers: object = {}) =>
      new Request(`${PUBLIC_URL}${path}`, {
        method,
        headers: { cookie, 'sec-fetch-site': site, ...headers },
      })
    expect((await world.send(from('same-origin'))).status).toBe(200)
    return { world, path, cookie, from, send, revoke }
  }

  it('gets nothing of what was read once its key is revoked or it was closed', async () => {
    for (const end of ['key', 'session'] as const) {
      const { world, cookie, from, send, revoke } = await knownSessionWorld()
      if (end === 'key') await revoke()
      else {
        const headers = { cookie, 'sec-fetch-site': 'same-origin', origin: PUBLIC_URL }
        const json = { ...headers, 'content-type': 'application/json' }
        const closing = new Request(`${PUBLIC_URL}/console/session`, {
          method: 'DELETE',
          headers: json,
        })
        expect((await world.send(closing)).status).toBe(204)
      }
      const { response } = await send(from('same-origin'))
      expect(response.status).toBe(401)
      expect(await textOf(response)).not.toContain(CANARY)
    }
  })

  it('causes no read for a page of another origin', async () => {
    const { from, send } = await knownSessionWorld()
    for (const attempt of [
      from('cross-site'),
      from('same-site'),
      from('same-origin', 'DELETE'),
      from('same-origin', 'DELETE', { origin: 'https://evil.test' }),
    ]) {
      const { response, trips } = await send(attempt)
      expect(response.status).toBe(401)
      expect(trips).toEqual([])
    }
  })
})

describe('an Idempotency-Key of a known caller', () => {
  it('is claimed after the confirmation, and before anything is written', async () => {
    const { request, send } = await knownKeyWorld()
    const form = passwordForm({ username: 'second@example.org' })
    const created = request('POST', '/v1/mail-accounts', form, { 'idempotency-key': 'a' })
    const { response, trips } = await send(created)
    expect(response.status).toBe(201)
    const tables = tablesOf(trips)
    expect(tables[0]).not.toContain('idempotency_records')
    const claimed = tables.findIndex((trip) => trip.includes('idempotency_records'))
    const written = trips.findIndex(({ sql }) =>
      sql.some((text) => /^insert into "(mail_accounts|events)"/i.test(text)),
    )
    expect(claimed).toBe(1)
    expect(written).toBeGreaterThan(claimed)
  })

  it('creates nothing twice when it comes again before the response is stored', async () => {
    const { far, world, request } = await knownKeyWorld()
    const form = passwordForm({ username: 'second@example.org' })
    const create = () => request('POST', '/v1/mail-accounts', form, { 'idempotency-key': 'a' })
    const early: Response[] = []
    const { response } = await far.send(world.app, create(), async () => {
      early.push(await world.send(create()))
    })
    expect([response.status, early[0]?.status]).toEqual([201, 409])
    expect(await early[0]?.json()).toMatchObject({ code: 'idempotency_in_progress' })
    const repeated = await world.send(create())
    expect(repeated.headers.get('idempotency-replayed')).toBe('true')
    expect(await repeated.text()).toBe(await response.text())
    const { results } = await world.db.prepare('SELECT id FROM mail_accounts').all()
    expect(results).toHaveLength(2)
  })

  it('repeats the first response, even if the request would be refused now', async () => {
    const { world, path, request, send } = await knownKeyWorld()
    const validate = () =>
      request('POST', `${path}/validate`, undefined, { 'idempotency-key': 'a' })
    const first = await (await send(validate())).response.text()
    await world.call('DELETE', path)
    const { response } = await send(validate())
    expect(response.status).toBe(201)
    expect(response.headers.get('idempotency-replayed')).toBe('true')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.text()).toBe(first)
    expect(world.probes).toHaveLength(1)
  })
})

describe('the memory of an isolate', () => {
  const rights = (accounts: number) => ({
    scopes: ['read'] as const,
    accessScope: {
      keyId: 'key_1',
      mailAccountIds: Array.from({ length: accounts }, (_, n) => `ma_${n}`),
      appOnly: false,
    },
    appOnly: false,
  })

  it('forgets the callers that were not seen for longest when it is full', () => {
    const callers = createKnownCallers(10)
    callers.remember('a', rights(4))
    callers.remember('b', rights(3))
    callers.remember('a', rights(4))
    callers.remember('c', rights(3))
    expect(['a', 'b', 'c'].map((hash) => callers.find(hash) !== undefined)).toEqual([
      true,
      false,
      true,
    ])
  })

  it('does not keep a caller that exceeds it alone', () => {
    const callers = createKnownCallers(10)
    callers.remember('a', rights(10))
    expect(callers.find('a')).toBeUndefined()
  })
})
