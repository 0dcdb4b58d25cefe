import { expect, it } from 'vitest'
import { handOut } from '../../../../api/domain/tokens/hand-out.ts'
import { createWorld } from '../../harness.ts'
import { savedAccount } from '../../saved-account.ts'

it('hands out a token, and fails nothing behind it, though its use cannot be noted', async () => {
  const world = await createWorld()
  const { id } = await savedAccount(world)
  const { store } = world.services
  const noteUse = () => Promise.reject(new Error('D1_ERROR'))
  const services = {
    ...world.services,
    store: { ...store, handOuts: { ...store.handOuts, noteUse } },
  }
  const deferred: Promise<unknown>[] = []
  const call = {
    actor: { type: 'key' as const, id: 'root' },
    defer: (work: Promise<unknown>) => void deferred.push(work),
  }
  const token = await handOut(services, call, id, undefined)
  expect(token).toMatchObject({ ok: true })
  expect(deferred).toHaveLength(1)
  await expect(deferred[0]).resolves.toBeUndefined()
})
