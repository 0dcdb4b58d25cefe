import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { document } from '../../../api/openapi/document.ts'
import { openKeySession } from '../console-sign-in.ts'
import { createWorld, PUBLIC_URL, problemOf, ROOT_KEY } from '../harness.ts'
import { bearer, createKey } from '../keys.ts'
import { operationsOf } from '../openapi-reading.ts'
import { createTripWorld, operations, requestOf } from '../trip-requests.ts'

describe('the guard', () => {
  it('lets no handler run for a key that was revoked after its last request', async () => {
    const shared = await createTripWorld()
    const guarded = operationsOf(document(shared.app)).filter(
      ({ operation }) => 'x-required-scope' in operation,
    )
    expect(guarded.length).toBeGreaterThan(50)
    for (const { operation } of guarded) {
      const name = operation.operationId ?? ''
      const world = { ...shared, admin: await createKey(shared, { scopes: ['admin'] }) }
      const prepared = await operations[name]?.(world)
      if (!prepared) throw new Error(`There is no request for ${name}`)
      const first = requestOf(world, ['GET', '/v1/integrations'])
      expect((await world.send(first)).status).toBe(200)
      await world.call('DELETE', `/v1/api-keys/${world.admin.id}`)
      const probes = world.probes.length

      const { response, trips } = await world.far.send(world.app, requestOf(world, prepared))

      expect([name, response.status]).toEqual([name, 401])
      expect(await response.json()).toMatchObject({ code: 'unauthorized' })
      const statements = trips.flatMap(({ sql }) => sql)
      expect([name, statements]).toEqual([
        name,
        [expect.stringMatching(/^select .*\bapi_keys\b/is)],
      ])
      expect(world.probes).toHaveLength(probes)
    }
  })

  it('accepts a key only in the Authorization header', async () => {
    const world = await createWorld()
    const request = new Request(
      `http://localhost:8787/v1/integrations?key=${ROOT_KEY}&access_token=${ROOT_KEY}`,
    )
    expect((await world.send(request)).status).toBe(401)
  })

  it('asks for an API key, without mentioning sessions, if a request has neither', async () => {
    const world = await createWorld()
    const problem = await problemOf(world.send(new Request(`${PUBLIC_URL}/v1/integrations`)))
    expect(problem).toMatchObject({
      status: 401,
      detail:
        'This request has no Authorization header. Send a valid API key as "Authorization: Bearer ...".',
    })
  })

  it('says what is wrong with the header, but not whether a key exists', async () => {
    const world = await createWorld()
    const { key } = await createKey(world)
    const detailOf = async (authorization: string) => {
      const response = await world.call('GET', '/v1/integrations', undefined, { authorization })
      expect(response.status).toBe(401)
      return (await response.json<{ detail: string }>()).detail
    }
    for (const header of [key, `Basic ${btoa(`${key}:`)}`, 'Bearer', `Bearer ${key} ${key}`]) {
      expect(await detailOf(header)).toBe(
        'The Authorization header must be "Bearer", a space and an API key, without quotes.',
      )
    }
    for (const wrong of ['undefined', `"${key}"`, 'mg_...', key.slice(0, -4)]) {
      expect(await detailOf(`Bearer ${wrong}`)).toBe(
        'This API key is unknown, expired or revoked. Send a valid API key as "Authorization: Bearer ...".',
      )
    }
  })

  it('records the use of a key after the response, in work that the runtime waits for', async () => {
    const world = await createWorld()
    const { key } = await createKey(world)
    const context = createExecutionContext()
    const waitUntil = vi.spyOn(context, 'waitUntil')
    const request = new Request(`${PUBLIC_URL}/v1/integrations`, { headers: bearer(key) })
    expect((await world.app.fetch(request, env, context)).status).toBe(200)
    expect(waitUntil).toHaveBeenCalledTimes(1)
    await waitOnExecutionContext(context)
  })

  it('sends no CORS headers below /v1', async () => {
    const world = await createWorld()
    const response = await world.call('GET', '/v1/integrations', undefined, {
      origin: 'https://helpdesk.test',
    })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('forbids caching, even of responses to a session without an Authorization header', async () => {
    const world = await createWorld()
    const headers = await openKeySession(world)
    for (const path of ['/v1/integrations', '/v1/mail-accounts', '/v1/grants', '/v1/nothing']) {
      const response = await world.send(new Request(`http://localhost:8787${path}`, { headers }))
      expect([path, response.headers.get('cache-control')]).toEqual([path, 'no-store'])
    }
  })
})
