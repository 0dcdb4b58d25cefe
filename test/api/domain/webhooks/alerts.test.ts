/** Messages for people in Slack, Teams and mailboxes: their content, their pace, and what they keep secret. */
import { describe, expect, it } from 'vitest'
import { defaultEvents } from '../../../../schema/events.ts'
import { createAlertWorld, SLACK, TEAMS } from '../../alert-world.ts'
import {
  accepts,
  denies,
  enableGraph,
  graphForm,
  replyOf,
  respondAsGraph,
} from '../../graph-world.ts'
import { PUBLIC_URL } from '../../harness.ts'
import { imapForm, passwordForm } from '../../mail-world.ts'
import { rows } from '../../sql.ts'
import { refusesToSend } from '../../test-message-world.ts'

const MINUTE = 60
const HOUR = 3600
const IT = 'it@contoso.com'
/** A reply with which a mail server could try to get a link or a mention into a chat. */
const HOSTILE = 'NO <!channel> <https://evil.example|Sign in> @here canary-of-the-server'

type Block = { type: string; text: { type: string; text: string; verbatim?: boolean } }
const slackBlocks = (body = '') => (JSON.parse(body) as { blocks: Block[] }).blocks

/** Creates a world that notifies Slack of its mailbox. */
async function slackWorld() {
  const world = await createAlertWorld()
  const { id: webhook } = await world.add({ type: 'slack', url: SLACK })
  const { id: mailbox } = await world.saveMailbox('desk@example.org')
  return { world, webhook, mailbox }
}

describe('a message to Slack', { timeout: 30_000 }, () => {
  it('reports the mailbox, the cause, who acts, and the page of the mailbox', async () => {
    const { world, mailbox: id } = await slackWorld()
    await world.fail(id, HOSTILE)
    await world.deliver()
    expect(world.received).toHaveLength(1)
    const [{ url, body } = { url: '', body: '' }] = world.received
    expect(url).toBe(SLACK)
    const [header, line] = slackBlocks(body)
    expect(header?.text.text).toBe('Mailgrant: 1 problem needs attention')
    expect(line?.text).toMatchObject({ type: 'mrkdwn', verbatim: true })
    expect(line?.text.text).toMatch(
      new RegExp(
        `^desk@example\\.org: .+\\. Who acts: .+\\. <${PUBLIC_URL}/console/#/mailboxes/${id}\\|Open>$`,
      ),
    )
    expect(body).not.toMatch(/canary-of-the-server|evil\.example|channel|@here/)
    expect(body).not.toMatch(/oauth|authorize/)
  })

  it('says when a mailbox works again', async () => {
    const { world, mailbox: id } = await slackWorld()
    await world.fail(id)
    await world.deliver()
    world.advance(MINUTE)
    await world.validateSaved(id)
    await world.deliver()
    const [header, line] = slackBlocks(world.received[1]?.body)
    expect(header?.text.text).toBe('Mailgrant: 1 resolved')
    expect(line?.text.text).toContain('desk@example.org: The mailbox works again.')
  })

  it('says so, too, when it works again because it was saved with another password', async () => {
    const { world, mailbox: id } = await slackWorld()
    await world.fail(id)
    await world.deliver()
    world.advance(MINUTE)
    const form = passwordForm({ authentication: { type: 'password', password: 'a new one' } })
    expect((await world.validate({ ...form, mail_account_id: id })).outcome).toBe('passed')
    await world.deliver()
    expect(world.received).toHaveLength(1)
    expect((await world.replace(id, form)).health).toBe('ok')
    await world.deliver()
    expect(world.received).toHaveLength(2)
    expect(slackBlocks(world.received[1]?.body)[1]?.text.text).toContain('The mailbox works again.')
    // Saving it again sends no message.
    await world.replace(id, form)
    world.advance(MINUTE)
    await world.deliver()
    expect(world.received).toHaveLength(2)
  })

  it('waits as long as Slack asks', async () => {
    const { world, webhook: id, mailbox } = await slackWorld()
    world.receiver.respond = () =>
      new Response('rate_limited', { status: 429, headers: { 'retry-after': '600' } })
    await world.fail(mailbox)
    await world.deliver()
    expect((await world.webhook(id)).paused_until).not.toBeNull()
    world.receiver.respond = () => new Response('ok')
    world.advance(9 * MINUTE)
    await world.deliver()
    expect(world.received).toHaveLength(1)
    world.advance(2 * MINUTE)
    await world.deliver()
    expect(world.received).toHaveLength(2)
    expect(await world.log(id)).toMatchObject([{ status: 'delivered', attempts: 2 }])
  })

  it.each([404, 410])('ends with the URL: %s switches it off', async (status) => {
    const { world, webhook: id, mailbox } = await slackWorld()
    world.receiver.respond = () => new Response('no_service', { status })
    await world.fail(mailbox)
    await world.deliver()
    expect((await world.webhook(id)).enabled).toBe(false)
    expect(await world.log(id)).toMatchObject([{ status: 'failed', attempts: 1 }])
    expect(await world.events()).toContain('webhook.disabled')
  })

  it('is retried with growing pauses, and given up in the end', async () => {
    const { world, webhook: id, mailbox } = await slackWorld()
    world.receiver.respond = () => new Response('', { status: 500 })
    await world.fail(mailbox)
    for (let hours = 0; hours < 100; hours += 1) {
      await world.deliver()
      world.advance(HOUR)
    }
    expect(await world.log(id)).toMatchObject([{ status: 'failed', last_status: 500 }])
    const { attempts = 0 } = (await world.log(id))[0] ?? {}
    expect(attempts).toBeGreaterThanOrEqual(10)
    expect(attempts).toBeLessThanOrEqual(13)
  })
})

