import { Webhook as Verifier } from 'standardwebhooks'
import { describe, expect, it, vi } from 'vitest'
import { deliverWebhooks } from '../../../api/domain/webhooks/deliver.ts'
import type { SignedWebhook } from '../../../schema/webhook.ts'
import { messagesOf } from '../domain/webhooks/webhook-world.ts'
import { createWorld, type World } from '../harness.ts'
import { savedAccount } from '../saved-account.ts'

const URL_ = 'https://helpdesk.example.com/hooks'

type Message = { headers: Record<string, string>; body: string; redirect: string | undefined }

/** Creates a world with a receiver that responds with `responses` in turn, then with 204. */
async function withReceiver(responses: (number | Error)[] = []) {
  const received: Message[] = []
  const world = await createWorld({
    externalFetch: async (input, init) => {
      const request = new Request(input, init)
      if (request.url !== URL_) throw new TypeError('the network is off')
      const response = responses.shift() ?? 204
      received.push({
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
        redirect: init?.redirect,
      })
      if (response instanceof Error) throw response
      const headers = response === 302 ? { location: 'http://10.0.0.1/' } : {}
      return new Response(null, { status: response, headers })
    },
  })
  return { world, received }
}

async function register(world: World, body: Record<string, unknown> = {}) {
  const response = await world.call('POST', '/v1/webhooks', { url: URL_, ...body })
  expect(response.status).toBe(201)
  expect(response.headers.get('cache-control')).toBe('no-store')
  return (await response.json()) as SignedWebhook
}

/** Creates a world of `withReceiver` with a webhook for all events. */
async function withWebhook(responses?: (number | Error)[]) {
  const { world, received } = await withReceiver(responses)
  return { world, received, ...(await register(world)) }
}

/** Causes an event that webhooks receive: Alice's consent turns out to be revoked. */
async function revoke(world: World) {
  const account = await savedAccount(world)
  world.entra.control.revoke('alice@contoso.test')
  world.advance(2 * 3600)
  expect((await world.call('POST', account.path, {})).status).toBe(409)
  return account
}

/** Verifies a message at the time it was sent, since the verifier reads the system clock. */
function verify({ headers, body }: Message, secret: string) {
  vi.setSystemTime(Number(headers['webhook-timestamp']) * 1000)
  try {
    return new Verifier(secret).verify(body, headers)
  } finally {
    vi.useRealTimers()
  }
}

describe('a webhook', () => {
  it('receives a state change once, with a signature that the reference verifier accepts', async () => {
    const { world, received, secret } = await withWebhook()
    const { id, grant } = await revoke(world)
    expect(received).toHaveLength(1)
    const [message] = received as [Message]
    expect(message.redirect).toBe('manual')
    expect(verify(message, secret)).toMatchObject({
      type: 'grant.reconnect_required',
      timestamp: expect.stringMatching(/^2026-11-24T11:00:00\.000Z$/),
      data: { subject: grant, mail_accounts: [id] },
    })
    await world.call('POST', `/v1/mail-accounts/${id}/access-token`, {})
    await deliverWebhooks(world.services)
    expect(received).toHaveLength(1)
  })

  it('receives no event that it did not subscribe to, and none while disabled', async () => {
    const { world, received } = await withReceiver()
    await register(world, { events: ['grant.recovered'] })
    await register(world, { enabled: false })
    await revoke(world)
    expect(received).toEqual([])
  })

  it('receives retries after 1, 5 and 30 minutes, all with the same id', async () => {
    const { world, received, id } = await withWebhook([500, 302, new TypeError('refused')])
    await revoke(world)
    const errors: (string | null | undefined)[] = []
    for (const minutes of [0, 1, 5, 30]) {
      world.advance(minutes * 60 - 1)
      await deliverWebhooks(world.services)
      world.advance(1 + minutes * 6)
      await deliverWebhooks(world.services)
      errors.push((await messagesOf(world, id))[0]?.last_error)
    }
    expect(errors).toEqual([
      expect.stringContaining('500'),
      expect.stringContaining('redirect'),
      'The receiver could not be reached.',
      null,
    ])
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(received).toHaveLength(4)
    expect(await messagesOf(world, id)).toMatchObject([
      { status: 'delivered', attempts: 4, next_attempt_at: null },
    ])
  })

  it('receives no retries after three days, but can be sent the message again', async () => {
    const responses = Array.from({ length: 13 }, () => 503)
    const { world, received, id } = await withWebhook(responses)
    await revoke(world)
    for (let hours = 0; hours < 90; hours += 1) {
      world.advance(3600)
      await deliverWebhooks(world.services)
    }
    const [delivery] = await messagesOf(world, id)
    expect(delivery).toMatchObject({ status: 'failed', attempts: 13, last_status: 503 })
    const path = `/v1/webhooks/${id}/deliveries/${delivery?.id}/redeliver`
    expect((await world.call('POST', path)).status).toBe(202)
    expect(received).toHaveLength(14)
    expect((await messagesOf(world, id))[0]).toMatchObject({ status: 'delivered', attempts: 1 })
  })

  it('receives two signatures for a day after its secret was rotated', async () => {
    const { world, received, id, secret: before } = await withWebhook()
    const rotated = await world.call('POST', `/v1/webhooks/${id}/rotate-secret`)
    const { secret: next } = (await rotated.json()) as SignedWebhook
    expect(next).not.toBe(before)
    await world.call('POST', `/v1/webhooks/${id}/test`)
    for (const secret of [before, next]) {
      expect(verify(received[0] as Message, secret)).toMatchObject({ type: 'webhook.test' })
    }
    world.advance(25 * 3600)
    await world.call('POST', `/v1/webhooks/${id}/test`)
    expect(received[1]?.headers['webhook-signature']?.split(' ')).toHaveLength(1)
    verify(received[1] as Message, next)
  })

  it('can be replaced, and is deleted together with its deliveries', async () => {
    const { world, id } = await withWebhook()
    await world.call('POST', `/v1/webhooks/${id}/test`)
    const changed = await world.call('PUT', `/v1/webhooks/${id}`, {
      url: 'https://other.example.com/',
      events: ['grant.blocked'],
    })
    expect(await changed.json()).toMatchObject({
      url: 'https://other.example.com/',
      events: ['grant.blocked'],
      enabled: true,
    })
    const stale = { 'if-match': '"1"' }
    expect((await world.call('DELETE', `/v1/webhooks/${id}`, undefined, stale)).status).toBe(412)
    const log = await world.call('GET', `/v1/webhooks/${id}/deliveries`)
    expect((await log.json<{ data: unknown[] }>()).data).toHaveLength(1)
    expect((await world.call('DELETE', `/v1/webhooks/${id}`)).status).toBe(204)
    expect((await world.call('GET', `/v1/webhooks/${id}/deliveries`)).status).toBe(404)
    expect((await world.call('DELETE', `/v1/webhooks/${id}`)).status).toBe(404)
    const left = await world.db.prepare('SELECT count(*) n FROM webhook_deliveries').first('n')
    expect(left).toBe(0)
  })
})
