import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Grant } from '../../../schema/grant.ts'
import type { Problem } from '../../../schema/problem.ts'
import { faultyD1 } from '../../faults/d1-faults.ts'
import type { FormerProduct } from '../../sandbox/entra/control-schema.ts'
import { app, PERSONAL_TENANT_ID, tenants } from '../../sandbox/personas.ts'
import { encodingsOf } from '../encodings.ts'
import { enableGraph } from '../graph-world.ts'
import { anotherApp, type WorldOptions } from '../harness.ts'
import { activeMailWorld, createMailWorld, imapForm } from '../mail-world.ts'

const ALICE = 'alice@contoso.test'
const GRACE = 'grace@outlook.test'
const ONCE = { 'idempotency-key': 'import-1' }
const SETTINGS = '/v1/integrations/microsoft/settings'
const client_id = app.clientId

/** Creates a world in which another product holds refresh tokens of the same app registration. */
async function importWorld(options: WorldOptions = {}) {
  const world = await activeMailWorld(options)
  const tokenOf = (username: string, more: Omit<FormerProduct, 'username'> = {}) =>
    world.entra.control.signInElsewhere({ username, ...more })
  const send = (body: object, headers: Record<string, string> = {}) =>
    world.call('POST', '/v1/grants', body, headers)
  /** Imports, and returns the grant. */
  async function imported(body: object): Promise<Grant> {
    const response = await send(body)
    const text = await response.text()
    expect(response.status, text).toBe(201)
    return JSON.parse(text)
  }
  /** Imports what must be refused; fails if anything is stored of it. */
  async function refused(body: object): Promise<Problem & { retryAfter: string | null }> {
    const before = await grantsAndEvents()
    const response = await send(body)
    expect(await grantsAndEvents()).toEqual(before)
    const problem = await response.json<Problem>()
    expect(response.status).toBe(problem.status)
    return { ...problem, retryAfter: response.headers.get('retry-after') }
  }
  async function grantsAndEvents() {
    const [grants, events] = await Promise.all(
      ['SELECT * FROM grants', "SELECT id FROM events WHERE type LIKE 'grant%'"].map((query) =>
        env.DB.prepare(query).all(),
      ),
    )
    return [grants?.results, events?.results]
  }
  return { world, tokenOf, send, imported, refused }
}