describe('a message to Teams', () => {
  it('is an Adaptive Card of text runs, which have no Markdown', async () => {
    const world = await createAlertWorld()
    await world.add({ type: 'teams', url: TEAMS })
    const { id } = await world.saveMailbox('desk@example.org')
    await world.fail(id, HOSTILE)
    await world.deliver()
    const [{ url, body } = { url: '', body: '' }] = world.received
    expect(url).toBe(TEAMS)
    const message = JSON.parse(body)
    expect(message).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: { type: 'AdaptiveCard', body: [{ type: 'RichTextBlock' }, {}] },
        },
      ],
    })
    expect(body).not.toContain('"TextBlock"')
    const [, line] = message.attachments[0].content.body
    expect(line.inlines).toEqual([
      { type: 'TextRun', text: 'desk@example.org', weight: 'Bolder' },
      { type: 'TextRun', text: expect.stringMatching(/^: .+\. $/) },
      { type: 'TextRun', text: expect.stringMatching(/^Who acts: .+\. $/), isSubtle: true },
      {
        type: 'TextRun',
        text: 'Open',
        selectAction: {
          type: 'Action.OpenUrl',
          title: 'Open',
          url: `${PUBLIC_URL}/console/#/mailboxes/${id}`,
        },
      },
    ])
    expect(body).not.toMatch(/canary-of-the-server|evil\.example/)
  })
})

