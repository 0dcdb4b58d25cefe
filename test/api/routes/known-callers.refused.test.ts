import { expect, it } from 'vitest'
import { createApp } from '../../../api/app.ts'
import { document } from '../../../api/openapi/document.ts'
import { PUBLIC_URL } from '../harness.ts'
import { bearer, createKey } from '../keys.ts'
import { operationsOf } from '../openapi-reading.ts'
import { createTripWorld, operations, requestOf, type TripWorld } from '../trip-requests.ts'

/** Turns of the event loop in which a handler does all that it can do without its caller. */
const TURNS = 40

/** Lets the check of a key be the last to answer. */
function delayKeys({ services }: TripWorld) {
  const { apiKeys } = services.store
  const { read } = apiKeys
  apiKeys.read = async (id) => {
    for (let turn = 0; turn < TURNS; turn += 1) await new Promise((end) => setTimeout(end, 0))
    return read(id)
  }
}

/** Notes what is asked of Entra. */
function watchEntra({ services }: TripWorld) {
  const asked: string[] = []
  services.entra = new Proxy(services.entra, {
    get(target, name) {
      asked.push(String(name))
      return Reflect.get(target, name) as unknown
    },
  })
  return asked
}

/** Returns all that is stored but the trail, which it empties into `events`. */
async function storedIn({ db, dump }: TripWorld) {
  const { results } = await db.prepare('SELECT type FROM events').all<{ type: string }>()
  await db.prepare('DELETE FROM events').run()
  return { events: results.map(({ type }) => type), rows: await dump() }
}

it('a known key that was revoked does and learns nothing by any operation, however late its check answers', {
  timeout: 120_000,
}, async () => {
  const shared = await createTripWorld()
  const asked = watchEntra(shared)
  delayKeys(shared)
  const guarded = operationsOf(document(shared.app)).filter(
    ({ operation }) => 'x-required-scope' in operation,
  )
  expect(guarded.length).toBeGreaterThan(50)
  for (const { operation } of guarded) {
    const name = operation.operationId ?? ''
    const world = { ...shared, admin: await createKey(shared, { scopes: ['admin'] }) }
    const prepared = await operations[name]?.(world)
    if (!prepared) throw new Error(`There is no request for ${name}`)
    const request = requestOf(world, prepared)
    const isolate = createApp(world.services)
    const known = new Request(`${PUBLIC_URL}/v1/diagnoses/causes`, {
      headers: bearer(world.admin.key),
    })
    expect((await world.far.send(isolate, known)).response.status).toBe(200)
    await world.call('DELETE', `/v1/api-keys/${world.admin.id}`)
    // Without an id, showing the settings to a confirmed caller would store one.
    await world.db.prepare('UPDATE integrations SET deployment_id = NULL').run()
    const before = await storedIn(world)
    const probes = world.probes.length
    asked.length = 0

    const { response, trips } = await world.far.send(isolate, request)

    expect([name, response.status]).toEqual([name, 401])
    expect([name, [...response.headers.keys()].toSorted()]).toEqual([
      name,
      [
        'cache-control',
        'content-type',
        'referrer-policy',
        'strict-transport-security',
        'www-authenticate',
        'x-content-type-options',
        'x-request-id',
      ],
    ])
    expect(await response.json()).toMatchObject({
      code: 'unauthorized',
      detail:
        'This API key is unknown, expired or revoked. Send a valid API key as "Authorization: Bearer ...".',
    })
    const writes = trips.flatMap(({ sql }) => sql).filter((sql) => !/^\s*select/i.test(sql))
    expect([name, writes, asked]).toEqual([name, [], []])
    expect(world.probes).toHaveLength(probes)
    const after = await storedIn(world)
    expect([name, after.events]).toEqual([name, ['access.refused']])
    expect([name, after.rows]).toEqual([name, before.rows])
  }
})
