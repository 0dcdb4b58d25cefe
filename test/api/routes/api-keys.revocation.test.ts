import { describe, expect, it } from 'vitest'
import { StorageError } from '../../../api/model/storage.ts'
import { createWorld, type World } from '../harness.ts'
import { callerOf, createKey } from '../keys.ts'

const statusOf = async (world: World, key: string) =>
  (await callerOf(world, key)('GET', '/v1/integrations')).status

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
