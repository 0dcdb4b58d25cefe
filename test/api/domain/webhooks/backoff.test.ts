/** Retries of undelivered messages, and failures that do not count as attempts. */
import { describe, expect, it } from 'vitest'
import { deliverWebhooks } from '../../../../api/domain/webhooks/deliver.ts'
import { flakyDatabase } from '../../flaky-database.ts'
import type { World } from '../../harness.ts'
import { sealWithLostKey } from '../../rotation.ts'
import { rows } from '../../sql.ts'
import { HOOK, messagesOf, respond, worldWithMessages } from './webhook-world.ts'

const MINUTE = 60
const DAY = 86_400

/** Returns the seconds until the next attempt. */
async function pauseOf(world: World, id: string): Promise<number> {
  const next = (await messagesOf(world, id))[0]?.next_attempt_at
  return (Date.parse(next ?? '') - world.clock.now.getTime()) / 1000
}

const busy = (retryAfter: string) => () =>
  new Response(null, { status: 503, headers: { 'retry-after': retryAfter } })

describe('an undelivered message', () => {
  it.each([
    ['7200', 7200],
    ['Tue, 24 Nov 2026 11:00:00 GMT', 7200],
    ['1', MINUTE],
    ['9999999', DAY],
    ['soon', MINUTE],
  ])(
    'is retried after the time that the receiver requests, between a minute and a day: %s',
    async (retryAfter, seconds) => {
      const { world, id } = await worldWithMessages(1, busy(retryAfter))
      await deliverWebhooks(world.services)
      const pause = await pauseOf(world, id)
      expect(pause).toBeGreaterThanOrEqual(seconds)
      expect(pause).toBeLessThanOrEqual(seconds * 1.1)
    },
  )

  it('is not retried at the same moment as all others', async () => {
    const { world, id } = await worldWithMessages(6, respond(500))
    await deliverWebhooks(world.services)
    const messages = await messagesOf(world, id)
    expect(new Set(messages.map((one) => one.next_attempt_at)).size).toBeGreaterThan(1)
  })
})

describe('an internal error', () => {
  it('does not count as an attempt of the receiver when a key is missing', async () => {
    const { world, id, receiver } = await worldWithMessages(1, respond(204))
    await sealWithLostKey('webhooks', 'secret', id)
    for (let hours = 0; hours < 100; hours += 4) {
      await deliverWebhooks(world.services)
      world.advance(4 * 3600)
    }
    expect(receiver.requests).toEqual([])
    expect(await messagesOf(world, id)).toMatchObject([
      {
        status: 'pending',
        attempts: 0,
        last_attempt_at: null,
        last_error: expect.stringContaining('is missing'),
      },
    ])
  })

  it('does not count as an attempt when the database fails', async () => {
    const { world, id, receiver } = await worldWithMessages(1, respond(204))
    const { webhooks } = world.services.store
    const { secretsOf } = webhooks
    webhooks.secretsOf = () => Promise.reject(new Error('D1_ERROR: Network connection lost.'))
    await deliverWebhooks(world.services)
    webhooks.secretsOf = secretsOf
    const [message] = await messagesOf(world, id)
    expect(message).toMatchObject({ status: 'pending', attempts: 0 })
    expect(message?.last_error).not.toContain('reached')
    world.advance(10 * MINUTE)
    await deliverWebhooks(world.services)
    expect(receiver.requests).toHaveLength(1)
    expect(await messagesOf(world, id)).toMatchObject([{ status: 'delivered', last_error: null }])
  })
})

