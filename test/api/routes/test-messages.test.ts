import { describe, expect, it } from 'vitest'
import type { TestMessage } from '../../../schema/test-message.ts'
import { appOnly } from '../app-only-world.ts'
import { enableGraph, graphForm } from '../graph-world.ts'
import { bearer, callerOf, createKey } from '../keys.ts'
import { brand, imapForm, passwordForm, refuses, smtpForm } from '../mail-world.ts'
import {
  createTestMessageWorld,
  pathOf,
  refusesToSend,
  sends,
  smtpAccountWorld,
} from '../test-message-world.ts'

/** Dozens of calls in a row, on a busy machine. */
const MANY_CALLS_MS = 60_000

const TO = 'bob@contoso.test'

const lastStep = ({ steps }: TestMessage) => steps.at(-1)

describe('sending a test message', () => {
  it('logs in with the saved values, sends one message and returns every step', async () => {
    const { world, id } = await smtpAccountWorld()
    const response = await world.sendTo(id, TO)
    expect(response.status).toBe(201)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({
      outcome: 'passed',
      sent: true,
      from: 'alice@contoso.test',
      to: TO,
      protocol: 'smtp',
      host: 'smtp.office365.com',
      port: 587,
      security: 'starttls',
      mechanism: 'XOAUTH2',
      identity: 'alice@contoso.test',
      steps: [
        { name: 'connect', outcome: 'passed', duration_ms: 3, detail: null },
        { name: 'authenticate', outcome: 'passed', duration_ms: 5, detail: null },
        { name: 'send', outcome: 'passed', duration_ms: 9, detail: 'The server accepted it.' },
      ],
      warnings: [],
      diagnosis: null,
      duration_ms: 0,
      checked_at: '2026-11-24T09:00:00.000Z',
    })
    expect(world.probes).toEqual([
      {
        protocol: 'smtp',
        host: 'smtp.office365.com',
        port: 587,
        security: 'starttls',
        identity: 'alice@contoso.test',
        credential: { type: 'oauth', access_token: expect.any(String), cloud: 'global' },
        message: {
          from: 'alice@contoso.test',
          to: TO,
          id: expect.stringMatching(/^[0-9a-f]{32}$/),
        },
      },
    ])
  })

  it('sends as the From address, and logs in as the delegate', async () => {
    const world = await createTestMessageWorld()
    const { id } = await world.saveSmtp({
      username: 'support@contoso.test',
      delegate: 'alice@contoso.test',
      from: 'sales@contoso.test',
    })
    expect(await world.sent(id)).toMatchObject({
      from: 'sales@contoso.test',
      identity: 'alice@contoso.test',
    })
    expect(world.probes[0]).toMatchObject({
      identity: 'alice@contoso.test',
      message: { from: 'sales@contoso.test' },
    })
  })

  it('works with a password, also while the integration is inactive', async () => {
    const world = await createTestMessageWorld()
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    const { id } = await world.save(passwordForm({ protocol: 'smtp', owner: brand, port: 465 }))
    expect(await world.sent(id)).toMatchObject({
      outcome: 'passed',
      mechanism: 'PLAIN',
    })
  })

  it('changes neither the last validation nor the health', async () => {
    const { world, id } = await smtpAccountWorld({ probe: refuses })
    world.login.probe = sends
    await world.validateSaved(id)
    const before = await world.read(id)
    expect(before.health).toBe('ok')
    for (const probe of [refuses, sends, refusesToSend('550 5.7.60 no')]) {
      world.login.probe = probe
      await world.sent(id)
      expect(await world.read(id)).toEqual(before)
    }
    expect(await world.events()).not.toContain('validation.failed')
  })

  it('is recorded with sender and recipient, before the message is sent', async () => {
    const { world, id } = await smtpAccountWorld({}, { from: 'sales@contoso.test' })
    const { key, id: keyId } = await createKey(world, { scopes: ['write'] })
    world.login.probe = () => {
      throw new Error('the process dies')
    }
    await world.sendTo(id, TO, bearer(key))
    expect(await world.get('/v1/events?type=test_message.requested')).toMatchObject({
      data: [
        {
          subject: id,
          actor: { type: 'key', id: keyId },
          data: {
            host: 'smtp.office365.com',
            username: 'alice@contoso.test',
            from: 'sales@contoso.test',
            to: TO,
          },
        },
      ],
    })
  })
})

