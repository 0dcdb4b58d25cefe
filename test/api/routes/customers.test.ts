import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { newId } from '../../../api/domain/secrets.ts'
import { deliverWebhooks } from '../../../api/domain/webhooks/deliver.ts'
import { newWebhookSecret } from '../../../api/domain/webhooks/send.ts'
import { RUN_LIMITS } from '../../../api/node/schedule.ts'
import type { AuditEvent } from '../../../schema/event.ts'
import { run, runAfter } from '../domain/operations/maintenance/run.ts'
import { failAfterSecondBatch, flakyDatabase } from '../flaky-database.ts'
import { anotherApp, createWorld } from '../harness.ts'
import { interceptD1 } from '../intercept-d1.ts'
import { callerOf, createKey } from '../keys.ts'
import { activeMailWorld, imapForm, type MailWorld, passwordForm } from '../mail-world.ts'
import { authorize, browserOf, signIn } from '../sign-in.ts'
import { rows } from '../sql.ts'

type Caller = ReturnType<typeof callerOf>
type Row = { id: string; customer: string | null }

const json = async <Body>(response: Promise<Response>): Promise<Body> => (await response).json()
const listOf = async (call: Caller, path: string) =>
  (await json<{ data: Row[]; next_cursor: string | null }>(call('GET', path))).data

const SCOPES = ['write', 'tokens'] as const
const link = { provider: 'microsoft', username: 'bob@contoso.test' }

/** Two customers, each with a key, two accounts, a webhook and a link, and an account without a customer. */
async function twoCustomers() {
  const world = await activeMailWorld()
  const keys = await Promise.all(
    ['acme', 'globex'].map((customer) => createKey(world, { scopes: [...SCOPES], customer })),
  )
  const [acme, globex] = keys.map(({ key }) => callerOf(world, key)) as [Caller, Caller]
  const grant = await world.grant('alice@contoso.test')
  const own = await world.save(imapForm(grant))
  const things = async (call: Caller) => {
    const account = await json<Row>(call('POST', '/v1/mail-accounts', passwordForm()))
    const sent = await json<Row>(call('POST', '/v1/authorizations', link))
    const hook = await json<Row>(
      call('POST', '/v1/webhooks', { url: 'https://hooks.example.com/a' }),
    )
    await call('POST', `/v1/mail-accounts/${account.id}/validate`, {})
    return { account: account.id, link: sent.id, hook: hook.id }
  }
  const root: Caller = (...args) => world.call(...args)
  return {
    world,
    root,
    acme,
    globex,
    own,
    ofAcme: await things(acme),
    ofGlobex: await things(globex),
  }
}

