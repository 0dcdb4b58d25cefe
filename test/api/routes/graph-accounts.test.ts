/** Email accounts that send through Microsoft Graph: their server, validations and test messages. */
import { describe, expect, it } from 'vitest'
import type { Validation } from '../../../schema/validation.ts'
import { appOnly } from '../app-only-world.ts'
import {
  accepts,
  denies,
  enableGraph,
  graphAccountWorld,
  graphError,
  graphForm,
  permits,
} from '../graph-world.ts'
import { PUBLIC_URL } from '../harness.ts'
import { createKey } from '../keys.ts'
import { activeMailWorld, department, grantWorld, passwordForm, smtpForm } from '../mail-world.ts'
import { pathOf } from '../test-message-world.ts'

const GRAPH = { host: 'graph.microsoft.com', port: 443, security: 'tls' }
const SMTP = { host: 'smtp.office365.com', port: 587, security: 'starttls' }
const TO = 'bob@contoso.test'
const SHARED = { username: 'support@contoso.test', delegate: 'alice@contoso.test' }

/** Returns the outcome and the step that was reached last, with its words. */
const endOf = ({ outcome, steps }: Pick<Validation, 'outcome' | 'steps'>) => {
  const last = steps.findLast((step) => step.outcome !== 'skipped')
  return [outcome, last?.name, last?.outcome]
}
const wordsOf = ({ steps }: Pick<Validation, 'steps'>) =>
  steps.findLast(({ detail }) => detail !== null)?.detail

const grantBoth = async () => {
  const made = await grantWorld({ protocols: ['smtp', 'graph_send'] })
  await enableGraph(made.world)
  return made
}

describe('an account that sends through Graph', () => {
  it.each<[string, object, string]>([
    ['another host', { host: 'graph.evil.example' }, '/host'],
    ["another cloud's host", { host: 'graph.microsoft.us' }, '/host'],
    ['another port', { port: 587 }, '/port'],
    ['another security', { security: 'starttls' }, '/security'],
    ['an owner that reads', { owner: department }, '/owner/type'],
    [
      'a password',
      passwordForm({ protocol: 'graph_send', owner: null, host: undefined }),
      '/authentication/type',
    ],
  ])('is refused with %s', async (_what, changes, pointer) => {
    const { world, grant } = await grantBoth()
    const problem = await world.problem('POST', '/v1/mail-accounts', graphForm(grant, changes))
    expect(problem).toMatchObject({ status: 422, errors: [{ pointer }] })
  })

  it('has the server of Graph, which is not a choice but may be repeated', async () => {
    const { world, grant } = await grantBoth()
    const { id, ...saved } = await world.save(graphForm(grant))
    expect(saved).toMatchObject(GRAPH)
    expect(
      await world.replace(id, graphForm(grant, { ...GRAPH, host: 'Graph.Microsoft.com' })),
    ).toMatchObject(GRAPH)
    expect(
      await world.problem('PUT', `/v1/mail-accounts/${id}`, graphForm(grant, { port: 8443 })),
    ).toMatchObject({
      status: 422,
      errors: [{ pointer: '/port', message: expect.stringContaining('443') }],
    })
  })

  it('must be enabled in the settings, and stays when it no longer is', async () => {
    const { world, grant } = await grantWorld({ protocols: ['smtp', 'graph_send'] })
    for (const path of ['/v1/mail-accounts', '/v1/validations']) {
      expect(await world.problem('POST', path, graphForm(grant))).toMatchObject({
        status: 409,
        code: 'protocol_not_enabled',
      })
    }
    await enableGraph(world)
    const { id } = await world.save(graphForm(grant))
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: (await world.get<{ client_id: string }>('/v1/integrations/microsoft/settings'))
        .client_id,
      protocols: ['imap', 'smtp'],
    })
    expect(await world.replace(id, graphForm(grant, { name: 'Newsletter' }))).toMatchObject(GRAPH)
    expect((await world.validateSaved(id)).outcome).toBe('passed')
  })
})