describe('a test message that is not sent', () => {
  it('is refused for IMAP, which only reads', async () => {
    const world = await createTestMessageWorld()
    const { id } = await world.save(imapForm(await world.grant('alice@contoso.test')))
    expect(await world.problem('POST', pathOf(id), { to: TO })).toMatchObject({
      status: 409,
      code: 'cannot_send',
      detail: expect.stringContaining('IMAP'),
    })
    expect(world.probes).toEqual([])
  })

  it.each(['jürgen@contoso.test', 'a..b@contoso.test'])(
    'is refused for the sender %s, which would have to be encoded',
    async (from) => {
      const { world, id } = await smtpAccountWorld({}, { from })
      expect(await world.problem('POST', pathOf(id), { to: TO })).toMatchObject({
        status: 409,
        code: 'cannot_send',
        detail: expect.stringContaining(from),
      })
      expect(world.probes).toEqual([])
    },
  )

  it.each([
    'bob@contoso.test\r\nBcc: eve@evil.test',
    'bob@contoso.test\n',
    ' bob@contoso.test',
    'Bob <bob@contoso.test>',
    '"bob"@contoso.test',
    'bob@contoso.test>\r\nRCPT TO:<eve@evil.test',
    'bob@contoso.test, eve@evil.test',
    'bob@[127.0.0.1]',
    'jürgen@contoso.test',
    '',
  ])('is refused for the recipient %j', async (to) => {
    const { world, id } = await smtpAccountWorld()
    expect(await world.problem('POST', pathOf(id), { to })).toMatchObject({
      status: 422,
      errors: [{ pointer: '/to', message: expect.stringContaining('must be one address') }],
    })
    expect(world.probes).toEqual([])
  })

  it('is refused with anything but a recipient', async () => {
    const { world, id } = await smtpAccountWorld()
    for (const body of [{}, { to: [TO] }, { to: TO, subject: 'Hello' }, { to: TO, text: 'Buy!' }]) {
      expect(await world.problem('POST', pathOf(id), body)).toMatchObject({ status: 422 })
    }
    expect(world.probes).toEqual([])
  })

  it('is refused while the integration is inactive, with or without a grant', async () => {
    const { world, id, grant } = await smtpAccountWorld()
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    const inactive = { status: 409, code: 'integration_inactive' }
    expect(await world.problem('POST', pathOf(id), { to: TO })).toMatchObject(inactive)
    await world.call('DELETE', `/v1/grants/${grant?.id}?detach=true`)
    expect(await world.problem('POST', pathOf(id), { to: TO })).toMatchObject(inactive)
    expect(await world.events()).not.toContain('test_message.requested')
  })

  it('has failed at the login, and does not count, if there is no access token', async () => {
    const { world, id, grant } = await smtpAccountWorld()
    await world.call('DELETE', `/v1/grants/${grant?.id}?detach=true`)
    const result = await world.sent(id)
    expect(result).toMatchObject({ outcome: 'failed', sent: false })
    expect(result.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      'dns skipped',
      'connect skipped',
      'tls skipped',
      'greeting skipped',
      'authenticate failed',
      'mailbox skipped',
      'send skipped',
    ])
    expect(result.diagnosis?.candidates[0]?.cause).toBe('refresh-token-missing')
    expect(world.probes).toEqual([])
    expect(await world.events()).not.toContain('test_message.requested')
  })

  it('comes with the diagnosis and the exact fix if the sender is not allowed', async () => {
    const shared = { username: 'support@contoso.test', delegate: 'alice@contoso.test' }
    const { world, id } = await smtpAccountWorld({}, shared)
    // Earlier logins passed, which says nothing about sending.
    await world.validateSaved(id)
    world.login.probe = refusesToSend(
      '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
    )
    const { outcome, sent, diagnosis } = await world.sent(id)
    expect({ outcome, sent }).toEqual({ outcome: 'failed', sent: false })
    expect(diagnosis?.interpretation).toMatchObject({ protocol: 'smtp', stage: 'send' })
    const [first] = diagnosis?.candidates ?? []
    expect(first?.cause).toBe('send-as-denied')
    expect(first?.explanation).toContain('support@contoso.test was the From address')
    expect(first?.fixes.map(({ command }) => command)).toContain(
      "Add-RecipientPermission -Identity 'support@contoso.test' -Trustee 'alice@contoso.test' -AccessRights SendAs",
    )
  })

  it('may have been sent if the connection ended after its last byte: no diagnosis says "try again"', async () => {
    const world = await createTestMessageWorld({
      probe: refusesToSend('421 4.4.2 timeout', { sent: null }),
    })
    const { id } = await world.saveSmtp()
    expect(await world.sent(id)).toMatchObject({
      outcome: 'inconclusive',
      sent: null,
      diagnosis: null,
    })
    expect(world.probes).toHaveLength(1)
  })
})