describe('a message by email', { timeout: 30_000 }, () => {
  async function mailWorld() {
    const world = await createAlertWorld()
    const sender = await world.saveSmtp()
    const input = { type: 'email', to: IT, mail_account_id: sender.id }
    const webhook = await world.add(input)
    const { id: mailbox } = await world.saveMailbox('desk@example.org')
    return { world, sender, input, webhook, mailbox }
  }

  it('goes through an account of the operator, as plain text', async () => {
    const { world, mailbox: id } = await mailWorld()
    await world.fail(id, HOSTILE)
    await world.deliver()
    expect(world.mails).toHaveLength(1)
    expect(world.mails[0]).toMatchObject({
      from: 'alice@contoso.test',
      to: IT,
      alert: { subject: 'Mailgrant: 1 problem needs attention' },
    })
    const text = world.mails[0]?.alert?.text ?? ''
    expect(text).toContain('desk@example.org: ')
    expect(text).toContain(`${PUBLIC_URL}/console/#/mailboxes/${id}`)
    expect(text).not.toMatch(/canary-of-the-server|evil\.example/)
  })

  it('is no test message of its account, and none of its validations', async () => {
    const { world, sender, mailbox } = await mailWorld()
    const before = await world.read(sender.id)
    await world.fail(mailbox)
    await world.deliver()
    expect(await rows('SELECT * FROM counted_calls')).toEqual([])
    expect(await world.read(sender.id)).toEqual(before)
  })

  it('is never about the account that sends it', async () => {
    const { world, sender, webhook } = await mailWorld()
    await world.fail(sender.id)
    world.entra.control.revoke('alice@contoso.test')
    world.advance(2 * HOUR)
    await world.call('POST', `/v1/mail-accounts/${sender.id}/access-token`, {})
    expect(await world.events()).toContain('grant.reconnect_required')
    await world.deliver()
    expect(world.mails).toEqual([])
    expect(await world.log(webhook.id)).toEqual([])
  })

  it('fails for a reason that the log shows, without another message about it', async () => {
    const { world, webhook, mailbox } = await mailWorld()
    world.mail.send = refusesToSend('550 5.7.60 canary-of-the-server not allowed')
    await world.fail(mailbox)
    const events = (await world.events()).length
    await world.deliver()
    const [delivery] = await world.log(webhook.id)
    expect(delivery).toMatchObject({ status: 'pending', attempts: 1, last_status: null })
    expect(delivery?.last_error).toContain('Send a test message from its page')
    expect(JSON.stringify(delivery)).not.toContain('canary-of-the-server')
    expect((await world.events()).length).toBe(events)
    world.mail.send = (request) => ({
      ...refusesToSend('250 OK')(request),
      outcome: 'passed',
      sent: true,
    })
    world.advance(2 * MINUTE)
    await world.deliver()
    expect(await world.log(webhook.id)).toMatchObject([{ status: 'delivered', attempts: 2 }])
    // A copy of the same message, not another one.
    expect(world.mails[1]?.id).toBe(world.mails[0]?.id)
  })

  it('waits while the customer of the account that sends is suspended', async () => {
    const { world, sender, webhook, mailbox } = await mailWorld()
    await world.call('PUT', `/v1/mail-accounts/${sender.id}`, { ...sender, customer: 'acme' })
    await world.call('POST', '/v1/customers/acme/suspend')
    await world.fail(mailbox)
    await world.deliver()
    expect(world.mails).toEqual([])
    expect((await world.log(webhook.id))[0]?.last_error).toContain('is suspended')
  })

  it('needs a recipient and an account that sends', async () => {
    const { world, input, mailbox } = await mailWorld()
    for (const [pointer, changes] of [
      ['/to', { to: undefined }],
      ['/to', { to: 'a@b.example, c@d.example' }],
      ['/mail_account_id', { mail_account_id: undefined }],
      ['/mail_account_id', { mail_account_id: `ma_${'a'.repeat(26)}` }],
      ['/mail_account_id', { mail_account_id: mailbox }],
      ['/url', { url: SLACK }],
    ] as const) {
      const problem = await world.problem('POST', '/v1/webhooks', { ...input, ...changes })
      expect(problem).toMatchObject({ status: 422, errors: [{ pointer }] })
    }
  })

  it('can be switched off once the account that sends was deleted, but not on again', async () => {
    const { world, input, webhook } = await mailWorld()
    await world.call('DELETE', `/v1/mail-accounts/${input.mail_account_id}`)
    const replace = (enabled: boolean) =>
      world.call('PUT', `/v1/webhooks/${webhook.id}`, { ...input, enabled })
    expect((await replace(false)).status).toBe(200)
    expect((await replace(true)).status).toBe(422)
  })
})