describe('a change of the protocol', () => {
  it('to Graph and back ignores the former server, and is an event with both', async () => {
    const { world, grant } = await grantBoth()
    const { id } = await world.save(smtpForm(grant))
    expect(await world.replace(id, graphForm(grant, SMTP))).toMatchObject({
      protocol: 'graph_send',
      ...GRAPH,
    })
    world.advance(1)
    expect(await world.replace(id, smtpForm(grant, GRAPH))).toMatchObject({
      protocol: 'smtp',
      ...SMTP,
    })
    await world.replace(id, smtpForm(grant, { name: 'Newsletter' }))
    expect(await world.get('/v1/events?type=mail_account.protocol_changed')).toMatchObject({
      data: [
        { subject: id, data: { from: 'graph_send', to: 'smtp' } },
        {
          subject: id,
          data: {
            mail_account: id,
            username: 'alice@contoso.test',
            from: 'smtp',
            to: 'graph_send',
          },
        },
      ],
    })
  })

  it('takes a server that is not the former one', async () => {
    const { world, grant } = await grantBoth()
    const { id } = await world.save(graphForm(grant))
    expect(
      await world.problem(
        'PUT',
        `/v1/mail-accounts/${id}`,
        smtpForm(grant, { host: 'smtp.evil.example' }),
      ),
    ).toMatchObject({
      code: 'mail_host_not_allowed',
    })
    const other = { host: 'smtp-mail.outlook.com', ...{ port: 587, security: 'starttls' } }
    expect(await world.replace(id, smtpForm(grant, other))).toMatchObject(other)
  })

  it('is refused without consent, after one refresh has tried', async () => {
    const { world, grant } = await grantWorld({ protocols: ['smtp'] })
    await enableGraph(world)
    const { id } = await world.save(smtpForm(grant))
    world.advance(61)
    const before = world.entra.counts().token.refresh_token
    const problem = await world.problem('PUT', `/v1/mail-accounts/${id}`, graphForm(grant))
    expect(problem).toMatchObject({ status: 409, code: 'protocol_not_granted' })
    expect(world.entra.counts().token.refresh_token).toBe(before + 1)
    expect(await world.read(id)).toMatchObject({ protocol: 'smtp', health: 'unverified' })
  })
})

describe('validating an account that sends through Graph', () => {
  it('asks Graph, sends nothing and returns every step', async () => {
    const { world, id, seen } = await graphAccountWorld()
    expect(await world.validateSaved(id)).toMatchObject({
      outcome: 'passed',
      protocol: 'graph_send',
      ...GRAPH,
      mechanism: 'Bearer',
      identity: 'alice@contoso.test',
      steps: [
        { name: 'connect', outcome: 'passed' },
        { name: 'authenticate', outcome: 'passed' },
        {
          name: 'permission',
          outcome: 'passed',
          detail: expect.stringContaining('Nothing was sent'),
        },
      ],
      warnings: [],
      diagnosis: null,
    })
    expect(seen.map(({ url, body }) => [url, body])).toEqual([
      ['https://graph.microsoft.com/v1.0/me/sendMail', '!!!!'],
    ])
    expect(world.probes).toEqual([])
    expect((await world.read(id)).health).toBe('ok')
  })

  it.each<[string, () => Response | Promise<Response>, string[], string]>([
    ['a refusal', denies, ['failed', 'permission', 'failed'], 'ErrorAccessDenied'],
    [
      'a token that is not accepted',
      () => graphError(401, 'InvalidAuthenticationToken', 'x'),
      ['inconclusive', 'authenticate', 'inconclusive'],
      'InvalidAuthenticationToken',
    ],
    [
      'a missing mailbox',
      () => graphError(404, 'MailboxNotEnabledForRESTAPI', 'x'),
      ['inconclusive', 'permission', 'inconclusive'],
      'MailboxNotEnabledForRESTAPI',
    ],
    [
      'another 400',
      () => graphError(400, 'BadRequest', 'x'),
      ['inconclusive', 'permission', 'inconclusive'],
      'BadRequest',
    ],
    [
      'another 403',
      () => graphError(403, 'accessDenied', 'x'),
      ['inconclusive', 'permission', 'inconclusive'],
      'accessDenied',
    ],
    [
      "a proxy's page",
      () => new Response('<html>', { status: 403 }),
      ['inconclusive', 'connect', 'inconclusive'],
      'HTTP status 403',
    ],
    [
      'an outage',
      () => new Response('', { status: 503 }),
      ['inconclusive', 'connect', 'inconclusive'],
      'HTTP status 503',
    ],
    [
      'a broken connection',
      () => Promise.reject(new TypeError('x', { cause: { code: 'ECONNRESET' } })),
      ['inconclusive', 'connect', 'inconclusive'],
      'ECONNRESET',
    ],
  ])('calls %s by its name', async (_what, respond, end, words) => {
    const { world, id, graph, seen } = await graphAccountWorld()
    graph.respond = respond
    const validation = await world.validateSaved(id)
    expect(endOf(validation)).toEqual(end)
    expect(wordsOf(validation)).toContain(words)
    expect((await world.read(id)).health).toBe(end[0] === 'failed' ? 'failing' : 'unverified')
    expect(seen).toHaveLength(1)
  })

  it('takes throttling for no verdict, so that the last one stays', async () => {
    const { world, id, graph } = await graphAccountWorld()
    await world.validateSaved(id)
    graph.respond = () => new Response(null, { status: 429, headers: { 'retry-after': '17' } })
    const validation = await world.validateSaved(id)
    expect(validation.outcome).toBe('inconclusive')
    expect(wordsOf(validation)).toContain('in 17 s')
    expect((await world.read(id)).health).toBe('ok')
  })

  it.each<[string, object]>([
    ['a delegate', SHARED],
    [
      'app-only access',
      { username: 'support@contoso.test', authentication: appOnly('contoso.test') },
    ],
  ])('with %s proves the token only, and says so', async (_what, changes) => {
    const { world, id, seen, graph } = await graphAccountWorld(changes)
    const validation = await world.validateSaved(id)
    expect(validation).toMatchObject({ outcome: 'passed', mechanism: null, diagnosis: null })
    expect(validation.warnings).toEqual([expect.stringContaining('Send a test message.')])
    expect(seen).toEqual([])
    expect((await world.read(id)).health).toBe('ok')
    graph.respond = accepts
    await world.call('POST', pathOf(id), { to: TO })
    expect(seen[0]?.url).toBe(
      'https://graph.microsoft.com/v1.0/users/support%40contoso.test/sendMail',
    )
  })

  it('is unverified after a worker has reported two tokens in a row, until a message is accepted', async () => {
    const { world, id, graph } = await graphAccountWorld(SHARED)
    const health = async () => (await world.read(id)).health
    await world.validateSaved(id)
    const report = async (rejected?: string) => {
      const body = { rejected_expires_at: rejected }
      const issued = await world.call('POST', `/v1/mail-accounts/${id}/access-token`, body)
      return (await issued.json<{ expires_at: string }>()).expires_at
    }
    world.advance(61)
    const first = await report()
    const second = await report(first)
    expect([second === first, await health()]).toEqual([false, 'ok'])
    await report(second)
    expect(await health()).toBe('unverified')
    graph.respond = accepts
    await world.call('POST', pathOf(id), { to: TO })
    expect(await health()).toBe('ok')
  })

  it('ends the probe for all accounts once Graph has accepted it', async () => {
    const { world, id, graph, seen } = await graphAccountWorld()
    graph.respond = accepts
    expect(endOf(await world.validateSaved(id))).toEqual([
      'inconclusive',
      'permission',
      'inconclusive',
    ])
    graph.respond = permits
    const later = await world.validateSaved(id)
    expect(later).toMatchObject({
      outcome: 'passed',
      warnings: [expect.stringContaining('Send a test message')],
    })
    expect(seen).toHaveLength(1)
    expect(await world.get('/v1/events?type=integration.graph_probe_accepted')).toMatchObject({
      data: [
        {
          subject: 'microsoft',
          data: { client_request_id: seen[0]?.headers.get('client-request-id') },
        },
      ],
    })
  })
})