describe('a checker that sends no report', () => {
  const OPEN = `The message may have been sent: look in the inbox of ${TO} before you send another one.`
  const responses = (status: number, headers: Record<string, string> = {}) => ({
    externalFetch: async () => new Response('{}', { status, headers }),
  })

  it.each<[string, number, Record<string, string>, boolean | null, string]>([
    ['of another version', 400, {}, false, 'the version'],
    ['with another key', 401, {}, false, 'Nothing was sent.'],
    ['that is busy', 503, { 'retry-after': '2' }, false, 'Nothing was sent.'],
    ['behind a proxy that gave up', 503, {}, null, OPEN],
    ['behind a proxy that waited', 504, {}, null, OPEN],
    ['that answers something else', 200, {}, null, OPEN],
  ])('%s makes the result inconclusive', async (_which, status, headers, sent, detail) => {
    const { world, id } = await smtpAccountWorld(responses(status, headers))
    const result = await world.sent(id)
    expect(result).toMatchObject({ outcome: 'inconclusive', sent })
    expect(result.steps.find((step) => step.detail !== null)?.detail).toContain(detail)
    expect(result.steps).toHaveLength(7)
    expect(lastStep(result)).toMatchObject({ name: 'send', outcome: 'skipped' })
  })

  it('that breaks the connection leaves open whether the message was sent', async () => {
    const calls: unknown[] = []
    const world = await createTestMessageWorld({
      externalFetch: async (input) => {
        calls.push(input)
        throw new TypeError('socket hang up')
      },
    })
    const { id } = await world.saveSmtp()
    const result = await world.sent(id)
    expect(result).toMatchObject({ outcome: 'inconclusive', sent: null })
    expect(result.steps[0]?.detail).toContain(OPEN)
    expect(calls).toHaveLength(1)
  })
})

describe('the right to send a test message', () => {
  it('belongs to a limited key for its own accounts', async () => {
    const { world, id } = await smtpAccountWorld()
    const { key } = await createKey(world, { scopes: ['write'], mail_accounts: [id] })
    expect((await callerOf(world, key)('POST', pathOf(id), { to: TO })).status).toBe(201)
  })

  it.each([
    ['an admin key', { scopes: ['admin'] }, false, 201],
    ['an unlimited key', { scopes: ['write'] }, false, 403],
    ['an unlimited key with app_only', { scopes: ['write'], app_only: true }, false, 201],
    ['a limited key', { scopes: ['write'] }, true, 403],
    ['a limited key with app_only', { scopes: ['write'], app_only: true }, true, 201],
  ])('through an app-only account: %s', async (_which, input, isLimited, status) => {
    const world = await createTestMessageWorld()
    const { id } = await world.save(
      smtpForm('', { username: 'support@contoso.test', authentication: appOnly('contoso.test') }),
    )
    const { key } = await createKey(world, { ...input, ...(isLimited && { mail_accounts: [id] }) })
    const response = await callerOf(world, key)('POST', pathOf(id), { to: TO })
    expect(response.status).toBe(status)
    if (status === 403) {
      expect(await response.json()).toMatchObject({ code: 'app_only_not_allowed' })
      expect(world.probes).toEqual([])
    }
  })
})