describe('the outcome of a message', () => {
  it.each(['rejectBatches', 'loseResponses'] as const)(
    'is stored once although the database fails twice (%s)',
    async (fault) => {
      const { db, faults } = flakyDatabase()
      const { world, receiver } = await worldWithMessages(
        1,
        (count) => new Response(null, { status: count === 1 ? 500 : 204 }),
        { db, outside: { pause: async () => {} } },
      )
      faults[fault] = 2
      await deliverWebhooks(world.services)
      expect(faults[fault]).toBe(0)
      world.advance(3 * MINUTE)
      await deliverWebhooks(world.services)
      world.advance(3 * MINUTE)
      await deliverWebhooks(world.services)
      expect(receiver.requests).toHaveLength(2)
      const results = await rows('SELECT state, attempts FROM webhook_deliveries')
      expect(results).toEqual([{ state: 'delivered', attempts: 2 }])
    },
  )

  it('is not the fault of the receiver when the invocation may send no more', async () => {
    const { world, receiver } = await worldWithMessages(10, (count) => {
      if (count === 2) throw new Error('Too many subrequests.')
      return new Response(null, { status: 204 })
    })
    await deliverWebhooks(world.services)
    world.advance(6 * MINUTE)
    await deliverWebhooks(world.services)
    expect(receiver.requests).toHaveLength(11)
    const results = await rows('SELECT DISTINCT state, attempts FROM webhook_deliveries')
    expect(results).toEqual([{ state: 'delivered', attempts: 1 }])
  })
})

it('gives up a message whose signing secret is damaged, because retrying cannot help', async () => {
  const { world, id, receiver } = await worldWithMessages(1, respond(204))
  await rows(
    "UPDATE webhooks SET secret_sealed = substr(secret_sealed, 1, length(secret_sealed) - 4) || 'AAAA'",
  )
  await deliverWebhooks(world.services)
  expect(receiver.requests).toEqual([])
  expect(await messagesOf(world, id)).toMatchObject([
    {
      status: 'failed',
      attempts: 0,
      next_attempt_at: null,
      last_error: expect.stringContaining('Add the webhook again'),
    },
  ])
})

describe('a disabled webhook', () => {
  const disable = (world: World, id: string) =>
    world.call('PUT', `/v1/webhooks/${id}`, { url: HOOK, enabled: false })

  it('receives no more retries, but messages can be redelivered manually', async () => {
    const { world, id, receiver } = await worldWithMessages(1, (count) =>
      Response.json(null, { status: count === 1 ? 500 : 200 }),
    )
    await deliverWebhooks(world.services)
    expect((await disable(world, id)).status).toBe(200)
    world.advance(DAY)
    await deliverWebhooks(world.services)
    expect(receiver.requests).toHaveLength(1)
    const [message] = await messagesOf(world, id)
    expect(message).toMatchObject({
      status: 'failed',
      attempts: 1,
      last_error: expect.stringContaining('switched off'),
    })
    await world.call('POST', `/v1/webhooks/${id}/deliveries/${message?.id}/redeliver`)
    expect(receiver.requests).toHaveLength(2)
    expect(await messagesOf(world, id)).toMatchObject([{ status: 'delivered' }])
  })

  it('receives no retry of a message that was in flight when it was disabled', async () => {
    const [sent, changed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const { world, id, receiver } = await worldWithMessages(1, async () => {
      sent.resolve()
      await changed.promise
      return new Response(null, { status: 500 })
    })
    const run = deliverWebhooks(world.services)
    await sent.promise
    await disable(world, id)
    changed.resolve()
    await run
    world.advance(DAY)
    await deliverWebhooks(world.services)
    expect(receiver.requests).toHaveLength(1)
    expect(await messagesOf(world, id)).toMatchObject([{ status: 'failed', next_attempt_at: null }])
  })

  it('keeps its pending messages when the change fails on a version conflict', async () => {
    const { world, id } = await worldWithMessages(1, respond(500))
    await deliverWebhooks(world.services)
    const body = { url: HOOK, enabled: false }
    const stale = { 'if-match': '"9"' }
    expect((await world.call('PUT', `/v1/webhooks/${id}`, body, stale)).status).toBe(412)
    expect(await messagesOf(world, id)).toMatchObject([{ status: 'pending' }])
  })
})