describe('a key of a customer', () => {
  it('makes and lists the things of its customer only', async () => {
    const { acme, globex, root, own, ofAcme, ofGlobex } = await twoCustomers()
    for (const [call, customer, things] of [
      [acme, 'acme', ofAcme],
      [globex, 'globex', ofGlobex],
    ] as const) {
      expect(await listOf(call, '/v1/mail-accounts')).toMatchObject([
        { id: things.account, customer },
      ])
      expect(await listOf(call, '/v1/mailboxes')).toMatchObject([
        { customer, accounts: [{ id: things.account }] },
      ])
      expect(await listOf(call, '/v1/authorizations')).toMatchObject([
        { id: things.link, customer },
      ])
      expect(await listOf(call, '/v1/webhooks')).toMatchObject([{ id: things.hook, customer }])
      expect(JSON.stringify(await listOf(call, '/v1/webhooks'))).not.toContain('integration.')
      expect(await listOf(call, '/v1/grants')).toEqual([])
      expect(await json(call('GET', '/v1/mail-accounts/summary'))).toMatchObject({ total: 1 })
      expect(await listOf(call, '/v1/mail-accounts/owners')).toHaveLength(1)
      const { days } = await json<{ days: object[] }>(call('GET', '/v1/history?days=1'))
      expect(days).toMatchObject([{ passed: 1, token_requests: null }])
    }
    const form = imapForm(own.grant?.id ?? '')
    expect((await acme('POST', '/v1/mail-accounts', form)).status).toBe(422)
    expect((await acme('GET', `/v1/grants/${own.grant?.id}`)).status).toBe(404)
    expect(await listOf(root, '/v1/mail-accounts')).toHaveLength(3)
    expect(await listOf(root, '/v1/api-keys?customer=acme')).toMatchObject([{ customer: 'acme' }])
    expect(await json(root('GET', '/v1/mail-accounts?duplicate=true'))).toMatchObject({ data: [] })
    const summary = await json(root('GET', '/v1/mail-accounts/summary'))
    expect(summary).toMatchObject({ total: 3, duplicates: 0 })
  })

  it('cannot name another customer, import, make an app-only account or open the console', async () => {
    const { world, acme, ofAcme } = await twoCustomers()
    const appOnly = imapForm('', {
      authentication: { type: 'oauth', provider: 'microsoft', flow: 'app_only', tenant: 'x.test' },
    })
    for (const [method, path, body] of [
      ['POST', '/v1/mail-accounts', { ...passwordForm(), customer: 'globex' }],
      ['POST', '/v1/mail-accounts', appOnly],
      ['POST', '/v1/validations', appOnly],
      ['POST', '/v1/validations', { ...passwordForm(), customer: 'globex' }],
      ['PUT', `/v1/mail-accounts/${ofAcme.account}`, { ...passwordForm(), customer: null }],
      ['POST', '/v1/webhooks', { url: 'https://hooks.example.com/a', customer: 'globex' }],
      ['PUT', `/v1/webhooks/${ofAcme.hook}`, { url: 'https://a.example.com/', customer: 'globex' }],
      ['GET', '/v1/mail-accounts?customer=globex'],
      ['GET', '/v1/mail-accounts?customer='],
      ['GET', '/v1/events?customer=globex'],
      ['GET', '/v1/authorizations?customer=globex'],
      ['POST', '/v1/authorizations', { ...link, customer: 'globex' }],
      ['POST', '/v1/grants', { refresh_token: 'x', username: 'a@contoso.test' }],
      ['GET', '/metrics'],
      ['POST', '/console/session', {}],
    ] as const) {
      expect(await json(acme(method, path, body)), path).toMatchObject({
        status: 403,
        code: 'key_limited',
      })
    }
    expect((await acme('GET', '/v1/key-ring')).status).toBe(403)
    const { id } = await world.save({ ...appOnly, customer: 'acme' })
    expect(await json(acme('POST', `/v1/mail-accounts/${id}/access-token`, {}))).toMatchObject({
      code: 'app_only_not_allowed',
    })
    expect((await acme('GET', '/v1/mail-accounts?customer=acme')).status).toBe(200)
  })

  it('lists the events of its customer, and no actor but the keys of it', async () => {
    const { world, acme, ofAcme, root } = await twoCustomers()
    await root('PUT', `/v1/mail-accounts/${ofAcme.account}`, { ...passwordForm(), name: 'Ours' })
    const history = await acme('GET', `/v1/mail-accounts/${ofAcme.account}/history`)
    expect(await history.text()).toContain('"Changed by an API key"')
    const { data } = await json<{ data: AuditEvent[] }>(acme('GET', '/v1/events'))
    expect(new Set(data.map(({ customer }) => customer))).toEqual(new Set(['acme']))
    const actors = Object.fromEntries(data.map(({ type, actor }) => [type, actor]))
    expect(actors).toMatchObject({
      'mail_account.updated': { type: 'operator', id: null },
      'mail_account.created': { type: 'key' },
      'api_key.created': { type: 'operator', id: null },
    })
    const { data: all } = await json<{ data: AuditEvent[] }>(
      root('GET', '/v1/events?customer=acme'),
    )
    expect(all.find(({ type }) => type === 'mail_account.updated')?.actor).toMatchObject({
      id: 'root',
    })
    const readOnly = callerOf(
      world,
      (await createKey(world, { scopes: ['read'], customer: 'acme' })).key,
    )
    expect((await readOnly('GET', '/v1/events?type=mail_account.created')).status).toBe(200)
    expect((await readOnly('GET', '/v1/webhooks')).status).toBe(403)
  })

  it('refuses the cursor of another list', async () => {
    const { acme, globex, root } = await twoCustomers()
    for (const path of ['/v1/events?limit=1', '/v1/mail-accounts?limit=1']) {
      await acme('POST', '/v1/mail-accounts', passwordForm())
      await globex('POST', '/v1/mail-accounts', passwordForm())
      const cursorOf = async (call: Caller) =>
        (await json<{ next_cursor: string }>(call('GET', path))).next_cursor
      const [mine, theirs, all] = [
        await cursorOf(acme),
        await cursorOf(globex),
        await cursorOf(root),
      ]
      expect((await acme('GET', `${path}&cursor=${mine}`)).status).toBe(200)
      for (const cursor of [theirs, all]) {
        expect((await acme('GET', `${path}&cursor=${cursor}`)).status).toBe(422)
      }
      expect((await root('GET', `${path}&cursor=${mine}`)).status).toBe(422)
      expect((await root('GET', `${path}&customer=acme&cursor=${mine}`)).status).toBe(200)
    }
  })

  it('has no webhook for the events of the deployment', async () => {
    const { acme, root, ofAcme } = await twoCustomers()
    const hook = { url: 'https://hooks.example.com/a', events: ['integration.credential_rejected'] }
    for (const refused of [
      acme('POST', '/v1/webhooks', hook),
      root('POST', '/v1/webhooks', { ...hook, customer: 'acme' }),
      acme('PUT', `/v1/webhooks/${ofAcme.hook}`, hook),
    ]) {
      expect(await json(refused)).toMatchObject({ status: 422, errors: [{ pointer: '/events' }] })
    }
    expect((await root('POST', '/v1/webhooks', hook)).status).toBe(201)
  })

  it('has ten webhooks at most, with public hosts whatever the settings allow', async () => {
    const { world } = await twoCustomers()
    world.services.settings.webhookPrivateHosts = ['hooks.corp.example']
    const acme = callerOf(
      world,
      (await createKey(world, { scopes: ['write'], customer: 'acme' })).key,
    )
    const url = 'https://hooks.corp.example/a'
    expect((await world.call('POST', '/v1/webhooks', { url })).status).toBe(201)
    for (const private_ of [url, 'http://hooks.example.com/', 'https://hooks.example.com:8443/']) {
      expect((await acme('POST', '/v1/webhooks', { url: private_ })).status).toBe(422)
    }
    const add = () => acme('POST', '/v1/webhooks', { url: 'https://hooks.example.com/a' })
    for (let count = 2; count <= 10; count += 1) expect((await add()).status).toBe(201)
    expect(await json(add())).toMatchObject({ code: 'too_many_webhooks' })
  })
})