describe('the limits on test messages', () => {
  it('allow 10 an hour from one mailbox, whichever accounts name it and whatever became of them', {
    timeout: MANY_CALLS_MS,
  }, async () => {
    const world = await createTestMessageWorld()
    const first = await world.saveSmtp()
    const second = await world.saveSmtp({
      username: 'Alice@Contoso.test',
      from: 'sales@contoso.test',
    })
    const other = await world.saveSmtp({
      username: 'bob@contoso.test',
      delegate: 'alice@contoso.test',
    })
    await enableGraph(world)
    const throughGraph = await world.grant('alice@contoso.test', { protocols: ['graph_send'] })
    const graph = await world.save(graphForm(throughGraph))
    for (let count = 0; count < 9; count++) {
      world.login.probe = count % 2 === 0 ? sends : refuses
      await world.sent(count % 3 === 0 ? first.id : second.id)
      world.advance(60)
    }
    await world.sent(graph.id)
    world.advance(60)
    expect((await world.sendTo(graph.id, TO)).status).toBe(429)
    const refused = await world.sendTo(second.id, TO)
    expect(refused.status).toBe(429)
    // The first message was sent ten minutes ago.
    expect(refused.headers.get('retry-after')).toBe('3000')
    expect(await refused.json()).toMatchObject({
      code: 'rate_limited',
      detail:
        'The limit is 10 test messages an hour from one mailbox. Nothing was sent. Send the next one in 50 minutes.',
    })
    expect(world.probes).toHaveLength(9)
    await world.sent(other.id)
    world.advance(2999)
    expect((await world.sendTo(first.id, TO)).status).toBe(429)
    world.advance(1)
    await world.sent(first.id)
    expect((await world.sendTo(first.id, TO)).status).toBe(429)
  })

  it('allow 30 an hour with one key', { timeout: MANY_CALLS_MS }, async () => {
    const world = await createTestMessageWorld()
    const { key } = await createKey(world, { scopes: ['write'] })
    const grant = await world.grant('alice@contoso.test')
    const save = (name: string) =>
      world.save(
        smtpForm(grant, { username: `${name}@contoso.test`, delegate: 'alice@contoso.test' }),
      )
    const accounts = [await save('one'), await save('two'), await save('three'), await save('four')]
    const send = async (at: number) =>
      callerOf(world, key)('POST', pathOf(accounts[at % 4]?.id ?? ''), { to: TO })
    for (let count = 0; count < 30; count++) expect((await send(count)).status).toBe(201)
    const refused = await send(30)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('3600')
    expect((await refused.json<{ detail: string }>()).detail).toContain('with one API key')
    // Another key may send, and so may this one after an hour.
    await world.sent(accounts[2]?.id ?? '')
    world.advance(3600)
    expect((await send(30)).status).toBe(201)
  })

  it('hold for calls at the same time, through two deployments of one database', async () => {
    const { world, id } = await smtpAccountWorld()
    const other = await createTestMessageWorld({ keepDatabase: true })
    const calls = Array.from({ length: 24 }, (_, at) => (at % 2 ? other : world).sendTo(id, TO))
    const statuses = (await Promise.all(calls)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(14)
    expect([...world.probes, ...other.probes]).toHaveLength(10)
  })
})

describe('a test message with an Idempotency-Key', () => {
  const once = { 'idempotency-key': 'one' }

  it('is sent once: a repetition gets the first result', async () => {
    const { world, id } = await smtpAccountWorld()
    const first = await (await world.sendTo(id, TO, once)).json()
    world.advance(30)
    const again = await world.sendTo(id, TO, once)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(await again.json()).toEqual(first)
    expect(world.probes).toHaveLength(1)
    expect((await world.sendTo(id, 'carol@contoso.test', once)).status).toBe(422)
    await world.sendTo(id, TO, { 'idempotency-key': 'two' })
    expect(world.probes).toHaveLength(2)
  })

  it.each([
    ['', 0],
    [', also after midnight', 15 * 3600 - 30],
  ])(
    'is not sent again if the first attempt died before its result was stored%s',
    async (_when, seconds) => {
      const { world, id } = await smtpAccountWorld()
      world.advance(seconds)
      const { idempotency } = world.services.store
      const finish = idempotency.finish
      idempotency.finish = () => Promise.reject(new Error('the process dies'))
      await world.sendTo(id, TO, once)
      idempotency.finish = finish
      world.advance(61)
      const result = await (await world.sendTo(id, TO, once)).json<TestMessage>()
      expect(result).toMatchObject({ outcome: 'inconclusive', sent: null, diagnosis: null })
      expect(lastStep(result)).toMatchObject({
        name: 'send',
        outcome: 'inconclusive',
        detail: expect.stringContaining('may have been sent'),
      })
      expect(world.probes).toHaveLength(1)
      const events = await world.events()
      expect(events.filter((type) => type === 'test_message.requested')).toHaveLength(1)
    },
  )

  it('can be repeated after a refusal, which sent nothing', async () => {
    const { world, id } = await smtpAccountWorld()
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect((await world.sendTo(id, TO, once)).status).toBe(409)
    await world.call('POST', '/v1/integrations/microsoft/activate')
    expect((await world.sendTo(id, TO, once)).status).toBe(201)
    expect(world.probes).toHaveLength(1)
  })
})