describe('a message by email through Microsoft Graph', { timeout: 30_000 }, () => {
  async function graphMailWorld(respond: () => Response | Promise<Response> = accepts) {
    const world = await createAlertWorld()
    await enableGraph(world)
    const grant = await world.grant('alice@contoso.test', { protocols: ['graph_send'] })
    const { graph, seen } = respondAsGraph(world)
    graph.respond = respond
    const sender = await world.save(graphForm(grant))
    const { id } = await world.add({ type: 'email', to: IT, mail_account_id: sender.id })
    await world.fail((await world.saveMailbox('desk@example.org')).id, HOSTILE)
    return { world, graph, seen, sender, webhook: id }
  }

  it('has the text of one over SMTP, and changes nothing of its account', async () => {
    const { world, seen, sender, webhook } = await graphMailWorld()
    await world.deliver()
    expect(world.mails).toEqual([])
    expect(seen).toHaveLength(1)
    const { message } = JSON.parse(seen[0]?.body ?? '')
    expect(message).toMatchObject({
      subject: 'Mailgrant: 1 problem needs attention',
      toRecipients: [{ emailAddress: { address: IT } }],
    })
    expect(message.body.content).toContain('desk@example.org: ')
    expect(message.body.content).not.toMatch(/canary-of-the-server|evil\.example/)
    expect(await world.log(webhook)).toMatchObject([{ status: 'delivered', attempts: 1 }])
    expect(await rows('SELECT * FROM counted_calls')).toEqual([])
    expect(await world.read(sender.id)).toEqual(sender)
  })

  it.each([
    ['a time-out', () => Promise.reject(new DOMException('timed out', 'TimeoutError'))],
    ['a 503', () => replyOf('503 ErrorServerBusy')],
  ])('is never sent again after %s, since it may have been sent', async (_what, respond) => {
    const { world, graph, seen, webhook } = await graphMailWorld(respond)
    await world.deliver()
    graph.respond = accepts
    world.advance(24 * HOUR)
    await world.deliver()
    expect(seen).toHaveLength(1)
    const [delivery] = await world.log(webhook)
    expect(delivery).toMatchObject({ status: 'failed', attempts: 1 })
    expect(delivery?.last_error).toContain('Look in Sent Items')
  })

  it.each([
    ['a refusal', denies, 2 * MINUTE],
    [
      '429',
      () => new Response(null, { status: 429, headers: { 'retry-after': '900' } }),
      16 * MINUTE,
    ],
  ])(
    'is sent later after %s, as Graph asks, and the log shows why',
    async (_what, respond, later) => {
      const { world, graph, seen, webhook } = await graphMailWorld(respond)
      await world.deliver()
      const [delivery] = await world.log(webhook)
      expect(delivery).toMatchObject({ status: 'pending', attempts: 1 })
      expect(delivery?.last_error).toContain('Send a test message from its page')
      graph.respond = accepts
      world.advance(later - 2 * MINUTE)
      await world.deliver()
      expect(seen).toHaveLength(1)
      world.advance(2 * MINUTE + 30)
      await world.deliver()
      expect(seen).toHaveLength(2)
      expect(await world.log(webhook)).toMatchObject([{ status: 'delivered', attempts: 2 }])
    },
  )
})

describe('a thousand failures at once', { timeout: 120_000 }, () => {
  it('are one message with ten mailboxes, a count and a link to the list', async () => {
    const world = await createAlertWorld()
    const { id } = await world.add({ type: 'slack', url: SLACK })
    await world.failMany(1_200)
    for (let minute = 0; minute < 5; minute += 1) {
      await world.deliver()
      world.advance(MINUTE)
    }
    const titles = world.received.map(({ body }) => slackBlocks(body)[0]?.text.text)
    expect(titles).toEqual([
      'Mailgrant: 1,000 problems need attention',
      'Mailgrant: 200 problems need attention',
    ])
    const blocks = slackBlocks(world.received[0]?.body)
    expect(blocks).toHaveLength(12)
    expect(blocks.at(-1)?.text.text).toBe(
      `990 more changes are not shown here. <${PUBLIC_URL}/console/#/mailboxes?health=reconnect_required%2Cblocked%2Cfailing|Open the list>`,
    )
    const pending = 'SELECT count(*) AS count FROM webhook_deliveries WHERE state <> ?'
    expect(await rows(pending, 'delivered')).toEqual([{ count: 0 }])
    expect(await world.log(id)).toHaveLength(200)
  })
})