describe('a sign-in for a customer', () => {
  it('stores nothing of an organisation that is another customer, unless an unlimited caller asks', async () => {
    const { world, root, acme, own } = await twoCustomers()
    const form = imapForm(own.grant?.id ?? '')
    await root('PUT', `/v1/mail-accounts/${own.id}`, { ...form, customer: 'globex' })
    const body = { provider: 'microsoft', username: 'bob@contoso.test' }
    const outcomeOf = async (call: Caller, input: object) => {
      const { id, url } = await json<{ id: string; url: string }>(
        call('POST', '/v1/authorizations', input),
      )
      await signIn(world, browserOf(world), url, 'bob@contoso.test')
      return json(root('GET', `/v1/authorizations/${id}`))
    }
    expect(await outcomeOf(acme, body)).toMatchObject({
      status: 'failed',
      problem: { code: 'tenant_not_allowed' },
    })
    expect(await listOf(root, '/v1/grants?customer=acme')).toEqual([])
    const asked = await outcomeOf(root, { ...body, customer: 'acme' })
    expect(asked).toMatchObject({ status: 'completed', customer: 'acme' })
  })

  it('reports the customer before Microsoft does anything', async () => {
    const { world, acme } = await twoCustomers()
    const body = { provider: 'microsoft', username: 'bob@contoso.test' }
    const { url } = await json<{ url: string }>(acme('POST', '/v1/authorizations', body))
    const page = await (await world.send(new Request(url))).text()
    expect(page).toContain('<dt>Customer</dt><dd translate="no">acme</dd>')
  })

  it('has 20 open admin-consent links at most', async () => {
    const { acme, globex } = await twoCustomers()
    const add = (call: Caller) => call('POST', '/v1/integrations/microsoft/admin-consent', {})
    for (let count = 1; count <= 20; count += 1) expect((await add(acme)).status).toBe(201)
    expect(await json(add(acme))).toMatchObject({ status: 409, code: 'too_many_links' })
    expect((await add(globex)).status).toBe(201)
  })
})

