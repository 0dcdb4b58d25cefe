import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  deliverAfterRequest,
  deliverWebhooks,
  enqueueMessages,
} from '../../../../api/domain/webhooks/deliver.ts'
import { WebhookNotSent } from '../../../../api/model/webhook.ts'
import { createWorld } from '../../harness.ts'
import { queryPlan, recordingDatabase } from '../../recording-database.ts'
import { rows } from '../../sql.ts'
import {
  enqueue,
  messagesOf,
  readWebhook,
  register,
  respond,
  worldWithMessages,
} from './webhook-world.ts'

const ALIVE = 'https://alive.example.com/hook'

/** Adds events that webhooks must be notified of, oldest first. */
const addEvents = (count: number) =>
  rows(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
     INSERT INTO events (id, type, at, actor_type, subject, data, pending_delivery)
     SELECT 'ev_' || i, 'grant.reconnect_required', i, 'system', 'gr_' || i, '{}', 1 FROM n`,
    count,
  )

const messages = () =>
  rows<{ event_id: string; payload: string }>(
    'SELECT event_id, payload FROM webhook_deliveries ORDER BY rowid',
  )

describe('a delivery run', () => {
  it('goes on with a receiver after a bad response', async () => {
    const status = (request: number) => (request % 3 === 0 ? 204 : 500)
    const { deliver } = await worldWithMessages(
      30,
      (request) => new Response(null, { status: status(request) }),
    )
    expect(await deliver()).toBe(30)
  })

  it('sends nothing more to a receiver that responded with 410', async () => {
    const { world, receiver, deliver } = await worldWithMessages(10, respond(410))
    await deliver()
    world.advance(3 * 86_400)
    await deliver()
    // Two are sent at a time, so the second was sent before the first had failed.
    expect(receiver.requests).toHaveLength(2)
    const states = await rows('SELECT state, last_status, next_attempt_at FROM webhook_deliveries')
    const givenUp = { state: 'failed', next_attempt_at: null }
    expect(states.filter((one) => one.last_status === 410)).toHaveLength(2)
    expect(states).toEqual(states.map((one) => ({ ...one, ...givenUp })))
  })

  it('disables the address that responded with 410, not one entered meanwhile', async () => {
    const [requested, changed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const { world, id } = await worldWithMessages(1, async () => {
      requested.resolve()
      await changed.promise
      return new Response(null, { status: 410 })
    })
    const enabled = async () => (await readWebhook(world, id)).enabled
    const run = deliverWebhooks(world.services)
    await requested.promise
    await world.call('PUT', `/v1/webhooks/${id}`, { url: ALIVE })
    changed.resolve()
    await run
    expect(await enabled()).toBe(true)
    await enqueue(world, id, 2)
    await deliverWebhooks(world.services)
    expect(await enabled()).toBe(false)
    expect((await world.dump()).match(/webhook\.disabled/g)).toHaveLength(1)
  })

  it('sends nothing to an address that the settings no longer allow', async () => {
    const sent: string[] = []
    const externalFetch = async (input: RequestInfo | URL) => {
      sent.push(String(input))
      return new Response(null, { status: 204 })
    }
    const url = 'http://127.0.0.1:4000/hook'
    const before = await createWorld({
      settings: { webhookPrivateHosts: ['127.0.0.1', 'localhost'] },
      externalFetch,
    })
    const id = await register(before, url)
    const world = await createWorld({ externalFetch, keepDatabase: true })
    await enqueue(world, id)
    await deliverWebhooks(world.services)
    expect(sent).toEqual([])
    const refused = { status: 'pending', last_error: expect.stringContaining('no longer allowed') }
    expect(await messagesOf(world, id)).toMatchObject([refused])
  })

  it.each([
    [
      'the host resolves to a private address',
      { reason: 'private_address' } as const,
      "The host resolves to an address on a private network, which webhooks aren't allowed to reach. Enter a public address, or ask your Mailgrant administrator to add this host to WEBHOOK_PRIVATE_HOSTS.",
    ],
    [
      'the proxy refuses',
      { reason: 'proxy_refused', status: 407 } as const,
      'The proxy did not connect to the receiver: it responded with 407.',
    ],
  ])('says why a message was not sent when %s', async (_title, why, sentence) => {
    const { world, id, deliver } = await worldWithMessages(1, () =>
      Promise.reject(new WebhookNotSent(why)),
    )
    await deliver()
    const message = { status: 'pending', attempts: 1, last_status: null, last_error: sentence }
    expect(await messagesOf(world, id)).toMatchObject([message])
  })

  it('gives up on a receiver after 15 seconds without a response, and records the reason', async () => {
    const timeout = vi
      .spyOn(AbortSignal, 'timeout')
      .mockImplementation(() => AbortSignal.abort(new DOMException('', 'TimeoutError')))
    onTestFinished(() => timeout.mockRestore())
    const { world, id, deliver } = await worldWithMessages(1, (_, signal) =>
      Promise.reject(signal?.reason),
    )
    await deliver()
    expect(timeout).toHaveBeenCalledWith(15_000)
    expect(await messagesOf(world, id)).toMatchObject([
      {
        status: 'pending',
        last_status: null,
        last_error: 'The receiver did not respond within 15 seconds.',
      },
    ])
  })

  it('treats a message as delivered even if the response body breaks', async () => {
    const cancel = () => {
      throw new TypeError('the connection broke')
    }
    const { world, id, deliver } = await worldWithMessages(
      1,
      () => new Response(new ReadableStream({ cancel })),
    )
    await deliver()
    const delivered = { status: 'delivered', last_status: 200 }
    expect(await messagesOf(world, id)).toMatchObject([delivered])
  })

  it('logs no path of a webhook address, because it is often secret', async () => {
    const world = await createWorld()
    const id = await register(world, 'https://hooks.example.com/services/canary-of-the-path')
    const body = { url: 'https://hooks.example.com/services/canary-of-the-path?sig=other' }
    await world.call('PUT', `/v1/webhooks/${id}`, body)
    const events = await (await world.call('GET', '/v1/events')).text()
    expect(events).toContain('https://hooks.example.com')
    expect(events).not.toContain('canary')
  })

  it('finds events and messages by index, however many there are', async () => {
    const { db, statements } = recordingDatabase()
    const world = await createWorld({
      db,
      externalFetch: async () => new Response(null, { status: 500 }),
    })
    const id = await register(world, ALIVE)
    await addEvents(12)
    statements.length = 0
    await deliverWebhooks(world.services)
    world.advance(4 * 86_400)
    await deliverWebhooks(world.services)
    await deliverAfterRequest(world.services)
    const [{ id: message } = { id: '' }] = await rows<{ id: string }>(
      'SELECT id FROM webhook_deliveries',
    )
    await world.call('POST', `/v1/webhooks/${id}/deliveries/${message}/redeliver`)
    await world.call('GET', `/v1/webhooks/${id}/deliveries?status=failed`)
    await world.call('PUT', `/v1/webhooks/${id}`, { url: ALIVE, enabled: false })
    const sql = statements.map((statement) => statement.sql)
    for (const part of ['json_each', 'set "state" = made.state', '"failures" =', 'limit']) {
      expect(sql).toContainEqual(expect.stringContaining(part))
    }
    const plans = await Promise.all(statements.map(queryPlan))
    const steps = plans
      .flat()
      .filter((step) => / (?:webhook_deliveries|events|e) /.test(`${step} `))
    const byIndex =
      /^SEARCH .* \((?:id=\?|pending_delivery=\?|webhook_id=\? AND (?:next_attempt_at[<>]\?|state=\?))/
    expect(steps.filter((step) => !byIndex.test(step))).toEqual([])
  })

  it('turns many events into messages in limited batches, oldest first, each once', async () => {
    const world = await createWorld()
    await register(world, ALIVE)
    await addEvents(1500)
    const enqueueBatch = () => enqueueMessages(world.services)
    await enqueueBatch()
    const first = await messages()
    expect(first.map((one) => one.event_id)).toEqual(
      Array.from({ length: 1000 }, (_, index) => `ev_${index + 1}`),
    )
    await Promise.all([enqueueBatch(), enqueueBatch()])
    const all = await messages()
    expect(all).toHaveLength(1500)
    expect(new Set(all.map((one) => one.event_id)).size).toBe(1500)
  })

  it('lists at most a hundred mail accounts in a message', async () => {
    const world = await createWorld({
      externalFetch: async () => new Response(null, { status: 204 }),
    })
    await register(world, ALIVE)
    await rows(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
         INSERT INTO mail_accounts (id, owner_type, owner_id, protocol, host, port, security, username,
           authentication, grant_id, version, created_at, updated_at)
         SELECT 'ma_' || i, 'department', 'd', 'imap', 'outlook.office365.com', 993, 'tls', 'a@b.test',
           'oauth', 'gr_1', 1, 1, 1 FROM n`)
    await addEvents(1)
    await deliverWebhooks(world.services)
    const [{ payload = '' } = {}] = await messages()
    expect(JSON.parse(payload).data.mail_accounts).toHaveLength(100)
  })
})
