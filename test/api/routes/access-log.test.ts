import { describe, expect, it } from 'vitest'
import type { World } from '../harness.ts'
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
