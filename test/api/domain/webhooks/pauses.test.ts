/** Pauses of an endpoint as a whole: as long as it asks for, and while it keeps failing. */
import { describe, expect, it } from 'vitest'
import { deliverAfterRequest, deliverWebhooks } from '../../../../api/domain/webhooks/deliver.ts'
import type { WebhookDelivery } from '../../../../schema/webhook.ts'
import type { World } from '../../harness.ts'
import {
  enqueue,
  HOOK,
  messagesOf,
  readWebhook,
  register,
  respond,
  worldWithMessages,
} from './webhook-world.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE

/** Returns the seconds until the pause ends, or null. */
async function pauseOf(world: World, id: string): Promise<number | null> {
  const { paused_until: end } = await readWebhook(world, id)
  return end === null ? null : (Date.parse(end) - world.clock.now.getTime()) / 1000
}

const accept = respond(204)
const fail = respond(500)
const timeOut = () => Promise.reject(new DOMException('too late', 'TimeoutError'))
const askForSilence = () => new Response(null, { status: 429, headers: { 'retry-after': '7200' } })

describe('Retry-After', () => {
  it('holds for all messages to the endpoint', async () => {
    const { world, id, receiver, deliver } = await worldWithMessages(30, askForSilence)
    // Two are sent at a time, so the second was sent before the first had failed.
    expect(await deliver()).toBe(2)
    expect(await pauseOf(world, id)).toBe(2 * HOUR)
    receiver.respond = accept
    world.advance(2 * HOUR - 1)
    await enqueue(world, id)
    expect(await deliver()).toBe(0)
    world.advance(1)
    // The two that were refused may wait a little longer, at random.
    expect(await deliver()).toBeGreaterThanOrEqual(29)
    expect(await pauseOf(world, id)).toBeNull()
  })

  it('delays even a test message', async () => {
    const { world, id, receiver, deliver } = await worldWithMessages(1, askForSilence)
    await deliver()
    receiver.respond = accept
    await world.call('POST', `/v1/webhooks/${id}/test`)
    expect(receiver.requests).toHaveLength(1)
    // By then the first message is due, too, whatever its random extension.
    world.advance(3 * HOUR)
    expect(await deliver()).toBe(2)
  })

  it('does not stop other endpoints', async () => {
    const { world, deliver } = await worldWithMessages(5, askForSilence)
    await deliver()
    await enqueue(world, await register(world, `${HOOK}/other`))
    expect(await deliver()).toBe(1)
  })

  it('ends within the run when it is short', async () => {
    const busy = { status: 429, headers: { 'retry-after': '3' } }
    const outside = { pause: async (ms: number) => world.advance(ms / 1000) }
    const { world, deliver } = await worldWithMessages(
      30,
      (request) => new Response(null, request === 5 ? busy : {}),
      { outside },
    )
    expect(await deliver()).toBe(30)
  })
})

describe('an endpoint that keeps failing', () => {
  it.each([
    ['with ten errors in a row', fail, 10],
    ['with four timeouts in a row', timeOut, 4],
  ])('is paused %s', async (_name, response, limit) => {
    const { world, id, deliver } = await worldWithMessages(40, response)
    const requests = await deliver()
    expect(requests).toBeGreaterThanOrEqual(limit)
    expect(requests).toBeLessThanOrEqual(limit + 1)
    expect(await pauseOf(world, id)).toBe(MINUTE)
    expect(await deliver()).toBe(0)
  })

  it('is asked once after each pause, at most every ten minutes', async () => {
    const { world, id, deliver } = await worldWithMessages(40, fail)
    await deliver()
    const pauses: (number | null)[] = []
    for (let count = 0; count < 6; count += 1) {
      const pause = await pauseOf(world, id)
      pauses.push(pause)
      world.advance(pause ?? 0)
      expect(await deliver()).toBe(1)
    }
    expect(pauses).toEqual([1, 1, 2, 4, 8, 10].map((minutes) => minutes * MINUTE))
  })

  it('gets everything that waits as soon as it accepts a message', async () => {
    const { world, id, receiver, deliver } = await worldWithMessages(40, fail)
    const failed = await deliver()
    receiver.respond = accept
    world.advance(MINUTE)
    expect(await deliver()).toBeGreaterThanOrEqual(40 - failed)
    expect(await readWebhook(world, id)).toMatchObject({ paused_until: null })
    world.advance(MINUTE)
    await deliver()
    const states = (await messagesOf(world, id)).map(({ status }) => status)
    expect(states).toEqual(Array.from({ length: 40 }, () => 'delivered'))
  })

  it('gets a test message at once, before those that wait', async () => {
    const { world, id, receiver, deliver } = await worldWithMessages(40, fail)
    await deliver()
    receiver.respond = accept
    receiver.requests.length = 0
    const sent = await world.call('POST', `/v1/webhooks/${id}/test`)
    const { id: message } = await sent.json<WebhookDelivery>()
    expect(receiver.requests).toEqual([message])
    expect(await pauseOf(world, id)).toBeNull()
  })

  it('gets a redelivery at once', async () => {
    const { world, id, receiver, deliver } = await worldWithMessages(40, fail)
    await deliver()
    receiver.requests.length = 0
    const [message] = (await messagesOf(world, id)).filter(({ attempts }) => attempts === 0)
    await world.call('POST', `/v1/webhooks/${id}/deliveries/${message?.id}/redeliver`)
    expect(receiver.requests).toEqual([message?.id])
    expect(await pauseOf(world, id)).toBe(MINUTE)
  })

  it('is no longer paused when its URL changes, unlike after another change', async () => {
    const { world, id, receiver, deliver } = await worldWithMessages(40, fail)
    await deliver()
    receiver.respond = accept
    await world.call('PUT', `/v1/webhooks/${id}`, { url: HOOK, description: 'Help desk' })
    expect(await deliver()).toBe(0)
    await world.call('PUT', `/v1/webhooks/${id}`, { url: `${HOOK}/new` })
    expect(await pauseOf(world, id)).toBeNull()
    expect(await deliver()).toBeGreaterThan(20)
  })

  it('loses the messages that waited for three days', async () => {
    const { world, id, deliver } = await worldWithMessages(40, fail)
    await deliver()
    world.advance(71 * HOUR)
    await deliver()
    const pending = async () =>
      (await messagesOf(world, id)).filter(({ status }) => status === 'pending')
    expect(await pending()).toHaveLength(40)
    const late = await enqueue(world, id)
    world.advance(1.5 * HOUR)
    await deliver()
    const left = await pending()
    expect(left.map((message) => message.id)).toContain(late)
    expect(left.length).toBeLessThan(15)
    const given = (await messagesOf(world, id)).find(({ status }) => status === 'failed')
    expect(given?.last_error).toBe('Given up: the endpoint has been failing for three days.')
  })
})

it('runs that overlap send each message once, and one after a request leaves a busy endpoint alone', async () => {
  const [sent, finish] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const { world, receiver } = await worldWithMessages(20, async () => {
    // A run sends two at a time.
    if (receiver.requests.length === 2) sent.resolve()
    await finish.promise
    return accept()
  })
  const run = deliverWebhooks(world.services)
  await sent.promise
  await deliverAfterRequest(world.services)
  expect(receiver.requests).toHaveLength(2)
  const next = deliverWebhooks(world.services)
  finish.resolve()
  await Promise.all([run, next])
  expect(receiver.requests).toHaveLength(20)
  expect(new Set(receiver.requests).size).toBe(20)
})
