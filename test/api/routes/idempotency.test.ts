import { describe, expect, it } from 'vitest'
import { runMaintenance } from '../../../api/domain/operations/maintenance/maintenance.ts'
import { createAloneSince } from '../../../api/services.ts'
import { failAfterSecondBatch, flakyDatabase } from '../flaky-database.ts'
import { activeWorld, createWorld, problemOf, type World } from '../harness.ts'
import { system } from '../system-call.ts'

const account = {
  owner: { type: 'department', id: 'support' },
  protocol: 'imap',
  host: 'mail.example.com',
  username: 'support@example.com',
  authentication: { type: 'password', password: 'a mailbox password' },
}
const post = (world: World, key: string, body: unknown = account, path = '/v1/mail-accounts') =>
  world.call('POST', path, body, { 'idempotency-key': key })

async function countRows(world: World, table: 'mail_accounts' | 'api_keys' | 'webhooks') {
  const { n } = (await world.db.prepare(`SELECT count(*) AS n FROM ${table}`).first()) as {
    n: number
  }
  return n
}

describe('a request with an Idempotency-Key', () => {
  it('runs once, and a repetition gets the same response', async () => {
    const world = await createWorld()
    const [first, second] = [await post(world, 'a'), await post(world, 'a')]
    expect([first.status, second.status]).toEqual([201, 201])
    expect(await second.text()).toBe(await first.text())
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'))
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(await countRows(world, 'mail_accounts')).toBe(1)
  })

  it('runs again with another key, on another route, from another caller, or a day later', async () => {
    const world = await createWorld()
    await post(world, 'a')
    await post(world, 'b')
    const made = await post(world, 'a', { name: 'worker', scopes: ['write'] }, '/v1/api-keys')
    expect(made.status).toBe(201)
    const { key } = (await made.json()) as { key: string }
    await world.call('POST', '/v1/mail-accounts', account, {
      'idempotency-key': 'a',
      authorization: `Bearer ${key}`,
    })
    world.advance(24 * 3600 - 1)
    expect((await post(world, 'a')).headers.get('idempotency-replayed')).toBe('true')
    world.advance(1)
    await post(world, 'a')
    expect(await countRows(world, 'mail_accounts')).toBe(4)
  })

  it('is rejected if the body differs', async () => {
    const world = await createWorld()
    await post(world, 'a')
    const other = await problemOf(post(world, 'a', { ...account, username: 'other@example.com' }))
    expect(other).toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
      errors: [{ pointer: 'idempotency-key', message: 'was used with a different body' }],
    })
  })

  it('is recognised after the encryption key was rotated', async () => {
    const world = await createWorld()
    const first = await post(world, 'a')
    const [old] = world.services.settings.encryptionKeys
    const ring = [{ kid: 'k2', key: new Uint8Array(32).fill(9) }, old] as const
    const later = await createWorld({ settings: { encryptionKeys: ring }, keepDatabase: true })
    expect(await (await post(later, 'a')).text()).toBe(await first.text())
  })

  it('is rejected, pointing to the header, if the key is too long', async () => {
    const world = await createWorld()
    const refused = await problemOf(post(world, 'a'.repeat(256)))
    expect(refused).toMatchObject({ status: 422, errors: [{ pointer: 'idempotency-key' }] })
  })

  it('can be corrected and sent again after it was rejected', async () => {
    const world = await createWorld()
    expect((await post(world, 'a', { ...account, username: 'invalid' })).status).toBe(422)
    expect((await post(world, 'a')).status).toBe(201)
  })

  it('creates one account even if the repetition of a 503 comes after midnight', async () => {
    const { db, faults } = flakyDatabase()
    const world = await createWorld({ db, outside: { pause: async () => {} } })
    world.advance(15 * 3600 - 1)
    // The account is stored, but the database's responses are lost.
    faults.beforeBatch = async () => {
      if (faults.batches > 1) faults.loseResponses = 1
    }
    const { readMany } = world.services.store.mailAccounts
    world.services.store.mailAccounts.readMany = async () => new Map()
    expect((await post(world, 'a')).status).toBe(503)
    world.services.store.mailAccounts.readMany = readMany
    faults.beforeBatch = async () => {}
    faults.loseResponses = 0
    world.advance(2)
    const again = await post(world, 'a')
    expect(again.status).toBe(201)
    expect(again.headers.get('etag')).toBe('"1"')
    expect(await countRows(world, 'mail_accounts')).toBe(1)
  })

  const shownOnce = [
    {
      table: 'api_keys',
      path: '/v1/api-keys',
      member: 'key',
      body: { name: 'worker', scopes: ['read'] },
    },
    {
      table: 'webhooks',
      path: '/v1/webhooks',
      member: 'secret',
      body: { url: 'https://hooks.example.com/in', events: ['grant.blocked'] },
    },
  ] as const

  it.each(shownOnce)(
    'creates one row through $path if the response of D1 is lost, and shows its $member to the retry',
    async ({ table, path, member, body }) => {
      const { db, faults } = flakyDatabase()
      const world = await createWorld({ db, outside: { pause: async () => {} } })
      failAfterSecondBatch(faults)
      expect((await post(world, 'a', body, path)).status).toBe(503)
      faults.offline = false
      world.advance(61)
      const again = await post(world, 'a', body, path)
      expect(again.status).toBe(201)
      const made = (await again.json()) as Record<string, string>
      expect(made[member]).toMatch(/^(mg_|whsec_)/)
      expect(await countRows(world, table)).toBe(1)
      if (member === 'key') {
        const response = await world.call('GET', '/v1/grants', undefined, {
          authorization: `Bearer ${made.key}`,
        })
        expect(response.status).toBe(200)
      }
      const created = await world.db
        .prepare("SELECT count(*) AS n FROM events WHERE type LIKE '%.created'")
        .first()
      expect(created).toEqual({ n: 1 })
    },
  )

  it('reports its invalid fields even if the database fails afterwards', async () => {
    const { db, faults } = flakyDatabase()
    const world = await createWorld({ db })
    faults.beforeBatch = async () => {
      faults.offline = true
    }
    expect((await post(world, 'a', { ...account, username: 'invalid' })).status).toBe(422)
  })

  it('never runs twice at once', async () => {
    const world = await createWorld()
    const responses = await Promise.all(Array.from({ length: 5 }, () => post(world, 'a')))
    expect(await countRows(world, 'mail_accounts')).toBe(1)
    for (const response of responses) {
      expect([201, 409]).toContain(response.status)
      if (response.status === 409) {
        expect(response.headers.get('retry-after')).toBe('2')
        expect(await response.json()).toMatchObject({ code: 'idempotency_in_progress' })
      }
    }
  })

  it.each([
    ['after its write', []],
    ['before its write', ['DELETE FROM mail_accounts']],
  ])('that crashed %s can be retried after a minute, and writes once', async (_when, undo) => {
    const world = await createWorld()
    await post(world, 'a')
    const crash = ['UPDATE idempotency_records SET status = NULL, response_sealed = NULL', ...undo]
    await world.db.batch(crash.map((sql) => world.db.prepare(sql)))
    expect((await post(world, 'a')).status).toBe(409)
    world.advance(60)
    expect((await post(world, 'a')).status).toBe(201)
    expect(await countRows(world, 'mail_accounts')).toBe(1)
  })

  it('that crashed with the only process can be retried at the next start', async () => {
    const world = await createWorld()
    await post(world, 'a')
    await world.db
      .prepare('UPDATE idempotency_records SET status = NULL, response_sealed = NULL')
      .run()
    expect((await post(world, 'a')).status).toBe(409)
    const aloneSince = createAloneSince(new Date(+world.clock.now + 1))
    const next = await createWorld({ keepDatabase: true, outside: { aloneSince } })
    next.advance(1)
    expect((await post(next, 'a')).status).toBe(201)
    expect(await countRows(next, 'mail_accounts')).toBe(1)
  })

  it('never runs twice at once after a clock that was ahead at the start is put back', async () => {
    const aloneSince = createAloneSince(new Date('2026-11-24T10:00:00.000Z'))
    const world = await createWorld({ outside: { aloneSince } })
    for (const seconds of [1, 3590]) {
      world.advance(seconds)
      await post(world, `${seconds}`)
      await world.db
        .prepare('UPDATE idempotency_records SET status = NULL, response_sealed = NULL')
        .run()
      world.advance(20)
      expect((await post(world, `${seconds}`)).status).toBe(409)
    }
  })
})