describe('importing a refresh token', () => {
  it('spends it only if what comes with it can be verified', async () => {
    const { world, tokenOf, refused } = await importWorld()
    const { services } = world
    services.entra = { ...services.entra, loadSigningKeys: async () => 'unavailable' }
    const problem = await refused({ refresh_token: tokenOf(ALICE), username: ALICE })
    expect(problem).toMatchObject({ status: 503, code: 'provider_unavailable' })
    expect(world.entra.counts().token.refresh_token).toBe(0)
  })

  it('asks for each resource once, and keeps what one of them refuses', async () => {
    const { world, tokenOf, imported } = await importWorld()
    await enableGraph(world)
    const both = ['IMAP.AccessAsUser.All', 'Mail.Send']
    const ask = { username: ALICE, protocols: ['imap', 'graph_send'] }
    const asked = () => world.entra.counts().token.refresh_token
    const whole = await imported({
      ...ask,
      refresh_token: tokenOf(ALICE, { permissions: both }),
    })
    expect([whole.protocols, whole.resources.map(({ status }) => status), asked()]).toEqual([
      ['imap', 'graph_send'],
      ['active', 'active'],
      2,
    ])
    const half = await imported({
      ...ask,
      username: 'bob@contoso.test',
      refresh_token: tokenOf('bob@contoso.test', { permissions: both.slice(0, 1) }),
    })
    expect(half.resources.map(({ status }) => status)).toEqual(['active', 'reconnect_required'])
    expect(asked()).toBe(4)
  })

  it('returns an unsaved grant of the account, which an email account keeps', async () => {
    const { world, tokenOf, imported } = await importWorld()
    const grant = await imported({ refresh_token: tokenOf(ALICE), username: ALICE })
    expect(grant).toMatchObject({
      status: 'unsaved',
      signed_in_as: ALICE,
      account_type: 'work',
      tenant_id: tenants.contoso.id,
      protocols: ['imap', 'smtp'],
      problem: null,
      warnings: [],
      expires_at: new Date(world.clock.now.getTime() + 3_600_000).toISOString(),
    })
    expect(await world.events()).toContain('grant.imported')
    const account = await world.save(imapForm(grant.id))
    expect(await world.grantStatus(grant.id)).toBe('active')
    // Refreshed at the account's own tenant from now on, with the token that the import was given.
    world.advance(2 * 3600)
    const issued = await world.call('POST', `/v1/mail-accounts/${account.id}/access-token`, {})
    expect(issued.status).toBe(200)
    expect(world.entra.tokenCalls().at(-1)).toMatchObject({
      tenant: tenants.contoso.id,
      grantType: 'refresh_token',
      status: 200,
    })
  })

  it('asks Microsoft once, at the tenant of the settings or the one that is named', async () => {
    const { world, tokenOf, imported } = await importWorld()
    const scope = 'https://outlook.office.com/IMAP.AccessAsUser.All offline_access openid profile'
    const calls = async (body: object) => {
      world.entra.control.resetCounts()
      await imported({ protocols: ['imap'], ...body })
      return world.entra.tokenCalls()
    }
    const call = { grantType: 'refresh_token', scope, status: 200 }
    expect(await calls({ refresh_token: tokenOf(ALICE), username: ALICE })).toEqual([
      { ...call, tenant: 'common' },
    ])
    const named = { refresh_token: tokenOf(ALICE), username: ALICE, tenant: 'contoso.test' }
    expect(await calls(named)).toEqual([{ ...call, tenant: 'contoso.test' }])
  })

  it('takes the delegate who signed in for a shared mailbox', async () => {
    const { tokenOf, imported } = await importWorld()
    const grant = await imported({
      refresh_token: tokenOf(ALICE),
      username: 'support@contoso.test',
      delegate: 'Alice@Contoso.test',
    })
    expect(grant.signed_in_as).toBe(ALICE)
  })

  it.each(['consumers', PERSONAL_TENANT_ID])(
    'takes a personal account at %s, and refreshes it there',
    async (tenant) => {
      const { world, tokenOf, imported } = await importWorld()
      const grant = await imported({ refresh_token: tokenOf(GRACE), username: GRACE, tenant })
      expect(grant).toMatchObject({ account_type: 'personal', tenant_id: PERSONAL_TENANT_ID })
      const account = await world.save(imapForm(grant.id, { username: GRACE }))
      world.advance(2 * 3600)
      const path = `/v1/mail-accounts/${account.id}/access-token`
      expect((await world.call('POST', path, {})).status).toBe(200)
    },
  )

  it('keeps the token it was given where Microsoft sends no newer one', async () => {
    const { world, tokenOf, imported } = await importWorld()
    world.entra.control.faultNext({ kind: 'no_refresh_token' })
    const grant = await imported({
      refresh_token: tokenOf(ALICE),
      username: ALICE,
      tenant: 'contoso.test',
    })
    const account = await world.save(imapForm(grant.id))
    world.advance(2 * 3600)
    const path = `/v1/mail-accounts/${account.id}/access-token`
    expect((await world.call('POST', path, {})).status).toBe(200)
  })

  it('warns of a protocol that Microsoft did not grant', async () => {
    const { world, tokenOf, imported } = await importWorld()
    world.entra.control.faultNext({ kind: 'fewer_scopes', scopes: ['SMTP.Send'] })
    const grant = await imported({ refresh_token: tokenOf(ALICE), username: ALICE })
    expect(grant.protocols).toEqual(['smtp'])
    expect(grant.warnings).toHaveLength(1)
  })

  it('ignores white space around a pasted token', async () => {
    const { tokenOf, imported } = await importWorld()
    await imported({ refresh_token: ` ${tokenOf(ALICE)}\n`, username: ALICE })
  })
})

