import { describe, expect, it } from 'vitest'
import { ApiKeyCreated } from '../../../schema/api-key.ts'
import { flakyDatabase } from '../flaky-database.ts'
import { createWorld, type World } from '../harness.ts'

const account = {
  owner: { type: 'department', id: 'support' },
  protocol: 'imap',
  host: 'mail.example.com',
  username: 'support@example.com',
  authentication: { type: 'password', password: 'a mailbox password' },
}
const make = (world: World, key: string, body: unknown = account, path = '/v1/mail-accounts') =>
  world.call('POST', path, body, { 'idempotency-key': key })

async function count(world: World, table: 'mail_accounts' | 'api_keys' | 'webhooks') {
  const { n } = (await world.db.prepare(`SELECT count(*) AS n FROM ${table}`).first()) as {
    n: number
  }
  return n
}

describe('a request with an Idempotency-Key', () => {
  it('is worked on once, and answered the same again', async () => {
    const world = await createWorld()
    const [first, second] = [await make(world, 'a'), await make(world, 'a')]
    expect([first.status, second.status]).toEqual([201, 201])
    expect(await second.text()).toBe(await first.text())
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'))
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(await count(world, 'mail_accounts')).toBe(1)
  })

  it('is another one with another key, at another route, from another caller, or a day later', async () => {
    const world = await createWorld()
    await make(world, 'a')
    await make(world, 'b')
    const made = await make(world, 'a', { name: 'worker', scopes: ['write'] }, '/v1/api-keys')
    expect(made.status).toBe(201)
    const { key } = (await made.json()) as { key: string }
    await world.call('POST', '/v1/mail-accounts', account, {
      'idempotency-key': 'a',
      authorization: `Bearer ${key}`,
    })
    world.advance(24 * 3600)
    await make(world, 'a')
    expect(await count(world, 'mail_accounts')).toBe(4)
  })

  it('is the same one for a whole day', async () => {
    const world = await createWorld()
    await make(world, 'a')
    world.advance(24 * 3600 - 1)
    expect((await make(world, 'a')).headers.get('idempotency-replayed')).toBe('true')
  })

  it('is refused with another body', async () => {
    const world = await createWorld()
    await make(world, 'a')
    const other = await make(world, 'a', { ...account, username: 'other@example.com' })
    expect(other.status).toBe(422)
    expect(await other.json()).toMatchObject({ code: 'idempotency_key_reused' })
  })

  it('is recognised after the encryption key was changed', async () => {
    const world = await createWorld()
    const first = await make(world, 'a')
    const [old] = world.services.settings.encryptionKeys
    const ring = [{ kid: 'k2', key: new Uint8Array(32).fill(9) }, old] as const
    const later = await createWorld({ settings: { encryptionKeys: ring }, keepDatabase: true })
    expect(await (await make(later, 'a')).text()).toBe(await first.text())
  })

  it('is refused by the name of the header when its key is too long', async () => {
    const world = await createWorld()
    const refused = await make(world, 'a'.repeat(256))
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({ errors: [{ pointer: 'idempotency-key' }] })
  })

  it('may be put right and sent again when it was refused', async () => {
    const world = await createWorld()
    expect((await make(world, 'a', { ...account, username: 'nobody' })).status).toBe(422)
    expect((await make(world, 'a')).status).toBe(201)
  })

  it('makes one account although the database did its work and lost the answer', async () => {
    const { db, faults } = flakyDatabase()
    const world = await createWorld({ db })
    const writes = faults.batches + 2
    faults.beforeBatch = async () => {
      if (faults.batches === writes) faults.loseResponses = 1
    }
    expect((await make(world, 'a')).status).toBe(503)
    const again = await make(world, 'a')
    expect(again.status).toBe(201)
    expect(await count(world, 'mail_accounts')).toBe(1)
    expect(again.headers.get('etag')).toBe('"1"')
    expect((await make(world, 'a', { ...account, name: 'Another' })).status).toBe(422)
    expect((await make(world, 'b')).status).toBe(201)
    world.advance(24 * 3600)
    expect((await make(world, 'a')).status).toBe(201)
    expect(await count(world, 'mail_accounts')).toBe(3)
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
    'makes one of $path all the same, and shows its $member to whoever asks again',
    async ({ table, path, member, body }) => {
      const { db, faults } = flakyDatabase()
      const world = await createWorld({ db })
      const writes = faults.batches + 2
      faults.beforeBatch = async () => {
        if (faults.batches === writes) faults.loseResponses = 1
      }
      expect((await make(world, 'a', body, path)).status).toBe(503)
      const again = await make(world, 'a', body, path)
      expect(again.status).toBe(201)
      const made = (await again.json()) as Record<string, string>
      expect(made[member]).toMatch(/^(mg_|whsec_)/)
      expect(await count(world, table)).toBe(1)
      if (member === 'key') {
        const answer = await world.call('GET', '/v1/grants', undefined, {
          authorization: `Bearer ${made.key}`,
        })
        expect(answer.status).toBe(200)
      }
      const created = await world.db
        .prepare("SELECT count(*) AS n FROM events WHERE type LIKE '%.created'")
        .first()
      expect(created).toEqual({ n: 1 })
    },
  )

  it('says what was wrong with it also when the database fails on the way back', async () => {
    const { db, faults } = flakyDatabase()
    const world = await createWorld({ db })
    faults.beforeBatch = async () => {
      faults.offline = true
    }
    expect((await make(world, 'a', { ...account, username: 'nobody' })).status).toBe(422)
  })

  it('is not worked on by two at once', async () => {
    const world = await createWorld()
    const answers = await Promise.all(Array.from({ length: 5 }, () => make(world, 'a')))
    expect(await count(world, 'mail_accounts')).toBe(1)
    for (const answer of answers) {
      expect([201, 409]).toContain(answer.status)
      if (answer.status === 409) {
        expect(answer.headers.get('retry-after')).toBe('2')
        expect(await answer.json()).toMatchObject({ code: 'idempotency_in_progress' })
      }
    }
  })

  it('that died after its work is taken over after a minute, and the work is not done twice', async () => {
    const world = await createWorld()
    await make(world, 'a')
    await world.db
      .prepare('UPDATE idempotency_records SET status = NULL, answer_sealed = NULL')
      .run()
    expect((await make(world, 'a')).status).toBe(409)
    world.advance(60)
    expect((await make(world, 'a')).status).toBe(201)
    expect(await count(world, 'mail_accounts')).toBe(1)
  })

  it('that died before its work is taken over after a minute', async () => {
    const world = await createWorld()
    await make(world, 'a')
    await world.db.batch([
      world.db.prepare('UPDATE idempotency_records SET status = NULL, answer_sealed = NULL'),
      world.db.prepare('DELETE FROM mail_accounts'),
    ])
    expect((await make(world, 'a')).status).toBe(409)
    world.advance(60)
    expect((await make(world, 'a')).status).toBe(201)
    expect(await count(world, 'mail_accounts')).toBe(1)
  })

  it('repeats no secret that is shown once, and keeps its answer sealed', async () => {
    const world = await createWorld()
    const body = { name: 'worker', scopes: ['tokens'] }
    const first = (await (await make(world, 'a', body, '/v1/api-keys')).json()) as {
      id: string
      key: string
    }
    expect(await world.dump()).not.toContain(first.key)
    const again = await (await make(world, 'a', body, '/v1/api-keys')).text()
    expect(ApiKeyCreated.parse(JSON.parse(again))).toMatchObject({ id: first.id })
    expect(again).not.toContain(first.key)
    await make(world, 'b')
    expect(await world.dump()).not.toContain('a mailbox password')
    expect(await count(world, 'api_keys')).toBe(1)
  })
})
