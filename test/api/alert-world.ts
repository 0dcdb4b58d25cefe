/** A world with endpoints of Slack, Teams and email, and the messages that they received. */
import { expect } from 'vitest'
import { deliverWebhooks } from '../../api/domain/webhooks/deliver.ts'
import type { ProbeRequest } from '../../schema/probe.ts'
import type { Webhook } from '../../schema/webhook.ts'
import { messagesOf, readWebhook } from './domain/webhooks/webhook-world.ts'
import { passes, passwordForm, refuses } from './mail-world.ts'
import { rows } from './sql.ts'
import { createTestMessageWorld, sends } from './test-message-world.ts'

export const SLACK = 'https://hooks.slack.com/services/T0AB/B0CD/canary-Slack-path-9f3k'
export const TEAMS =
  'https://prod-12.westeurope.logic.azure.com/workflows/a1/triggers/manual/paths/invoke?sp=%2Frun&sig=canary-Teams-sig-7h2m'

type Received = { url: string; body: string; at: number }

export async function createAlertWorld() {
  const world = await createTestMessageWorld()
  const received: Received[] = []
  const mails: NonNullable<ProbeRequest['message']>[] = []
  /** The response of the endpoints. */
  const receiver = { respond: () => new Response('ok') }
  /** The mail server's behaviour at an alert, and at a login. */
  const mail = { send: sends, login: passes }
  world.login.probe = (request) => {
    if (!request.message) return mail.login(request)
    mails.push(request.message)
    return mail.send(request)
  }
  world.services.fetchWebhook = async (input, init) => {
    const request = new Request(input, init)
    const at = world.clock.now.getTime()
    received.push({ url: request.url, body: await request.text(), at })
    return receiver.respond()
  }

  async function add(input: object): Promise<Webhook> {
    const response = await world.call('POST', '/v1/webhooks', input)
    expect(response.status).toBe(201)
    return response.json()
  }

  return {
    ...world,
    received,
    mails,
    receiver,
    mail,
    add,
    /** Delivers as the schedule does. */
    deliver: () => deliverWebhooks(world.services),
    webhook: (id: string) => readWebhook(world, id),
    log: (id: string) => messagesOf(world, id),
    async saveMailbox(username: string) {
      return world.save(passwordForm({ username }))
    },
    /** Lets the server refuse the login of an account, in its own words. */
    async fail(id: string, reply = 'NO AUTHENTICATE failed.') {
      mail.login = (request) => {
        const report = refuses(request)
        return { ...report, failure: report.failure && { ...report.failure, reply } }
      }
      await world.validateSaved(id)
      mail.login = passes
    },
    /** Adds this many accounts, each with an event that its login has begun to fail. */
    async failMany(count: number) {
      const { id } = await world.save(passwordForm({ username: 'first@example.org' }))
      await rows(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
           INSERT INTO mail_accounts (id, owner_type, owner_id, protocol, host, port, security, username,
             authentication, last_validation_outcome, last_validation_at, version, created_at, updated_at)
           SELECT printf('ma_%026d', i), owner_type, owner_id, protocol, host, port, security,
             'desk' || i || '@example.org', authentication, 'failed', created_at, 1, created_at, created_at
           FROM mail_accounts, n WHERE id = ?2`,
        count,
        id,
      )
      await rows(
        `INSERT INTO events (id, type, at, actor_type, subject, data, pending_delivery)
           SELECT 'ev_' || id, 'validation.failed', ?1, 'system', 'va_x',
             json_object('mail_account', id, 'username', username), 1
           FROM mail_accounts WHERE last_validation_outcome = 'failed'`,
        world.clock.now.getTime(),
      )
    },
  }
}