describe('an import is refused, with nothing stored,', () => {
  it('while the integration is inactive or not configured', async () => {
    const { world, tokenOf, refused } = await importWorld()
    const body = { refresh_token: tokenOf(ALICE), username: ALICE }
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect(await refused(body)).toMatchObject({ status: 409, code: 'integration_inactive' })
    const empty = await createMailWorld()
    await empty.call('POST', '/v1/integrations/microsoft/activate')
    expect(await empty.problem('POST', '/v1/grants', body)).toMatchObject({
      code: 'integration_not_configured',
    })
  })

  it('when Microsoft does not accept the token, with the cause and who must act', async () => {
    const { tokenOf, refused } = await importWorld()
    const FRANK = 'frank@contoso.test'
    const expired = await refused({ refresh_token: tokenOf(FRANK), username: FRANK })
    expect(expired).toMatchObject({
      status: 422,
      code: 'refresh_token_refused',
      diagnosis: {
        candidates: [{ cause: 'refresh-token-expired', responsible: 'user' }],
        interpretation: { protocol: 'token', stage: 'refresh' },
      },
    })
    const ERIN = 'erin@contoso.test'
    const mfa = await refused({ refresh_token: tokenOf(ERIN), username: ERIN })
    expect(mfa).toMatchObject({ status: 422, code: 'refresh_token_refused' })
    expect(mfa.detail).not.toBe(expired.detail)
  })

  it('when it was issued to another client ID, and says that it moves only together with that', async () => {
    const { tokenOf, refused } = await importWorld()
    const body = { refresh_token: tokenOf(ALICE, { client_id: 'another' }), username: ALICE }
    const problem = await refused(body)
    expect(problem).toMatchObject({
      code: 'refresh_token_refused',
      diagnosis: { candidates: [{ cause: 'grant-of-another-app' }] },
    })
    expect(problem.detail).toContain('moves only together with the client ID')
    expect(JSON.stringify(problem.diagnosis)).toContain('moves only with its app registration')
  })

  it('when Microsoft does not know the token, since it may be incomplete', async () => {
    const { refused } = await importWorld()
    const problem = await refused({ refresh_token: '1.AXoAcut-off', username: ALICE })
    expect(problem).toMatchObject({ status: 422, code: 'refresh_token_refused' })
    expect(problem.detail).toContain('complete')
    expect(problem.detail).not.toContain('still valid')
  })

  it('when the user did not consent to a protocol, and works with those that they did', async () => {
    const { tokenOf, refused, imported } = await importWorld()
    const refresh_token = tokenOf(ALICE, { permissions: ['IMAP.AccessAsUser.All'] })
    const problem = await refused({ refresh_token, username: ALICE })
    expect(problem).toMatchObject({
      code: 'refresh_token_refused',
      diagnosis: { candidates: [{ cause: 'user-consent-missing' }] },
    })
    expect(problem.detail).toContain('import the refresh token for that one')
    const grant = await imported({ refresh_token, username: ALICE, protocols: ['imap'] })
    expect(grant.protocols).toEqual(['imap'])
  })

  it('when none of the protocols is granted', async () => {
    const { world, tokenOf, refused } = await importWorld()
    world.entra.control.faultNext({ kind: 'fewer_scopes', scopes: ['SMTP.Send'] })
    const body = { refresh_token: tokenOf(ALICE), username: ALICE, protocols: ['imap'] }
    expect(await refused(body)).toMatchObject({
      status: 409,
      code: 'protocol_not_granted',
      diagnosis: expect.anything(),
    })
  })

  it('without an id_token, or with one that proves nothing', async () => {
    const { world, tokenOf, refused } = await importWorld()
    const body = () => ({ refresh_token: tokenOf(ALICE), username: ALICE })
    world.entra.control.faultNext({ kind: 'no_id_token' })
    expect(await refused(body())).toMatchObject({ status: 422, code: 'identity_unknown' })
    world.entra.control.faultNext({ kind: 'id_token_claims', claims: { aud: 'another-app' } })
    expect(await refused(body())).toMatchObject({ code: 'identity_unknown' })
  })

  it('for another account than the mailbox or its delegate, naming both', async () => {
    const { tokenOf, refused } = await importWorld()
    const body = { refresh_token: tokenOf('bob@contoso.test'), username: ALICE }
    const problem = await refused(body)
    expect(problem).toMatchObject({
      status: 409,
      code: 'account_mismatch',
      diagnosis: { candidates: [{ cause: 'account-mismatch' }] },
    })
    expect(problem.detail).toContain('bob@contoso.test')
    expect(problem.detail).toContain(ALICE)
  })

  it('for an account that the settings do not admit, whatever tenant is named', async () => {
    const { world, tokenOf, refused } = await importWorld()
    await world.call('PUT', SETTINGS, { client_id, tenant: 'organizations' })
    const body = { refresh_token: tokenOf(GRACE), username: GRACE, tenant: 'consumers' }
    expect(await refused(body)).toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/tenant' }],
    })
  })

  it.each(['contoso.test', tenants.contoso.id, 'organizations', 'common'])(
    'for an account at %s if the settings admit the tenant of another domain only, and asks Microsoft nothing',
    async (tenant) => {
      const { world, tokenOf, refused, imported } = await importWorld()
      await world.call('PUT', SETTINGS, { client_id, tenant: 'adatum.test' })
      const body = { refresh_token: tokenOf(ALICE), username: ALICE }
      expect(await refused({ ...body, tenant })).toMatchObject({
        code: 'validation_failed',
        errors: [{ pointer: '/tenant', message: expect.stringContaining('adatum.test') }],
      })
      expect(world.entra.counts().token.refresh_token).toBe(0)
      await world.call('PUT', SETTINGS, { client_id, tenant: 'contoso.test' })
      await imported({ ...body, tenant: 'contoso.test' })
      await imported(body)
    },
  )

  it.each([
    ['common', 'adatum.test', 'refresh_token_refused'],
    ['organizations', tenants.adatum.id, 'refresh_token_refused'],
    ['common', 'consumers', 'refresh_token_refused'],
    ['common', tenants.contoso.id, 'credential_rejected'],
    ['contoso.test', undefined, 'credential_rejected'],
  ])(
    'when the app is unknown where it was asked (settings: %s, import: %s): %s',
    async (admitted, tenant, code) => {
      const { world, tokenOf, refused } = await importWorld()
      await world.call('PUT', SETTINGS, {
        client_id,
        tenant: admitted,
        home_tenant: tenants.contoso.id,
      })
      const refusal = {
        error: 'unauthorized_client',
        error_codes: [700016],
        error_description: 'AADSTS700016: Application was not found in the directory.',
      }
      const { fetch } = world.entra
      world.entra.fetch = async (request, init) =>
        new URL(new Request(request, init).url).pathname.endsWith('/token')
          ? Response.json(refusal, { status: 400 })
          : fetch(request, init)
      const body = { refresh_token: tokenOf(ALICE), username: ALICE, tenant }
      expect(await refused(body)).toMatchObject({ code })
      // Otherwise an import could stop the refreshes of all mailboxes, by naming any tenant.
      const integration = await world.get('/v1/integrations/microsoft')
      expect(integration).toMatchObject({
        problems: code === 'credential_rejected' ? [{ code }] : [],
      })
    },
  )

  it('during an outage or throttling, with a time to come back and the token still good', async () => {
    const { world, tokenOf, refused, imported } = await importWorld()
    const body = { refresh_token: tokenOf(ALICE), username: ALICE }
    for (const kind of ['outage', 'rate_limit', 'loop_detected', 'server_error', 'html'] as const) {
      world.entra.control.faultNext({ kind, ...(kind === 'rate_limit' && { retry_after: 33 }) })
      const problem = await refused(body)
      expect(problem, kind).toMatchObject({ status: 503, code: 'provider_unavailable' })
      expect(problem.retryAfter).toBe(kind === 'rate_limit' ? '33' : '5')
      expect(problem.detail).toContain('Nothing was stored')
      expect(problem.detail).not.toMatch(/revoked|expired/)
    }
    await imported(body)
  })

  it.each([
    { refresh_token: '' },
    { refresh_token: 'two words' },
    { refresh_token: 'x'.repeat(16_385) },
    { username: 'no-address' },
    { protocols: [] },
    { tenant: 'not a tenant' },
    { scope: 'Mail.Read' },
  ])('for the values %j', async (values) => {
    const { world } = await importWorld()
    const body = { refresh_token: 'x', username: ALICE, ...values }
    const problem = await world.problem('POST', '/v1/grants', body)
    expect(problem).toMatchObject({ status: 422, code: 'validation_failed' })
    expect(world.entra.counts().token.refresh_token).toBe(0)
  })
})

