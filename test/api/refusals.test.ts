import { expect, it } from 'vitest'
import { createWorld, type World } from './harness.ts'

type Listed = { data: { type: string; actor: { id: string }; data: Record<string, unknown> }[] }

async function refusalsOf(world: World) {
  const response = await world.call('GET', '/v1/events?type=access.refused')
  return ((await response.json()) as Listed).data.map(({ actor, data }) => ({
    by: actor.id,
    ...data,
  }))
}

async function makeKey(world: World) {
  const response = await world.call('POST', '/v1/api-keys', { name: 'worker', scopes: ['tokens'] })
  return (await response.json()) as { id: string; key: string }
}

it('records a call that exceeds the scopes of a key, once an hour per route', async () => {
  const world = await createWorld()
  const { id, key } = await makeKey(world)
  const bearer = { authorization: `Bearer ${key}` }
  for (let times = 0; times < 3; times += 1) {
    expect((await world.call('GET', '/v1/grants', undefined, bearer)).status).toBe(403)
  }
  await world.call('GET', '/v1/events', undefined, bearer)
  const refused = { by: id, method: 'GET', code: 'insufficient_scope' }
  const [events, grants] = [
    { ...refused, route: '/v1/events' },
    { ...refused, route: '/v1/grants' },
  ]
  expect(await refusalsOf(world)).toHaveLength(2)
  expect(await refusalsOf(world)).toEqual(expect.arrayContaining([events, grants]))
  world.advance(3600)
  await world.call('GET', '/v1/grants', undefined, bearer)
  expect(await refusalsOf(world)).toHaveLength(3)
})

it('names the route that answered, of two that match the path', async () => {
  const world = await createWorld()
  const { id, key } = await makeKey(world)
  const bearer = { authorization: `Bearer ${key}` }
  await world.call('GET', '/v1/mail-accounts/summary', undefined, bearer)
  expect(await refusalsOf(world)).toEqual([
    { by: id, method: 'GET', route: '/v1/mail-accounts/summary', code: 'insufficient_scope' },
  ])
  await world.call('GET', '/v1/mail-accounts/ma_1', undefined, bearer)
  expect(await refusalsOf(world)).toEqual(
    expect.arrayContaining([expect.objectContaining({ route: '/v1/mail-accounts/:id' })]),
  )
})

it('records the use of a revoked key, but not of an unknown one', async () => {
  const world = await createWorld()
  const { id, key } = await makeKey(world)
  await world.call('DELETE', `/v1/api-keys/${id}`)
  const wrong = key.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  for (const presented of [key, wrong, 'mg_unknown', '']) {
    const bearer = { authorization: `Bearer ${presented}` }
    expect((await world.call('GET', '/v1/grants', undefined, bearer)).status).toBe(401)
  }
  expect(await refusalsOf(world)).toEqual([
    { by: id, method: 'GET', route: '/v1/grants', code: 'unauthorized' },
  ])
  expect(await world.dump()).not.toContain(key)
})
