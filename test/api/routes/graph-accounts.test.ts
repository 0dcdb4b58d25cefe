/** Email accounts that send through Microsoft Graph: their server, validations and test messages. */
import { describe, expect, it } from 'vitest'
import type { TestMessage } from '../../../schema/test-message.ts'
import type { Validation } from '../../../schema/validation.ts'
import { appOnly } from '../app-only-world.ts'
import { refused } from '../domain/tokens/both-kinds.ts'
import {
  accepts,
  denies,
  enableGraph,
  graphAccountWorld,
  graphForm,
  replyOf,
} from '../graph-world.ts'
import { PUBLIC_URL, problemOf } from '../harness.ts'
import { callerOf, createKey } from '../keys.ts'
import { activeMailWorld, department, grantWorld, passwordForm, smtpForm } from '../mail-world.ts'
import { authorize } from '../sign-in.ts'
import { eventsOf, rows } from '../sql.ts'
import { pathOf } from '../test-message-world.ts'

const GRAPH = { host: 'graph.microsoft.com', port: 443, security: 'tls' }
const SMTP = { host: 'smtp.office365.com', port: 587, security: 'starttls' }
const TO = 'bob@contoso.test'
const SHARED = { username: 'support@contoso.test', delegate: 'alice@contoso.test' }
/** The refusal of a sign-in that only allows sending from the person's own mailbox. */
const NOT_SHARED = {
  status: 409,
  code: 'protocol_not_granted',
  detail: expect.stringContaining("in someone else's mailbox"),
}