describe('a link created with an Idempotency-Key', () => {
  const authorization = { provider: 'microsoft', username: 'alice@contoso.test' }
  const links = [
    ['a sign-in', '/v1/authorizations', authorization, 600],
    ['a sign-in of two hours', '/v1/authorizations', { ...authorization, expires_in: 7200 }, 7200],
    ['a link of 72 hours', '/v1/authorizations', { ...authorization, expires_in: 259_200 }, 86_400],
    ['an admin consent', '/v1/integrations/microsoft/admin-consent', { tenant: 'a.test' }, 86_400],
  ] as const

  it.each(links)(
    'for %s is repeated while it works, and stored no longer than that',
    async (_name, path, body, lifetime) => {
      const world = await activeWorld()
      const first = await (await post(world, 'a', body, path)).text()
      expect(JSON.parse(first)).toHaveProperty('url')
      const secret = new URL((JSON.parse(first) as { url: string }).url).searchParams
      expect(await world.dump()).not.toContain(secret.get('secret') ?? secret.get('state'))
      world.advance(lifetime - 1)
      const replay = await post(world, 'a', body, path)
      expect(replay.headers.get('idempotency-replayed')).toBe('true')
      expect(await replay.text()).toBe(first)
      world.advance(1)
      const later = await post(world, 'a', body, path)
      expect(later.status).toBe(201)
      expect(later.headers.get('idempotency-replayed')).toBeNull()
      expect(await later.text()).not.toBe(first)
    },
  )

  it('is deleted from the database after its expiry', async () => {
    const world = await activeWorld()
    await post(world, 'a', authorization, '/v1/authorizations')
    world.advance(601)
    await runMaintenance(world.services, system)
    const { results } = await world.db.prepare('SELECT id FROM idempotency_records').all()
    expect(results).toEqual([])
  })
})