describe('the pace of messages', { timeout: 60_000 }, () => {
  it('is one a minute, whatever happens, tests included', async () => {
    const world = await createAlertWorld()
    const { id } = await world.add({ type: 'slack', url: SLACK })
    const accounts = [
      await world.saveMailbox('desk@example.org'),
      await world.saveMailbox('sales@example.org'),
    ]
    for (let second = 0; second < 300; second += 10) {
      const account = accounts[(second / 10) % 2]
      if (account && second % 40 < 20) await world.fail(account.id)
      else if (account) await world.validateSaved(account.id)
      if (second % 50 === 0) await world.call('POST', `/v1/webhooks/${id}/test`)
      await world.deliver()
      world.advance(10)
    }
    world.advance(MINUTE)
    await world.deliver()
    const times = world.received.map(({ at }) => at)
    expect(times.length).toBeGreaterThanOrEqual(5)
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(MINUTE * 1000)
    expect((await world.log(id)).every(({ status }) => status === 'delivered')).toBe(true)
  })

  it('holds when runs overlap', async () => {
    const world = await createAlertWorld()
    await world.add({ type: 'teams', url: TEAMS })
    const { id } = await world.saveMailbox('desk@example.org')
    await world.fail(id)
    await Promise.all([world.deliver(), world.deliver(), world.deliver()])
    expect(world.received).toHaveLength(1)
  })

  it('leaves what an interrupted run was sending to a later one', async () => {
    const { world, webhook: id, mailbox } = await slackWorld()
    const { record } = world.services.store.deliveries
    world.receiver.respond = () => {
      world.services.store.deliveries.record = async () => {
        throw new Error('the isolate has ended')
      }
      return new Response('ok')
    }
    await world.fail(mailbox)
    expect(world.received).toHaveLength(1)
    expect(await world.log(id)).toMatchObject([{ status: 'pending', attempts: 0 }])
    world.services.store.deliveries.record = record
    world.receiver.respond = () => new Response('ok')
    world.advance(MINUTE)
    await world.deliver()
    expect(world.received).toHaveLength(1)
    world.advance(2 * MINUTE)
    await world.deliver()
    expect(world.received).toHaveLength(2)
    expect(await world.log(id)).toMatchObject([{ status: 'delivered', attempts: 1 }])
  })

  it('gathers new events with those that are retried', async () => {
    const world = await createAlertWorld()
    const { id } = await world.add({ type: 'slack', url: SLACK })
    world.receiver.respond = () => new Response('', { status: 503 })
    await world.fail((await world.saveMailbox('desk@example.org')).id)
    await world.deliver()
    world.receiver.respond = () => new Response('ok')
    await world.fail((await world.saveMailbox('sales@example.org')).id)
    world.advance(2 * MINUTE)
    await world.deliver()
    expect(world.received).toHaveLength(2)
    expect(slackBlocks(world.received[1]?.body)).toHaveLength(3)
    const log = await world.log(id)
    expect(log.map(({ attempts }) => attempts).sort()).toEqual([1, 2])
  })

  it('sends a test message at once, which says that it is one', async () => {
    const world = await createAlertWorld()
    const { id } = await world.add({ type: 'slack', url: SLACK })
    expect((await world.call('POST', `/v1/webhooks/${id}/test`)).status).toBe(202)
    const [header, ...others] = slackBlocks(world.received[0]?.body)
    expect(header?.text.text).toContain('this is a test message')
    expect(others).toEqual([])
    expect(await world.log(id)).toMatchObject([{ type: 'webhook.test', status: 'delivered' }])
  })
})

it('a URL of Slack is refused for Teams, with a sentence that says so', async () => {
  const world = await createAlertWorld()
  const response = await world.call('POST', '/v1/webhooks', { type: 'teams', url: SLACK })
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({
    errors: [
      {
        pointer: '/url',
        message: 'is for "slack" (hooks.slack.com), but the type is "teams"',
      },
    ],
  })
  const { id } = await world.add({ type: 'slack', url: SLACK })
  expect((await world.call('PUT', `/v1/webhooks/${id}`, { url: TEAMS })).status).toBe(422)
})