describe('a test message through Graph', () => {
  const sentBy = async (made: Awaited<ReturnType<typeof graphAccountWorld>>, headers = {}) => {
    const response = await made.world.call('POST', pathOf(made.id), { to: TO }, headers)
    expect(response.status).toBe(201)
    return response.json<Validation & { sent: boolean | null }>()
  }

  it('is accepted, not delivered, and proves that the account can send', async () => {
    const made = await graphAccountWorld({ from: 'sales@contoso.test' })
    made.graph.respond = accepts
    const message = await sentBy(made)
    expect(message).toMatchObject({
      outcome: 'passed',
      sent: true,
      from: 'sales@contoso.test',
      mechanism: 'Bearer',
    })
    expect(message.steps.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['connect', 'passed'],
      ['authenticate', 'passed'],
      ['permission', 'passed'],
      ['send', 'passed'],
    ])
    expect(wordsOf(message)).toContain('not delivery')
    expect(await made.world.read(made.id)).toMatchObject({
      health: 'ok',
      last_validation: { outcome: 'passed' },
    })
    expect(made.world.probes).toEqual([])
  })

  it.each<[string, () => Response | Promise<Response>, string[], boolean | null]>([
    ['refused', denies, ['failed', 'permission', 'failed'], false],
    [
      'refused for its sender',
      () => graphError(403, 'ErrorSendAsDenied', 'x'),
      ['failed', 'send', 'failed'],
      false,
    ],
    [
      'refused for its token',
      () => new Response(null, { status: 401 }),
      ['failed', 'authenticate', 'failed'],
      false,
    ],
    [
      'throttled',
      () => graphError(429, 'ApplicationThrottled', 'x'),
      ['inconclusive', 'send', 'inconclusive'],
      false,
    ],
    [
      'stopped by a proxy',
      () => new Response('<html>', { status: 403 }),
      ['inconclusive', 'connect', 'inconclusive'],
      false,
    ],
    [
      'never sent',
      () => Promise.reject(new TypeError('x', { cause: { code: 'ENOTFOUND' } })),
      ['inconclusive', 'connect', 'inconclusive'],
      false,
    ],
    [
      'lost',
      () => Promise.reject(new TypeError('x')),
      ['inconclusive', 'connect', 'inconclusive'],
      null,
    ],
    [
      'lost at a gateway',
      () => new Response('', { status: 504 }),
      ['inconclusive', 'connect', 'inconclusive'],
      null,
    ],
    [
      'lost in the store',
      () => graphError(503, 'ErrorServerBusy', 'x'),
      ['inconclusive', 'send', 'inconclusive'],
      null,
    ],
  ])(
    'that is %s is not repeated, and leaves the last validation',
    async (_what, respond, end, sent) => {
      const made = await graphAccountWorld()
      made.graph.respond = respond
      const message = await sentBy(made)
      expect([endOf(message), message.sent]).toEqual([end, sent])
      expect(wordsOf(message)).toContain(sent === null ? 'may have been sent' : 'Nothing was sent')
      expect(made.seen).toHaveLength(1)
      expect((await made.world.read(made.id)).last_validation).toBeNull()
    },
  )

  it('is sent once for one Idempotency-Key, though the first attempt was lost', async () => {
    const made = await graphAccountWorld()
    made.graph.respond = () => Promise.reject(new TypeError('x'))
    const once = { 'idempotency-key': 'one' }
    expect(await sentBy(made, once)).toEqual(await sentBy(made, once))
    expect(made.seen).toHaveLength(1)
  })

  it('counts with those over SMTP from the same mailbox', async () => {
    const made = await graphAccountWorld()
    const { world } = made
    made.graph.respond = accepts
    const smtp = await world.save(smtpForm(await world.grant('alice@contoso.test')))
    for (let count = 0; count < 10; count++) {
      await world.call('POST', pathOf(count % 2 ? made.id : smtp.id), { to: TO })
    }
    for (const id of [made.id, smtp.id]) {
      expect((await world.call('POST', pathOf(id), { to: TO })).status).toBe(429)
    }
  })
})

