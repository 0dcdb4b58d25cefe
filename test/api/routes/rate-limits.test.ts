import { describe, expect, it } from 'vitest'
import type { RateName } from '../../../api/env.ts'
import { PUBLIC_URL, ROOT_KEY } from '../harness.ts'
import { bearer, createKey } from '../keys.ts'
import { activeMailWorld, imapForm, passwordForm } from '../mail-world.ts'

/** Creates a world that allows this many calls of each kind, and records what it counted. */
async function meteredWorld(allowed = 2) {
  const counted: [RateName, string][] = []
  const world = await activeMailWorld({
    outside: {
      withinRate: async (name, key) => {
        counted.push([name, key])
        return counted.filter((one) => one.join() === [name, key].join()).length <= allowed
      },
    },
  })
  return { world, counted }
}

const from = (address: string, authorization = 'Bearer wrong') =>
  new Request(`${PUBLIC_URL}/v1/integrations`, {
    headers: { authorization, 'cf-connecting-ip': address },
  })

async function expectTooMany(response: Response): Promise<void> {
  expect(response.status).toBe(429)
  expect(response.headers.get('retry-after')).toBe('60')
  expect(await response.json()).toMatchObject({ code: 'rate_limited', status: 429 })
}

describe('failed authentication', () => {
  it('is counted by client address, while valid keys are not counted', async () => {
    const { world, counted } = await meteredWorld()
    expect((await world.send(from('192.0.2.1'))).status).toBe(401)
    expect((await world.send(from('192.0.2.1', `Bearer ${ROOT_KEY}`))).status).toBe(200)
    expect((await world.send(from('192.0.2.1'))).status).toBe(401)
    await expectTooMany(await world.send(from('192.0.2.1')))
    expect((await world.send(from('192.0.2.2'))).status).toBe(401)
    expect(new Set(counted.map(([name]) => name))).toEqual(new Set(['failed_authentication']))
  })

  it('is counted by /64 network for IPv6, since a client can use any address of it', async () => {
    const { world } = await meteredWorld()
    expect((await world.send(from('2001:db8:1:2:3:4:5:6'))).status).toBe(401)
    expect((await world.send(from('2001:db8:1:2::9'))).status).toBe(401)
    await expectTooMany(await world.send(from('2001:db8:1:2:ffff::1')))
    expect((await world.send(from('2001:db8:1:3::9'))).status).toBe(401)
  })

  it('includes invalid sessions and console sign-ins, but not calls without credentials', async () => {
    const { world, counted } = await meteredWorld(0)
    const read = (headers: Record<string, string>) =>
      world.send(new Request(`${PUBLIC_URL}/v1/integrations`, { headers }))
    expect((await read({})).status).toBe(401)
    const page = new Request(`${PUBLIC_URL}/console/session`, {
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    expect((await world.send(page)).status).toBe(401)
    expect(counted).toEqual([])
    const cookie = `__Host-mailgrant_session=${'A'.repeat(43)}`
    await expectTooMany(await read({ cookie, 'sec-fetch-site': 'same-origin' }))
    await expectTooMany(await world.call('POST', '/console/session', {}, bearer('wrong')))
    await expectTooMany(await read({ authorization: `Basic ${btoa('root:guess')}` }))
  })
})

describe('calls that put load on other services', () => {
  it('are counted by key: sign-in and consent links together, validations separately', async () => {
    const { world, counted } = await meteredWorld(3)
    const { id, key } = await createKey(world, { scopes: ['write'] })
    const call = (path: string, body: object) => world.call('POST', path, body, bearer(key))
    const authorization = { provider: 'microsoft', username: 'alice@contoso.test' }
    const consent = '/v1/integrations/microsoft/admin-consent'
    const grant = await world.grant('alice@contoso.test')
    const account = await world.save(imapForm(grant))
    const validate = `/v1/mail-accounts/${account.id}/validate`
    for (const [path, body] of [
      ['/v1/authorizations', authorization],
      ['/v1/authorizations', authorization],
      [consent, {}],
      ['/v1/validations', passwordForm()],
      ['/v1/validations', passwordForm()],
      [validate, {}],
    ] as const) {
      expect([path, (await call(path, body)).status]).toEqual([path, 201])
    }
    await expectTooMany(await call('/v1/authorizations', authorization))
    await expectTooMany(await call(consent, {}))
    await expectTooMany(await call('/v1/validations', passwordForm()))
    await expectTooMany(await call(validate, {}))
    expect(new Set(counted.map((one) => one.join()))).toEqual(
      new Set([`authorizations,${id}`, `validations,${id}`]),
    )
    expect((await world.call('POST', validate)).status).toBe(201)
  })

  it('are not counted when the scope is insufficient', async () => {
    const { world, counted } = await meteredWorld(0)
    const { key } = await createKey(world, { scopes: ['read'] })
    const response = await world.call('POST', '/v1/validations', passwordForm(), bearer(key))
    expect(response.status).toBe(403)
    expect(counted).toEqual([])
  })
})