describe('a repeated import', () => {
  it('with the same Idempotency-Key returns the same grant and asks Microsoft once', async () => {
    const { world, tokenOf, send } = await importWorld()
    const body = { refresh_token: tokenOf(ALICE), username: ALICE }
    const first = await (await send(body, ONCE)).json<Grant>()
    const again = await send(body, ONCE)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(await again.json()).toEqual(first)
    expect(world.entra.counts().token.refresh_token).toBe(1)
    const other = await send({ ...body, protocols: ['imap'] }, ONCE)
    expect(await other.json()).toMatchObject({ code: 'idempotency_key_reused' })
  })

  it('makes a new grant if the first one expired before the response could be repeated', async () => {
    const { world, tokenOf, send } = await importWorld()
    const body = { refresh_token: tokenOf(ALICE), username: ALICE }
    const { finish } = world.services.store.idempotency
    world.services.store.idempotency.finish = () => Promise.reject(new Error('the answer is lost'))
    const first = await (await send(body, ONCE)).json<Grant>()
    world.services.store.idempotency.finish = finish
    // Unsaved for more than an hour, and not deleted by the maintenance yet.
    world.advance(3601)
    const response = await send(body, ONCE)
    expect(response.status).toBe(201)
    const again = await response.json<Grant>()
    expect(again.id).not.toBe(first.id)
    await world.save(imapForm(again.id))
    expect(await world.grantStatus(again.id)).toBe('active')
  })

  it('works with the same token after the database failed for good, as the response says', async () => {
    const state = { offline: false }
    const d1 = faultyD1(env.DB)
    const { world, tokenOf, send, imported } = await importWorld({
      db: d1.db,
      outside: { pause: async () => {} },
    })
    const { create } = world.services.store.grants
    world.services.store.grants.create = async (...args) => {
      if (state.offline) throw new Error('Network connection lost.')
      return create(...args)
    }
    world.services.store.isStorageError = (error): error is Error =>
      state.offline && error instanceof Error
    const body = { refresh_token: tokenOf(ALICE), username: ALICE }
    state.offline = true
    const response = await send(body)
    expect(response.status).toBe(503)
    const problem = await response.json<Problem>()
    expect(problem.code).toBe('storage_unavailable')
    expect(problem.detail).toContain('import the same one again')
    expect(problem.detail).not.toMatch(/has been revoked|was revoked/)
    state.offline = false
    await imported(body)
  })

  it('stores nothing when the app registration was changed in the meantime', async () => {
    const { world, tokenOf, send } = await importWorld()
    const { refresh } = world.services.entra
    world.services.entra.refresh = async (request) => {
      const response = await refresh(request)
      await world.call('PUT', SETTINGS, anotherApp)
      return response
    }
    const response = await send({ refresh_token: tokenOf(ALICE), username: ALICE })
    expect(await response.json()).toMatchObject({ status: 412, code: 'precondition_failed' })
    expect((await env.DB.prepare('SELECT id FROM grants').all()).results).toEqual([])
  })

  it('leaves alone what the same import has stored for the former app registration', async () => {
    const { world, tokenOf, imported } = await importWorld()
    const { grants } = world.services.store
    const { create } = grants
    const stored: Parameters<typeof create>[] = []
    grants.create = (...args) => {
      stored.push(args)
      return create(...args)
    }
    await imported({ refresh_token: tokenOf(ALICE), username: ALICE })
    await world.call('PUT', SETTINGS, anotherApp)
    const tokens = async () =>
      (await env.DB.prepare('SELECT * FROM grant_tokens').all<object>()).results
    const before = await tokens()
    for (const args of stored) expect(await create(...args)).toBe(false)
    expect(before).toHaveLength(1)
    expect(await tokens()).toEqual(before)
  })
})