/** Returns the outcome and the step that was reached last. */
const endOf = ({ outcome, steps }: Pick<Validation, 'outcome' | 'steps'>) =>
  `${outcome} at ${steps.findLast((step) => step.outcome !== 'skipped')?.name}`
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

  it("is refused for someone else's mailbox without the further permission", async () => {
    const { world, grant } = await grantBoth()
    const form = graphForm(grant, SHARED)
    expect(await world.problem('POST', '/v1/mail-accounts', form)).toMatchObject(NOT_SHARED)
    expect(await world.problem('POST', '/v1/validations', form)).toMatchObject(NOT_SHARED)
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

  it('is another one than the account over SMTP of the same mailbox and owner', async () => {
    const { world, grant } = await grantBoth()
    const items = [smtpForm(grant), graphForm(grant)]
    const once = { 'idempotency-key': 'two' }
    const bulk = await world.call('POST', '/v1/mail-accounts/bulk', { items }, once)
    expect(await bulk.json()).toMatchObject({ created: 2, failed: 0 })
    expect(await world.get('/v1/mail-accounts?duplicate=true')).toMatchObject({ data: [] })
    const again = await world.problem('POST', '/v1/mail-accounts', {
      ...graphForm(grant),
      unique: true,
    })
    expect(again).toMatchObject({ status: 409, code: 'mail_account_exists' })
  })

  it('must be enabled in the settings, and stays when it no longer is', async () => {
    const { world, grant } = await grantWorld({ protocols: ['smtp', 'graph_send'] })
    const signIn = { username: 'alice@contoso.test', protocols: ['graph_send'] }
    for (const [path, body] of [
      ['/v1/mail-accounts', graphForm(grant)],
      ['/v1/validations', graphForm(grant)],
      ['/v1/authorizations', { ...signIn, provider: 'microsoft' }],
      ['/v1/grants', { ...signIn, refresh_token: 'of-another-product' }],
    ] as const) {
      expect(await world.problem('POST', path, body)).toMatchObject({
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

it('is found and counted by its protocol', async () => {
  const { world, id } = await graphAccountWorld()
  await world.save(passwordForm())
  const { data } = await world.get<{ data: { id: string }[] }>(
    '/v1/mail-accounts?protocol=graph_send',
  )
  expect(data.map((account) => account.id)).toEqual([id])
  expect(await world.get('/v1/mail-accounts/summary?protocol=graph_send')).toMatchObject({
    total: 1,
    health: { unverified: 1 },
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

  it("for someone else's mailbox asks for its further permission, too", async () => {
    const { world, grant } = await grantWorld({ protocols: ['smtp'] })
    await enableGraph(world)
    const { id } = await world.save(smtpForm(grant, SHARED))
    const { refresh } = world.services.entra
    const asked: string[] = []
    world.services.entra.refresh = (request) => {
      asked.push(...request.scopes)
      return refresh(request)
    }
    // She has consented to sending from her own mailbox only.
    await world.grant('alice@contoso.test', { protocols: ['graph_send'] })
    world.advance(61)
    const form = graphForm(grant, SHARED)
    expect(await world.problem('PUT', `/v1/mail-accounts/${id}`, form)).toMatchObject(NOT_SHARED)
    expect(asked).toContain('https://graph.microsoft.com/Mail.Send.Shared')
    await world.grant('alice@contoso.test', { protocols: ['graph_send'], shared: true })
    world.advance(61)
    expect(await world.replace(id, form)).toMatchObject({ protocol: 'graph_send' })
  })

  it('that an administrator must permit first is refused, and alarms no one', async () => {
    const { world, grant } = await grantWorld({ protocols: ['smtp'] })
    await enableGraph(world)
    const { id } = await world.save(smtpForm(grant))
    world.services.entra.refresh = async () => refused('interaction_required', 53003)
    const put = () => world.problem('PUT', `/v1/mail-accounts/${id}`, graphForm(grant))
    for (const _attempt of [1, 2]) {
      world.advance(61)
      expect(await put()).toMatchObject({ status: 409, code: 'protocol_not_granted' })
    }
    expect(await world.get(`/v1/grants/${grant}`)).toMatchObject({
      status: 'active',
      resources: [{ resource: 'outlook' }, { resource: 'graph', status: 'reconnect_required' }],
    })
    expect(await eventsOf(grant)).not.toContain('grant.blocked')
  })

  it('is refused while the token that it needs is', async () => {
    const { world, grant } = await grantBoth()
    const { id } = await world.save(smtpForm(grant))
    await rows("UPDATE grant_tokens SET state = 'reconnect_required' WHERE resource = 'graph'")
    expect(await world.problem('PUT', `/v1/mail-accounts/${id}`, graphForm(grant))).toMatchObject({
      status: 409,
      code: 'grant_not_usable',
    })
    await rows("UPDATE grant_tokens SET state = 'reconnect_required'")
    expect(await world.replace(id, smtpForm(grant, { name: 'Newsletter' }))).toMatchObject(SMTP)
  })

  it('of an app-only account is refused to a key with a limit', async () => {
    const app = { username: 'support@contoso.test', authentication: appOnly('contoso.test') }
    const { world, id } = await graphAccountWorld(app)
    const { key } = await createKey(world, { scopes: ['read', 'write'], mail_accounts: [id] })
    const put = (form: object) => callerOf(world, key)('PUT', `/v1/mail-accounts/${id}`, form)
    expect((await put(graphForm('', { ...app, name: 'Newsletter' }))).status).toBe(200)
    expect(await problemOf(put(smtpForm('', app)))).toMatchObject({ code: 'key_limited' })
  })
})

it("is blocked for someone else's mailbox once Microsoft grants sending from the own one alone", async () => {
  const { world, grant, id } = await graphAccountWorld(SHARED)
  const own = await world.save(graphForm(grant))
  const { refresh } = world.services.entra
  const refreshWith = async (...permissions: string[]) => {
    const scope = permissions.map((name) => `https://graph.microsoft.com/${name}`).join(' ')
    world.services.entra.refresh = async (request) => {
      const response = await refresh(request)
      return response.ok ? { ...response, tokens: { ...response.tokens, scope } } : response
    }
    world.advance(2 * 3600)
    const issued = await world.call('POST', `/v1/mail-accounts/${own.id}/access-token`)
    expect(issued.status).toBe(200)
  }
  const blocked = async () => {
    const { data } = await world.get<{ data: { id: string }[] }>('/v1/mail-accounts?health=blocked')
    return data.map((account) => account.id)
  }
  await refreshWith('Mail.Send')
  expect(await blocked()).toEqual([id])
  expect(await world.read(id)).toMatchObject({
    health: 'blocked',
    problem: {
      code: 'protocol_not_granted',
      detail: expect.stringContaining("for someone else's mailbox"),
    },
  })
  await refreshWith('Mail.Send', 'Mail.Send.Shared')
  expect(await blocked()).toEqual([])
  // An account is blocked as well if it is changed to such a mailbox.
  await refreshWith('Mail.Send')
  await rows('UPDATE mail_accounts SET delegate = username, username = ? WHERE id = ?', 'x', own.id)
  expect((await blocked()).sort()).toEqual([id, own.id].sort())
})

it('a reconnection also asks for what Microsoft no longer grants to the account', async () => {
  const { world, grant } = await grantBoth()
  const { id } = await world.save(graphForm(grant))
  await rows("UPDATE grant_tokens SET protocols = '' WHERE resource = 'graph'")
  expect((await world.read(id)).health).toBe('blocked')
  await authorize(world, { mail_account_id: id, apply: 'at_once' })
  expect(await world.get('/v1/events?type=authorization.created')).toMatchObject({
    data: [{ data: { protocols: 'smtp graph_send' } }],
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

  it('asks Graph about a form that is not saved yet, too', async () => {
    const { world, grant, seen } = await graphAccountWorld()
    const form = graphForm(grant, { owner: { type: 'brand', id: 'br_2' } })
    const validation = await world.validate(form)
    expect(validation).toMatchObject({ outcome: 'passed', mechanism: 'Bearer' })
    expect(seen).toHaveLength(1)
    const account = await world.save(form)
    expect(account).toMatchObject({ health: 'ok', last_validation: { id: validation.id } })
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
    expect(validation.warnings).toEqual([expect.stringContaining('send a test message.')])
    expect(seen).toEqual([])
    const health = async () => (await world.read(id)).health
    expect(await health()).toBe('ok')
    graph.respond = denies
    await world.call('POST', pathOf(id), { to: TO })
    expect(seen[0]?.url).toBe(
      'https://graph.microsoft.com/v1.0/users/support%40contoso.test/sendMail',
    )
    // A validation could not find this: it shows only when a message is sent.
    expect(await health()).toBe('failing')
    graph.respond = accepts
    await world.call('POST', pathOf(id), { to: TO })
    expect(await health()).toBe('ok')
  })

  it('is inconclusive if Graph accepts what is no message', async () => {
    const { world, id, graph } = await graphAccountWorld()
    graph.respond = accepts
    const validation = await world.validateSaved(id)
    expect(endOf(validation)).toBe('inconclusive at permission')
    expect(wordsOf(validation)).toContain('Send a test message')
  })
})

describe('a test message through Graph', () => {
  it('is accepted, not delivered, and proves that the account can send', async () => {
    const { world, id, graph } = await graphAccountWorld({ from: 'sales@contoso.test' })
    graph.respond = accepts
    const message = await (await world.call('POST', pathOf(id), { to: TO })).json<TestMessage>()
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
    expect(await world.read(id)).toMatchObject({
      health: 'ok',
      last_validation: { outcome: 'passed' },
    })
    expect(world.probes).toEqual([])
  })
})

describe('a refusal, an outage or a lost response', () => {
  it.each<[reply: string, validation: string, message: string, sent: boolean | null]>([
    ['403 ErrorAccessDenied', 'failed at permission', 'failed at permission', false],
    ['403 ErrorSendAsDenied', 'inconclusive at permission', 'failed at send', false],
    [
      '401 InvalidAuthenticationToken',
      'inconclusive at authenticate',
      'failed at authenticate',
      false,
    ],
    ['401', 'inconclusive at authenticate', 'failed at authenticate', false],
    ['404 MailboxNotEnabledForRESTAPI', 'inconclusive at permission', 'failed at send', false],
    ['400 BadRequest', 'inconclusive at permission', 'failed at send', false],
    ['429 ApplicationThrottled', 'inconclusive at permission', 'inconclusive at send', false],
    ['403 <html>', 'inconclusive at connect', 'inconclusive at connect', false],
    ['503', 'inconclusive at connect', 'inconclusive at connect', null],
    ['504 <html>', 'inconclusive at connect', 'inconclusive at connect', null],
    ['503 ErrorServerBusy', 'inconclusive at permission', 'inconclusive at send', null],
    ['ENOTFOUND', 'inconclusive at connect', 'inconclusive at connect', false],
    ['ECONNRESET', 'inconclusive at connect', 'inconclusive at connect', null],
  ])('of Graph is asked for once, and named: %s', async (reply, validated, sent, wasSent) => {
    const { world, id, graph, seen } = await graphAccountWorld()
    graph.respond = () => replyOf(reply)
    const validation = await world.validateSaved(id)
    const before = await world.read(id)
    expect(before.health).toBe(validation.outcome === 'failed' ? 'failing' : 'unverified')
    const response = await world.call('POST', pathOf(id), { to: TO })
    const message = await response.json<TestMessage>()
    expect([endOf(validation), endOf(message), message.sent]).toEqual([validated, sent, wasSent])
    const [status, code = `status ${status}`] = reply.replace(' <html>', '').split(' ')
    expect(wordsOf(validation)).toContain(/^E/.test(reply) ? reply : code)
    expect(wordsOf(message)).toContain(wasSent === null ? 'may have been sent' : 'Nothing was sent')
    expect(seen).toHaveLength(2)
    expect(await world.read(id)).toEqual(before)
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

  it("is refused while it is not good for someone else's mailbox", async () => {
    const { world, id } = await graphAccountWorld(SHARED)
    const issue = () => world.call('POST', `/v1/mail-accounts/${id}/access-token`)
    world.advance(86_400)
    world.entra.control.faultNext({ kind: 'fewer_scopes', scopes: ['Mail.Send'] })
    await issue()
    expect(await problemOf(issue())).toMatchObject(NOT_SHARED)
    world.advance(61)
    expect((await world.validateSaved(id)).outcome).toBe('passed')
    expect((await issue()).status).toBe(200)
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
    for (const scope of ['', ' ', 'https://graph.microsoft.com/Mail.Send offline_access']) {
      expect(await (await request(scope)).json()).toMatchObject({
        scope: 'https://graph.microsoft.com/Mail.Send',
      })
    }
  })
})