describe.each([
  ['slack', SLACK, 'hooks.slack.com/…9f3k'],
  ['teams', TEAMS, 'prod-12.westeurope.logic.azure.com/…7h2m'],
])('the URL of %s', (type, url, shown) => {
  it('is a credential: no response, event, log line or column has it', async () => {
    const world = await createAlertWorld()
    const added = await world.add({ type, url })
    expect(added).toMatchObject({ type, url: shown, to: null, warnings: [] })
    expect(added).not.toHaveProperty('secret')
    await world.call('POST', `/v1/webhooks/${added.id}/test`)
    world.receiver.respond = () => {
      throw new TypeError(`fetch failed: ${url}`)
    }
    world.advance(MINUTE)
    await world.call('POST', `/v1/webhooks/${added.id}/test`)
    const dump = await Promise.all(
      ['webhooks', 'webhook_deliveries', 'events'].map((table) => rows(`SELECT * FROM ${table}`)),
    )
    const seen = JSON.stringify([
      await world.webhook(added.id),
      await world.log(added.id),
      await (await world.call('GET', '/v1/webhooks')).json(),
      await (await world.call('GET', '/v1/events')).json(),
      dump,
      world.lines,
    ])
    expect(seen).not.toMatch(/canary-/)
    expect(await world.log(added.id)).toHaveLength(2)
  })

  it('stays when a change leaves it out or sends back what is shown', async () => {
    const world = await createAlertWorld()
    const { id } = await world.add({ type, url })
    for (const input of [{ type, events: ['grant.blocked'] }, {}, { url: shown }]) {
      const body = { description: 'On call', ...input }
      expect((await world.call('PUT', `/v1/webhooks/${id}`, body)).status).toBe(200)
    }
    expect((await world.webhook(id)).events).toEqual(defaultEvents(false, false))
    await world.call('POST', `/v1/webhooks/${id}/test`)
    expect(world.received.map((message) => message.url)).toEqual([url])
    const other = `${url.slice(0, -4)}4x4x`
    await world.call('PUT', `/v1/webhooks/${id}`, { url: other })
    world.advance(MINUTE)
    await world.call('POST', `/v1/webhooks/${id}/test`)
    expect(world.received[1]?.url).toBe(other)
  })

  it('has no other type, and nothing to rotate', async () => {
    const world = await createAlertWorld()
    const { id } = await world.add({ type, url })
    const changed = await world.problem('PUT', `/v1/webhooks/${id}`, { type: 'standard', url })
    expect(changed).toMatchObject({ status: 422, errors: [{ pointer: '/type' }] })
    const rotated = await world.problem('POST', `/v1/webhooks/${id}/rotate-secret`)
    expect(rotated).toMatchObject({ status: 422, code: 'validation_failed' })
    const without = await world.problem('POST', '/v1/webhooks', { type })
    expect(without).toMatchObject({ status: 422, errors: [{ pointer: '/url' }] })
  })
})

it('calls nobody to act on a problem that is over when the message is sent', async () => {
  const { world, webhook: id, mailbox } = await slackWorld()
  await world.call('POST', `/v1/webhooks/${id}/test`)
  await world.fail(mailbox)
  await world.validateSaved(mailbox)
  world.advance(MINUTE)
  await world.deliver()
  const [, failed, recovered] = slackBlocks(world.received[1]?.body)
  expect(failed?.text.text).toContain('but it works now. <')
  expect(recovered?.text.text).toContain('The mailbox works again. <')
})

it('tells Slack of a sign-in that is needed, with the console and no sign-in link', async () => {
  const world = await createAlertWorld()
  await world.add({ type: 'slack', url: SLACK })
  const { id } = await world.save(imapForm(await world.grant('alice@contoso.test')))
  world.entra.control.revoke('alice@contoso.test')
  world.advance(2 * HOUR)
  await world.call('POST', `/v1/mail-accounts/${id}/access-token`, {})
  await world.deliver()
  const { body = '' } = world.received[0] ?? {}
  expect(slackBlocks(body)[1]?.text.text).toMatch(
    /^alice@contoso\.test: .+\. Who acts: the person who signs in\. <\S+\/console\/#\/mailboxes\/ma_\w+\|Open>$/,
  )
  expect(body).not.toMatch(/login\.microsoftonline|\/oauth\//)
})