describe('a personal account', () => {
  it('is asked about as itself, too', async () => {
    const world = await activeMailWorld()
    await enableGraph(world)
    const grant = await world.grant('grace@outlook.test', { protocols: ['graph_send'] })
    const { id } = await world.save(graphForm(grant, { username: 'grace@outlook.test' }))
    expect((await world.validateSaved(id)).outcome).toBe('passed')
    expect(world.graph.calls).toEqual([{ method: 'POST', path: '/v1.0/me/sendMail', status: 400 }])
    const sent = await world.call('POST', pathOf(id), { to: TO })
    expect(await sent.json()).toMatchObject({ outcome: 'passed', sent: true })
    expect(world.graph.messages).toMatchObject([{ mailbox: 'grace@outlook.test', to: [TO] }])
  })
})

describe('the access token of an account that sends through Graph', () => {
  it('is for requests, with the URL and the path of the mailbox', async () => {
    const { world, id } = await graphAccountWorld()
    const response = await world.call('POST', `/v1/mail-accounts/${id}/access-token`)
    expect(await response.json()).toMatchObject({
      mechanism: 'Bearer',
      api_base: 'https://graph.microsoft.com/v1.0',
      mailbox_path: '/me',
      ...GRAPH,
    })
    const path = `/v1/mail-accounts/${id}/access-token?form=xoauth2`
    const ofLogin = await world.call('POST', path, {}, { accept: 'text/plain' })
    expect([ofLogin.status, await ofLogin.text()]).toEqual([422, expect.stringContaining('Graph')])
  })

  it('of a shared mailbox names it as one segment of the path', async () => {
    const { world, id } = await graphAccountWorld({
      ...SHARED,
      username: 'support+it@contoso.test',
    })
    const response = await world.call('POST', `/v1/mail-accounts/${id}/access-token`)
    expect(await response.json()).toMatchObject({
      mailbox_path: '/users/support%2Bit%40contoso.test',
      username: SHARED.delegate,
    })
  })

  it('goes to an OAuth client only if its scope is empty or names Graph', async () => {
    const { world, id } = await graphAccountWorld()
    const { key } = await createKey(world, { scopes: ['tokens'], mail_accounts: [id] })
    const request = (scope: string) =>
      world.send(
        new Request(`${PUBLIC_URL}/oauth/token`, {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'client_credentials',
            client_id: id,
            client_secret: key,
            scope,
          }),
        }),
      )
    const errors = ['https://outlook.office.com/SMTP.Send', 'openid'].map(async (scope) =>
      (await request(scope)).json(),
    )
    for (const error of await Promise.all(errors)) {
      expect(error).toMatchObject({ error: 'invalid_scope' })
    }
    for (const scope of ['', 'https://graph.microsoft.com/Mail.Send offline_access']) {
      expect(await (await request(scope)).json()).toMatchObject({
        scope: 'https://graph.microsoft.com/Mail.Send',
      })
    }
  })
})