describe('a customer', () => {
  it('that is suspended gets no tokens, links, sign-ins or logins until it is resumed', async () => {
    const { world, root, acme, globex } = await twoCustomers()
    const grant = await world.grant('bob@contoso.test')
    const form = imapForm(grant, { username: 'bob@contoso.test' })
    const { id } = await world.save(form)
    await root('PUT', `/v1/mail-accounts/${id}`, { ...form, customer: 'acme' })
    const token = () => acme('POST', `/v1/mail-accounts/${id}/access-token`, {})
    const link = () =>
      acme('POST', '/v1/authorizations', { provider: 'microsoft', username: 'bob@contoso.test' })
    const sent = await json<{ url: string }>(link())
    expect((await token()).status).toBe(200)
    expect(await json(root('POST', '/v1/customers/acme/suspend'))).toMatchObject({
      customer: 'acme',
      mail_accounts: 2,
      by_health: { unverified: 1, ok: 1 },
      suspended_at: expect.any(String),
    })
    const ofAcme = { ...passwordForm(), customer: 'acme' }
    const validation = () => acme('POST', '/v1/validations', passwordForm())
    for (const refused of [
      token(),
      link(),
      validation(),
      root('POST', '/v1/validations', ofAcme),
      root('POST', '/v1/validations', form),
      root('POST', '/v1/validations', { ...form, mail_account_id: id, customer: 'globex' }),
      acme('POST', `/v1/mail-accounts/${id}/validate`, {}),
      acme('POST', `/v1/mail-accounts/${id}/test-message`, { to: 'a@example.com' }),
    ]) {
      expect(await json(refused)).toMatchObject({ status: 409, code: 'customer_suspended' })
    }
    expect((await globex('POST', '/v1/validations', ofAcme)).status).toBe(403)
    expect((await world.send(new Request(sent.url))).status).toBe(410)
    expect((await acme('GET', '/v1/mail-accounts')).status).toBe(200)
    expect(await json(root('POST', '/v1/customers/acme/resume'))).toMatchObject({
      suspended_at: null,
    })
    expect((await token()).status).toBe(200)
    expect((await validation()).status).toBe(201)
    expect((await root('POST', '/v1/customers/none/suspend')).status).toBe(404)
  })

  it('is listed, and deleted with everything of it once the number of its accounts is confirmed', async () => {
    const { world, root, acme, globex, ofGlobex } = await twoCustomers()
    type Page = { data: { customer: string }[]; next_cursor: string | null }
    const first = await json<Page>(root('GET', '/v1/customers?limit=1'))
    const rest = await json<Page>(root('GET', `/v1/customers?limit=1&cursor=${first.next_cursor}`))
    expect([...first.data, ...rest.data]).toMatchObject([
      { mail_accounts: 1 },
      { mail_accounts: 1 },
    ])
    expect(rest.next_cursor).toBeNull()
    expect((await acme('GET', '/v1/customers')).status).toBe(403)
    expect(await json(root('DELETE', '/v1/customers/acme?confirm=2'))).toMatchObject({
      code: 'confirmation_outdated',
    })
    expect((await root('DELETE', '/v1/customers/acme?confirm=1')).status).toBe(204)
    expect((await acme('GET', '/v1/mail-accounts')).status).toBe(401)
    for (const list of ['mail-accounts', 'authorizations', 'grants', 'webhooks', 'events']) {
      expect(await listOf(root, `/v1/${list}?customer=acme`), list).toEqual([])
    }
    expect(await listOf(globex, '/v1/mail-accounts')).toMatchObject([{ id: ofGlobex.account }])
    const deleted = await json(root('GET', '/v1/events?type=customer.deleted'))
    expect(deleted).toMatchObject({
      data: [{ subject: 'acme', data: { mail_accounts: 1, api_keys: 1 } }],
    })
    expect(await world.dump()).not.toMatch(/"customer":"acme","(?!.*revoked)/)
  })
})

describe('the deletion of a customer', () => {
  const owned = ['admin_consents', 'authorizations', 'events', 'grants', 'idempotency_records']
  const countLeft = async () => {
    const tables = [...owned, 'mail_accounts', 'validations', 'webhooks']
    const left = tables.map((table) => rows(`SELECT id FROM ${table} WHERE customer = 'acme'`))
    return (await Promise.all(left)).flat().length
  }

  const remove = (world: MailWorld, confirm: number) =>
    world.call('DELETE', `/v1/customers/acme?confirm=${confirm}`)

  /** A world that runs something once before it sends such a statement. */
  async function interrupted(text: string) {
    const meanwhile: { run: (() => Promise<unknown>) | null } = { run: null }
    const db = interceptD1(env.DB, async ({ statements: [first], run: send }) => {
      const work = first?.sql.includes(text) ? meanwhile.run : null
      if (work) meanwhile.run = null
      await work?.()
      return send()
    })
    return { world: await activeMailWorld({ db }), meanwhile }
  }

  it.each(['from "api_keys" where', 'delete from "mail_accounts"', 'delete from "customers"'])(
    'spares a new customer of the name that another run freed before "%s"',
    async (statement) => {
      const { world, meanwhile } = await interrupted(statement)
      await createKey(world, { customer: 'acme' })
      await remove(world, 0)
      let call = world.call
      meanwhile.run = async () => {
        await run(world)
        call = callerOf(
          world,
          (await createKey(world, { scopes: ['write'], customer: 'acme' })).key,
        )
        await call('POST', '/v1/mail-accounts', passwordForm())
      }
      await runAfter(world, 600)
      expect(meanwhile.run).toBeNull()
      expect(await listOf(call, '/v1/mail-accounts')).toMatchObject([{ customer: 'acme' }])
      expect(await rows('SELECT name, deleted_at FROM customers')).toEqual([
        { name: 'acme', deleted_at: null },
      ])
    },
  )

  it('revokes a key that was made as it began', async () => {
    const { world, meanwhile } = await interrupted('update "customers"')
    await createKey(world, { customer: 'acme' })
    let late = world.call
    meanwhile.run = async () => {
      late = callerOf(world, (await createKey(world, { customer: 'acme' })).key)
    }
    expect((await remove(world, 0)).status).toBe(204)
    expect((await late('GET', '/v1/mail-accounts')).status).toBe(401)
  })

  it('has ended when it fails', async () => {
    let running = 0
    const db = interceptD1(env.DB, async ({ statements: [first], run: send }) => {
      if (!first?.sql.startsWith('delete from')) return send()
      if (first.sql.includes('authorizations')) throw new Error('Network connection lost.')
      running += 1
      await new Promise((resolve) => setTimeout(resolve, 5))
      running -= 1
      return send()
    })
    const world = await activeMailWorld({ db })
    await createKey(world, { customer: 'acme' })
    expect((await remove(world, 0)).status).toBe(503)
    expect(running).toBe(0)
  })

  it('goes on in each run, however many keys it has or validations are due, which go on as well', async () => {
    const { db, faults } = flakyDatabase()
    const world = await activeMailWorld({
      db,
      settings: { validateEveryHours: 1 },
      outside: { runLimits: { ...RUN_LIMITS, queries: 300, rowsAtOnce: 4 } },
    })
    await world.save(passwordForm())
    await createKey(world, { customer: 'acme' })
    const n = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)'
    await rows(`${n} INSERT INTO mail_accounts (id, customer, owner_type, protocol, host, port, security, username,
      authentication, created_at, updated_at)
      SELECT 'ma_' || i, iif(i > 150, NULL, 'acme'), 'none', 'imap', 'h', 993, 'tls', 'u', 'password', i, i FROM n`)
    await rows('UPDATE mail_accounts SET scheduled_at = iif(length(id) > 9, 0, 1)')
    await rows(`${n} INSERT INTO api_keys (id, customer, name, secret_hash_sealed, scopes, app_only, created_at, created_by)
      SELECT 'key_' || i, 'acme', 'k', 'k1.x', 'read', 0, i, 'root' FROM n LIMIT 80`)
    failAfterSecondBatch(faults)
    expect((await remove(world, 150)).status).toBe(503)
    Object.assign(faults, { offline: false, beforeBatch: async () => {} })
    world.advance(2 * 3600)
    const runs = async (count: number) => {
      for (let index = 0; index < count; index += 1) await runAfter(world, 60)
    }
    await runs(3)
    expect(
      await rows("SELECT id FROM api_keys WHERE customer = 'acme' AND revoked_at IS NULL"),
    ).toEqual([])
    expect(await countLeft()).toBeGreaterThan(0)
    expect(world.probes).toHaveLength(1)
    await runs(4)
    expect(await countLeft()).toBe(0)
  })

  it('continues after a failure and in the maintenance, a few rows in each statement', async () => {
    const { db, faults } = flakyDatabase()
    const world = await activeMailWorld({
      db,
      outside: { runLimits: { ...RUN_LIMITS, rowsAtOnce: 2 } },
    })
    await authorize(world, { customer: 'acme' })
    const n = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)'
    await rows(`${n} INSERT INTO mail_accounts (id, customer, owner_type, protocol, host, port, security, username,
      authentication, created_at, updated_at)
      SELECT 'ma_' || i, 'acme', 'none', 'imap', 'h', 993, 'tls', 'u' || i, 'password', i, i FROM n`)
    await rows(`${n} INSERT INTO events (id, customer, type, at, actor_type, data)
      SELECT 'ev_' || i, 'acme', 't', i, 'system', '{}' FROM n`)
    failAfterSecondBatch(faults)
    expect((await remove(world, 30)).status).toBe(503)
    Object.assign(faults, { offline: false, beforeBatch: async () => {} })
    expect((await world.call('POST', '/v1/customers/acme/resume')).status).toBe(404)
    expect(await listOf(world.call, '/v1/customers')).toEqual([])
    expect((await remove(world, 0)).status).toBe(204)
    expect(await countLeft()).toBeGreaterThan(0)
    await run(world)
    expect(await countLeft()).toBe(0)
    expect(await json(world.call('GET', '/v1/events?type=customer.deleted'))).toMatchObject({
      data: [{ subject: 'acme', data: { mail_accounts: 30 } }],
    })
  })

  it.each(['its key', 'an unlimited caller'])(
    'leaves nothing of a request of %s that began before',
    async (caller) => {
      const { world, meanwhile } = await interrupted('insert into "mail_accounts"')
      const key = await createKey(world, { scopes: ['write'], customer: 'acme' })
      const call = caller === 'its key' ? callerOf(world, key.key) : world.call
      const save = (by: Caller) =>
        by('POST', '/v1/mail-accounts', passwordForm({ customer: 'acme' }))
      meanwhile.run = () => remove(world, 0)
      expect((await save(call)).status).toBe(201)
      expect(meanwhile.run).toBeNull()
      expect(await json(save(world.call))).toMatchObject({ code: 'customer_suspended' })
      await runAfter(world, 599)
      expect(await countLeft()).toBe(0)
      expect((await save(world.call)).status).toBe(409)
      await runAfter(world, 1)
      expect((await save(world.call)).status).toBe(201)
    },
  )
})

