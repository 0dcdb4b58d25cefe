import { describe, expect, it } from 'vitest'
import { createWorld, PUBLIC_URL, type World } from '../harness.ts'
import { bearer, createKey } from '../keys.ts'
import { accountWorld } from '../saved-account.ts'

const ROUTE = '/v1/mail-accounts/:id/access-token'

/** Returns the lines about tokens, without what differs from run to run. */
const tokenLines = ({ lines }: World) =>
  lines
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter(({ route }) => route === ROUTE)
    .map(({ event, status, count }) => ({ event, status, ...(count !== undefined && { count }) }))

const stored = (count: number) => ({ event: 'stored_tokens', status: 200, count })

describe('the access log', () => {
  it('counts stored tokens in a line every ten seconds', async () => {
    const { world, path } = await accountWorld()
    for (let second = 0; second <= 20; second += 1) {
      await world.call('POST', path)
      world.advance(1)
    }
    expect(tokenLines(world)).toEqual([stored(1), stored(10), stored(10)])
  })

  it('has the id of the key, and the address of a client whose authentication was refused', async () => {
    const world = await createWorld()
    const key = await createKey(world, { scopes: ['read'] })
    const fields = async (headers: Record<string, string>, path = '/v1/grants') => {
      await world.send(new Request(PUBLIC_URL + path, { headers }))
      const { key, client } = JSON.parse(world.lines.at(-1) ?? '')
      return JSON.parse(JSON.stringify({ key, client }))
    }
    const client = '192.0.2.1'
    expect(await fields(bearer(key.key))).toEqual({ key: key.id })
    expect(await fields(bearer(key.key), '/v1/api-keys')).toEqual({ key: key.id })
    expect(await fields({})).toEqual({ client })
    expect(await fields(bearer('mg_key_wrong'))).toEqual({ client })
    await world.call('DELETE', `/v1/api-keys/${key.id}`)
    expect(await fields(bearer(key.key))).toEqual({ key: key.id, client })
    expect(await fields({}, '/healthz')).toEqual({})
  })

  it('lists every refresh and every refusal, however many there are', async () => {
    const { world, path } = await accountWorld()
    await world.call('POST', path)
    world.advance(86_400)
    await world.call('POST', path)
    await world.call('POST', path, { rejected_expires_at: 'yesterday' })
    world.entra.control.revoke('alice@contoso.test')
    world.advance(86_400)
    await world.call('POST', path)
    await world.call('POST', path)
    const refused = { event: 'request', status: 409 }
    expect(tokenLines(world)).toEqual([
      stored(1),
      { event: 'request', status: 200 },
      { event: 'request', status: 422 },
      refused,
      refused,
    ])
  })
})
