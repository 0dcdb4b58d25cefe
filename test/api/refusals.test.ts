import { expect, it } from 'vitest'
import { createWorld, type World } from './harness.ts'
import { bearer, createKey } from './keys.ts'

type Listed = { data: { actor: { id: string }; data: Record<string, unknown> }[] }

async function refusalsOf(world: World) {
  const { data } = await world.get<Listed>('/v1/events?type=access.refused')
  return data.map((event) => ({ by: event.actor.id, ...event.data }))
}

/** Creates a world with a key that may only fetch tokens, and a function that returns the status of a GET. */
async function workerWorld() {
  const world = await createWorld()
  const { id, key } = await createKey(world, { scopes: ['tokens'] })
  const read = async (path: string, presented = key) =>
    (await world.call('GET', path, undefined, bearer(presented))).status
  return { world, id, key, read }
}

it('records a call that exceeds the scopes of a key, once an hour per route', async () => {
  const { world, id, read } = await workerWorld()
  for (let times = 0; times < 3; times += 1) {
    expect(await read('/v1/grants')).toBe(403)
  }
  await read('/v1/events')
  const refused = { by: id, method: 'GET', code: 'insufficient_scope' }
  const [events, grants] = [
    { ...refused, route: '/v1/events' },
    { ...refused, route: '/v1/grants' },
  ]
  expect(await refusalsOf(world)).toHaveLength(2)
  expect(await refusalsOf(world)).toEqual(expect.arrayContaining([events, grants]))
  world.advance(3600)
  await read('/v1/grants')
  expect(await refusalsOf(world)).toHaveLength(3)
})

it('reports the route that responded, of two that match the path', async () => {
  const { world, id, read } = await workerWorld()
  await read('/v1/mail-accounts/summary')
  expect(await refusalsOf(world)).toEqual([
    { by: id, method: 'GET', route: '/v1/mail-accounts/summary', code: 'insufficient_scope' },
  ])
  await read('/v1/mail-accounts/ma_1')
  expect(await refusalsOf(world)).toEqual(
    expect.arrayContaining([expect.objectContaining({ route: '/v1/mail-accounts/:id' })]),
  )
})

it('records the use of a revoked key, but not of an unknown one', async () => {
  const { world, id, key, read } = await workerWorld()
  await world.call('DELETE', `/v1/api-keys/${id}`)
  const wrong = key.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  for (const presented of [key, wrong, 'mg_unknown', '']) {
    expect(await read('/v1/grants', presented)).toBe(401)
  }
  expect(await refusalsOf(world)).toEqual([
    { by: id, method: 'GET', route: '/v1/grants', code: 'unauthorized' },
  ])
  expect(await world.dump()).not.toContain(key)
})