describe('the messages of a customer', () => {
  it('leave within the minute, although 1,000 endpoints of another customer time out', async () => {
    const sent: string[] = []
    const world = await createWorld({
      externalFetch: async (input) => {
        const { hostname } = new URL(new Request(input).url)
        sent.push(hostname)
        const responds = hostname.startsWith('globex')
        world.advance(responds ? 0.1 : 1)
        if (responds) return new Response(null, { status: 204 })
        throw new DOMException('too late', 'TimeoutError')
      },
    })
    const { services } = world
    const secret = newWebhookSecret(services.random)
    const add = async (customer: string, count: number) => {
      const ids = Array.from({ length: count }, () => newId('webhook', services.random))
      const hooks = ids.map(async (row) => {
        const context = { table: 'webhooks', row, column: 'secret' }
        return { id: row, sealed: await services.store.sealer.seal(secret, context) }
      })
      await rows(
        `INSERT INTO webhooks (id, customer, url, events, secret_sealed, created_at, updated_at)
         SELECT value ->> 'id', ?1, 'https://' || ?1 || key || '.example.com/', '[]', value ->> 'sealed', 0, 0
         FROM json_each(?2)`,
        customer,
        JSON.stringify(await Promise.all(hooks)),
      )
      return ids
    }
    const queue = (ids: readonly string[]) =>
      rows(
        `INSERT INTO webhook_deliveries (id, webhook_id, event_id, type, payload, next_attempt_at, created_at)
         SELECT 'msg_' || ?1 || key || value, value, 'ev', 'webhook.test', '{}', ?1, ?1 FROM json_each(?2)`,
        world.clock.now.getTime(),
        JSON.stringify(ids),
      )
    await queue(await add('acme', 1000))
    const [healthy = ''] = await add('globex', 1)
    for (const count of [5, 10, 15]) {
      world.advance(60)
      await queue(Array.from({ length: 5 }, () => healthy))
      await deliverWebhooks(services)
      expect(sent.filter((host) => host === 'globex0.example.com')).toHaveLength(count)
    }
    expect(new Set(sent).size).toBeLessThan(1000)
  })
})

