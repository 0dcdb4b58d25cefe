import { describe, expect, it } from 'vitest'
import { StorageError } from '../../../api/model/storage-error.ts'
import type { ApiKey } from '../../../schema/api-key.ts'
import type { Integration } from '../../../schema/integration.ts'
import { createWorld, PUBLIC_URL, type World } from '../harness.ts'
import { bearer, callerOf, createKey } from '../keys.ts'
import { savedAccount } from '../saved-account.ts'

const reportRestore = async (world: World) =>
  expect((await world.call('POST', '/v1/restores')).status).toBe(204)

async function keysToReview(world: World): Promise<string[]> {
  const { data } = await (await world.call('GET', '/v1/api-keys')).json<{ data: ApiKey[] }>()
  return data.filter(({ needs_review }) => needs_review).map(({ id }) => id)
}

async function problemsOf(world: World) {
  const response = await world.call('GET', '/v1/integrations/microsoft')
  return (await response.json<Integration>()).problems
}

const statusOf = async (world: World, key: string) =>
  (await callerOf(world, key)('GET', '/v1/integrations')).status

describe('after a restore', () => {
  it('every key that was not revoked needs a review, and works until it is revoked', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    const worker = await createKey(world, { scopes: ['tokens'] })
    const other = await createKey(world)
    const revoked = await createKey(world)
    const expired = await createKey(world, { expires_at: '2026-11-24T09:00:01Z' })
    await world.call('DELETE', `/v1/api-keys/${revoked.id}`)
    world.advance(1)
    expect([await keysToReview(world), await problemsOf(world)]).toEqual([[], []])

    await reportRestore(world)
    const left = await keysToReview(world)
    expect(left.toSorted()).toEqual([worker.id, other.id].toSorted())
    expect((await callerOf(world, worker.key)('POST', path)).status).toBe(200)
    expect(await problemsOf(world)).toMatchObject([
      { code: 'api_keys_need_review', detail: expect.stringContaining('2 API keys were') },
    ])

    const confirmed = await world.call('POST', `/v1/api-keys/${worker.id}/confirm`)
    expect(await confirmed.json()).toMatchObject({ id: worker.id, needs_review: false })
    expect(await keysToReview(world)).toEqual([other.id])
    expect(await problemsOf(world)).toMatchObject([
      { detail: expect.stringContaining('1 API key was') },
    ])
    await world.call('DELETE', `/v1/api-keys/${other.id}`)
    expect([await keysToReview(world), await problemsOf(world)]).toEqual([[], []])
    expect(await statusOf(world, other.key)).toBe(401)
    expect((await callerOf(world, worker.key)('POST', path)).status).toBe(200)
    const again = await world.call('POST', `/v1/api-keys/${expired.id}/confirm`)
    expect(await again.json()).toMatchObject({ status: 'expired', needs_review: false })
  })

  it('a key that is created afterwards needs no review', async () => {
    const world = await createWorld()
    await reportRestore(world)
    await createKey(world)
    expect(await keysToReview(world)).toEqual([])
  })

  it('console sessions have ended, those of the root key included', async () => {
    const world = await createWorld()
    const { key } = await createKey(world, { scopes: ['admin'] })
    const sessions = await Promise.all(
      [undefined, bearer(key)].map(async (headers) => {
        const opened = await world.call('POST', '/console/session', {}, headers)
        return opened.headers.get('set-cookie')?.split(';')[0] ?? ''
      }),
    )
    const read = async (cookie: string) => {
      const headers = { cookie, 'sec-fetch-site': 'same-origin' }
      return (await world.send(new Request(`${PUBLIC_URL}/console/session`, { headers }))).status
    }
    expect(await Promise.all(sessions.map(read))).toEqual([200, 200])
    await reportRestore(world)
    expect(await Promise.all(sessions.map(read))).toEqual([401, 401])
  })

  it('open authorizations and links to admins have expired', async () => {
    const world = await createWorld()
    await world.activate()
    const started = await world.call('POST', '/v1/authorizations', {
      provider: 'microsoft',
      username: 'alice@contoso.test',
      expires_in: 86_400,
    })
    const { id, url } = await started.json<{ id: string; url: string }>()
    const asked = await world.call('POST', '/v1/integrations/microsoft/admin-consent', {
      tenant: 'contoso.test',
    })
    const state = new URL((await asked.json<{ url: string }>()).url).searchParams.get('state')
    const landing = `${PUBLIC_URL}/oauth/microsoft/admin-consent?admin_consent=True&tenant=contoso.test&state=${state}`
    await reportRestore(world)
    world.advance(1)
    expect(await (await world.call('GET', `/v1/authorizations/${id}`)).json()).toMatchObject({
      status: 'expired',
      problem: { code: 'authorization_expired' },
    })
    for (const link of [url, landing]) {
      const response = await world.send(new Request(link))
      expect(response.status).toBe(410)
    }
    const { data } = await (
      await world.call('GET', '/v1/events?type=admin_consent.completed')
    ).json<{ data: unknown[] }>()
    expect(data).toEqual([])
  })

  it('says in an event who reported it', async () => {
    const world = await createWorld()
    await reportRestore(world)
    const response = await world.call('GET', '/v1/events?type=database.restored')
    expect(await response.json()).toMatchObject({
      data: [{ actor: { type: 'key', id: 'root' }, data: { review_api_keys: true } }],
    })
  })
})

it('confirming fails for an unknown key', async () => {
  const world = await createWorld()
  const path = '/v1/api-keys/key_aaaaaaaaaaaaaaaaaaaaaaaaaa/confirm'
  expect((await world.call('POST', path)).status).toBe(404)
})

describe('a revocation', () => {
  it('is recorded outside the database before it takes effect', async () => {
    const recorded: string[] = []
    const world = await createWorld({
      outside: { recordRevocation: async (id) => void recorded.push(id) },
    })
    const { id } = await createKey(world)
    expect((await world.call('DELETE', `/v1/api-keys/${id}`)).status).toBe(204)
    expect(recorded).toEqual([id])
  })

  it('is not acknowledged when it cannot be recorded, and can be retried', async () => {
    let full = true
    const world = await createWorld({
      outside: {
        recordRevocation: async () => {
          if (full) throw new StorageError('no space left')
        },
      },
    })
    const { id, key } = await createKey(world)
    const refused = await world.call('DELETE', `/v1/api-keys/${id}`)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await refused.json()).toMatchObject({ code: 'storage_unavailable' })
    expect(await statusOf(world, key)).toBe(200)
    full = false
    expect((await world.call('DELETE', `/v1/api-keys/${id}`)).status).toBe(204)
    expect(await statusOf(world, key)).toBe(401)
  })
})