it('shows the refresh token to nobody: not in responses, logs, events, or the database', async () => {
  const { world, tokenOf, send } = await importWorld()
  const responses: string[] = []
  const recorded = async (body: object, headers: Record<string, string> = {}) => {
    const response = await send(body, headers)
    responses.push((await response.text()) + JSON.stringify([...response.headers]))
    return response.status
  }
  const tokens = [ALICE, 'frank@contoso.test', 'bob@contoso.test', ALICE].map((name) =>
    tokenOf(name),
  )
  const [good, expired, another, unproven] = tokens
  expect(await recorded({ refresh_token: good, username: ALICE }, ONCE)).toBe(201)
  expect(await recorded({ refresh_token: good, username: ALICE }, ONCE)).toBe(201)
  await recorded({ refresh_token: good, username: 'changed@contoso.test' }, ONCE)
  await recorded({ refresh_token: expired, username: 'frank@contoso.test' })
  await recorded({ refresh_token: another, username: ALICE })
  world.entra.control.faultNext({ kind: 'no_id_token' })
  await recorded({ refresh_token: unproven, username: ALICE })
  for (const kind of ['truncated', 'outage'] as const) {
    world.entra.control.faultNext({ kind })
    await recorded({ refresh_token: unproven, username: ALICE })
  }
  await recorded({ refresh_token: [good], username: ALICE })
  await recorded({ refresh_token: `${good} ${good}`, username: ALICE, tenant: good })
  await recorded({ refresh_token: good, username: good })
  const events = await (await world.call('GET', '/v1/events?limit=200')).text()
  const everything = [...responses, events, ...world.lines, await world.dump()].join('\n')
  const shown = [...tokens, ...world.entra.issuedSecrets()].flatMap((secret) =>
    encodingsOf(String(secret)).filter((encoded) => everything.includes(encoded)),
  )
  expect(shown).toEqual([])
})