describe('customers named by an unlimited caller', () => {
  it('differ in more than case', async () => {
    const world = await activeMailWorld()
    const save = (customer: string) =>
      world.call('POST', '/v1/mail-accounts', { ...passwordForm(), customer })
    expect((await save('Acme')).status).toBe(201)
    expect(await json(save('acme'))).toMatchObject({ status: 422, code: 'customer_name_similar' })
    expect((await save('not a name')).status).toBe(422)
    for (const limit of [
      { scopes: ['admin'] },
      { scopes: ['read'], mail_accounts: [`ma_${'a'.repeat(26)}`] },
    ]) {
      const response = await world.call('POST', '/v1/api-keys', {
        name: 'x',
        customer: 'Acme',
        ...limit,
      })
      expect(response.status).toBe(422)
    }
  })

  it('keep an account that a PUT does not move, and get its grant with all its accounts', async () => {
    const world: MailWorld = await activeMailWorld()
    const grant = await world.grant('alice@contoso.test')
    const [first, second] = [await world.save(imapForm(grant)), await world.save(imapForm(grant))]
    const put = (changes: object) =>
      world.call('PUT', `/v1/mail-accounts/${first.id}`, { ...imapForm(grant), ...changes })
    expect((await put({ customer: 'acme' })).status).toBe(200)
    expect(await json(put({ name: 'Kept' }))).toMatchObject({ customer: 'acme' })
    expect(await json(world.call('GET', `/v1/mail-accounts/${second.id}`))).toMatchObject({
      customer: 'acme',
    })
    expect(await json(world.call('GET', `/v1/grants/${grant}`))).toMatchObject({ customer: 'acme' })
    const acme = callerOf(world, (await createKey(world, { customer: 'acme' })).key)
    const history = await json<{ entries: { type: string }[] }>(
      acme('GET', `/v1/mail-accounts/${first.id}/history`),
    )
    // What happened before the move belongs to the former customer.
    expect(history.entries.map(({ type }) => type)).not.toContain('created')
    const other = await world.problem(
      'POST',
      '/v1/mail-accounts',
      imapForm(grant, { customer: 'b' }),
    )
    expect(other).toMatchObject({ status: 422, errors: [{ pointer: '/customer' }] })
    const moved = await json<{ data: AuditEvent[] }>(
      world.call('GET', '/v1/events?type=mail_account.moved'),
    )
    expect(moved.data.map(({ customer, data }) => [customer, data.moved]).sort()).toEqual([
      [null, 'away'],
      ['acme', 'here'],
    ])
    const link = (customer: string) => authorize(world, { username: 'bob@contoso.test', customer })
    const [{ id }] = [await link('acme'), await link('globex')]
    expect(await world.get(`/v1/authorizations/${id}`)).toMatchObject({ status: 'pending' })
    await world.call('PUT', '/v1/integrations/microsoft/settings?confirm=true', anotherApp)
    const path = '/v1/events?type=grant.reconnect_required'
    expect(await world.get(path)).toMatchObject({ data: [{ customer: 'acme', subject: grant }] })
  })
})
