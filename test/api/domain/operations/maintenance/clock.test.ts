/** Times that were stored while the clock was a day ahead must not delay a caller for a day once it is put back. */
import { describe, expect, it } from 'vitest'
import {
  issued,
  type Kind,
  kinds,
  NEW_TOKEN,
  outage,
  refused,
  worldOf,
} from '../../tokens/both-kinds.ts'
import { respond, worldWithMessages } from '../../webhooks/webhook-world.ts'
import { DAY } from './run.ts'

const MINUTE = 60

/** Does something while the clock is a day ahead, and puts it back ten minutes later. */
async function whileAhead(
  world: { clock: { now: Date }; advance: (seconds: number) => void },
  work: () => Promise<unknown>,
) {
  const { now } = world.clock
  world.advance(DAY)
  await work()
  world.clock.now = now
  world.advance(10 * MINUTE)
}

describe.each(
  kinds.flatMap((kind): [Kind, string, typeof outage][] => [
    [kind, 'cooling_down', outage],
    [kind, 'blocked', refused('invalid_grant', kind === 'delegated' ? 53003 : 7000112)],
  ]),
)('after the clock was put back, a token (%s) that is %s', (kind, state, failure) => {
  async function failedAhead() {
    const token = await worldOf(kind)
    const { response, issue, row, world } = token
    world.advance(DAY)
    response.is = failure
    await whileAhead(world, issue)
    expect(await row()).toMatchObject({ state })
    response.is = issued
    return token
  }

  it('is issued to a caller at once', async () => {
    const { issue } = await failedAhead()
    expect(await issue()).toBe(NEW_TOKEN)
  })
})

describe('after the clock was put back', () => {
  it('a token that a mail server refused is replaced, and a grant asked for out of turn', async () => {
    const { response, id, issue, row, world } = await worldOf('delegated')
    response.is = issued
    await whileAhead(world, issue)
    const expiry = new Date(Number((await row()).access_token_expires_at))
    response.asked = 0
    expect(await issue(expiry)).toBe(NEW_TOKEN)
    expect(response.asked).toBe(1)
    await whileAhead(world, issue)
    expect((await world.call('POST', `/v1/grants/${id}/retry`)).status).toBe(200)
  })

  it('messages that a run had leased are sent by another one', async () => {
    const { world, id, deliver } = await worldWithMessages(2, respond(204))
    const { deliveries } = world.services.store
    await whileAhead(world, () => deliveries.lease(id, 2, world.services.now()))
    expect(await deliver()).toBe(2)
  })
})
