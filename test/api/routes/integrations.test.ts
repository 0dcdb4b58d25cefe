import { describe, expect, it } from 'vitest'
import type { SetupGuide } from '../../../schema/setup-guide.ts'
import { app, PERSONAL_TENANT_ID, secrets } from '../../sandbox/personas.ts'
import { integrationProblems } from '../expired-grant.ts'
import { flakyDatabase } from '../flaky-database.ts'
import { activeWorld, anotherApp, createWorld, problemOf, type World } from '../harness.ts'
import { eventsOf } from '../sql.ts'
import { storedSecret } from '../stored-secret.ts'

type List = { data: { id: string; subject: string; data: object }[] }

const SETTINGS = '/v1/integrations/microsoft/settings'
const secret = (value: string = secrets.current) => ({
  type: 'client_secret' as const,
  client_secret: value,
})
const problemCodes = async (world: World) =>
  ((await integrationProblems(world)) as { code: string }[]).map(({ code }) => code)
const put = (world: World, body: unknown, query = '', headers = {}) =>
  world.call('PUT', `${SETTINGS}${query}`, body, headers)

describe('activating and deactivating', () => {
  it('starts inactive, and both calls are idempotent', async () => {
    const world = await createWorld()
    const read = async () => (await world.call('GET', '/v1/integrations/microsoft')).json()
    expect(await read()).toEqual({
      id: 'microsoft',
      name: 'Microsoft',
      status: 'inactive',
      configured: false,
      verified_at: null,
      problems: [],
    })
    for (const _ of [1, 2]) await world.call('POST', '/v1/integrations/microsoft/activate')
    expect(await read()).toMatchObject({ status: 'active', problems: [{ code: 'not_configured' }] })
    for (const _ of [1, 2]) await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect(await read()).toMatchObject({ status: 'inactive' })
    expect((await eventsOf('microsoft')).length).toBe(2)
  })

  it('applies to the integration that the list shows', async () => {
    const world = await createWorld()
    const list = await world.get('/v1/integrations')
    expect(list).toMatchObject({ data: [{ id: 'microsoft' }], next_cursor: null })
  })
})

describe('the settings', () => {
  it('show what to register at Entra before they are first saved', async () => {
    const world = await createWorld()
    expect(await world.get(SETTINGS)).toMatchObject({
      client_id: null,
      credential: null,
      next_credential: null,
      verified_at: null,
      cloud: 'global',
      tenant: 'common',
      home_tenant: null,
      redirect_uri: 'http://localhost:8787/oauth/microsoft/callback',
      admin_consent_redirect_uri: 'http://localhost:8787/oauth/microsoft/admin-consent',
      console_redirect_uri: 'http://localhost:8787/console/callback',
      mail_servers: { imap: [{ host: 'outlook.office365.com', port: 993, security: 'tls' }] },
    })
  })

  it('never show the secret, keep it if omitted, and require one for another client id', async () => {
    const world = await createWorld()
    const saved = await put(world, { client_id: app.clientId, credential: secret() })
    expect(saved.status).toBe(200)
    const text = await saved.text()
    expect(text).not.toContain(secrets.current)
    expect(JSON.parse(text)).toMatchObject({
      credential: { type: 'client_secret', hint: secrets.current.slice(0, 3), expires_at: null },
    })
    expect((await put(world, { client_id: app.clientId, tenant: 'organizations' })).status).toBe(
      200,
    )
    expect(await storedSecret(world, 'current')).toBe(secrets.current)
    const other = await problemOf(put(world, { client_id: anotherApp.client_id }))
    expect(other).toMatchObject({ status: 422, code: 'credential_required' })
    expect(await world.dump()).not.toContain(secrets.current)
  })

  it.each([secrets.currentId, `{${secrets.currentId}}`])(
    'reject the ID of a secret in place of its value: %s',
    async (id) => {
      const world = await createWorld()
      const problem = await problemOf(
        put(world, { client_id: app.clientId, credential: secret(id) }),
      )
      expect(problem).toMatchObject({
        status: 422,
        code: 'client_secret_is_an_id',
        errors: [{ pointer: '/credential/client_secret' }],
      })
      expect(await storedSecret(world, 'current')).toBeUndefined()
    },
  )

  it.each([
    ['a client id that is not a GUID', { client_id: 'my-app', credential: secret() }, '/client_id'],
    [
      'an unknown cloud',
      { client_id: app.clientId, credential: secret(), cloud: 'moon' },
      '/cloud',
    ],
    [
      'an unknown tenant',
      { client_id: app.clientId, credential: secret(), tenant: 'every one' },
      '/tenant',
    ],
    ['an unknown property', { client_id: app.clientId, credential: secret(), extra: 1 }, '/extra'],
    [
      'a secret that has expired',
      { client_id: app.clientId, credential: { ...secret(), expires_at: '2020-01-01T00:00:00Z' } },
      '/credential/expires_at',
    ],
  ])('reject %s', async (_name, body, pointer) => {
    const world = await createWorld()
    const response = await put(world, body)
    expect(response.status).toBe(422)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({
      code: 'validation_failed',
      errors: [expect.objectContaining({ pointer })],
    })
  })

  it('accept only one of two concurrent changes with the same If-Match', async () => {
    const world = await createWorld()
    const first = await put(world, { client_id: app.clientId, credential: secret() })
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"\d+"$/)
    const racing = await Promise.all(
      ['organizations', 'contoso.test'].map((tenant) =>
        put(world, { client_id: app.clientId, tenant }, '', { 'if-match': etag }),
      ),
    )
    expect(racing.map(({ status }) => status).sort()).toEqual([200, 412])
  })

  it('orphan grants only if that is confirmed', async () => {
    const world = await activeWorld()
    const grant = await world.grant('alice@contoso.test')
    const refused = await problemOf(put(world, anotherApp))
    expect(refused).toMatchObject({ status: 409, code: 'grants_depend', grants: 1 })
    expect(await world.get(`/v1/grants/${grant}`)).toMatchObject({ status: 'active' })
    const other = await world.grant('bob@contoso.test')
    await world.grant('carol@contoso.test', { saved: false })
    expect((await put(world, anotherApp, '?confirm=true')).status).toBe(200)
    expect((await put(world, anotherApp, '?confirm=true')).status).toBe(200)
    const { data } = await world.get<List>('/v1/events?type=grant.reconnect_required')
    expect(data).toHaveLength(2)
    for (const { id } of data) expect(id).toMatch(/^ev_[a-z2-7]{26}$/)
    const detail = expect.stringContaining('Sign in again')
    expect(Object.fromEntries(data.map((event) => [event.subject, event.data]))).toEqual({
      [grant]: { detail, signed_in_as: 'alice@contoso.test' },
      [other]: { detail, signed_in_as: 'bob@contoso.test' },
    })
    expect(await world.get(`/v1/grants/${grant}`)).toMatchObject({ status: 'reconnect_required' })
  })

  it('do not orphan a grant that is saved at the same moment', async () => {
    const { db, faults } = flakyDatabase()
    const world = await activeWorld({ db })
    faults.beforeBatch = async () => {
      faults.beforeBatch = async () => {}
      await world.grant('alice@contoso.test')
    }
    const refused = await problemOf(put(world, anotherApp))
    expect(refused).toMatchObject({ status: 409, code: 'grants_depend', grants: 1 })
    expect(await world.get('/v1/integrations/microsoft/settings')).toMatchObject({
      client_id: app.clientId,
    })
  })

  it('change no grant when only the credential changes', async () => {
    const world = await activeWorld()
    const grant = await world.grant('alice@contoso.test')
    const before = await world.get(`/v1/grants/${grant}`)
    expect(
      (await put(world, { client_id: app.clientId, credential: secret(secrets.next) })).status,
    ).toBe(200)
    expect(await world.get(`/v1/grants/${grant}`)).toEqual(before)
  })

  it('recognise the tenant of personal accounts by its GUID', async () => {
    const world = await createWorld()
    const settings = { client_id: app.clientId, credential: secret() }
    const saved = await put(world, { ...settings, tenant: PERSONAL_TENANT_ID })
    expect(await saved.json()).toMatchObject({ tenant: 'consumers' })
    const guide = await (await world.call('GET', '/v1/integrations/microsoft/setup-guide')).text()
    expect(guide).toContain('Personal accounts only')
    expect(guide).not.toContain('Single tenant only')
    const home = await problemOf(put(world, { ...settings, home_tenant: PERSONAL_TENANT_ID }))
    expect(home).toMatchObject({ status: 422, errors: [{ pointer: '/home_tenant' }] })
  })

  it('are planned in the setup guide before they are stored', async () => {
    const world = await createWorld()
    const path = '/v1/integrations/microsoft/setup-guide'
    const planned = '?tenant=contoso.com&home_tenant=contoso.com&protocols=imap,graph_send'
    const { scripts } = await world.get<SetupGuide>(`${path}${planned}`)
    expect(scripts.azure_cli).toContain("audience='AzureADMyOrg'")
    expect(scripts.azure_cli).toContain("home_tenant='contoso.com'")
    expect(scripts.azure_cli).toContain("graph_scopes='Mail.Send")
    const elsewhere = await world.get<SetupGuide>(`${path}?cloud=china&tenant=organizations`)
    expect(elsewhere.steps[0]?.url).toContain('portal.azure.cn')
    for (const [query, pointer] of [
      ['?protocols=imap,pop3', '?protocols'],
      ['?home_tenant=one%27;x', '?home_tenant'],
    ]) {
      const refused = await problemOf(world.call('GET', `${path}${query}`))
      expect(refused).toMatchObject({ status: 422, errors: [{ pointer }] })
    }
  })

  it('are planned without the app and the tenants of another directory or cloud', async () => {
    const world = await createWorld()
    await put(world, {
      client_id: app.clientId,
      credential: secret(),
      tenant: 'common',
      home_tenant: 'contoso.com',
    })
    const script = async (query: string) => {
      const path = `/v1/integrations/microsoft/setup-guide${query}`
      const { scripts } = await world.get<SetupGuide>(path)
      return scripts.azure_cli
    }
    for (const query of ['', '?home_tenant=contoso.com', '?tenant=organizations']) {
      const same = await script(query)
      expect(same).toContain(app.clientId)
      expect(same).toContain("home_tenant='contoso.com'")
    }
    const another = await script('?home_tenant=fabrikam.com')
    expect(another).not.toContain(app.clientId)
    expect(another).toContain("home_tenant='fabrikam.com'")
    const elsewhere = await script('?cloud=china&tenant=organizations')
    expect(elsewhere).not.toContain(app.clientId)
    expect(elsewhere).not.toContain('contoso.com')
  })

  it('warn before and after a client secret expires', async () => {
    const world = await createWorld()
    const expires_at = '2026-12-20T00:00:00Z'
    await put(world, { client_id: app.clientId, credential: { ...secret(), expires_at } })
    expect(await problemCodes(world)).toEqual(['secret_expiring'])
    world.advance(60 * 86_400)
    expect(await problemCodes(world)).toEqual(['secret_expired'])
  })

  it('warn about a client secret without an expiry date until the date alone is entered', async () => {
    const world = await createWorld()
    await put(world, { client_id: app.clientId, credential: secret() })
    expect(await problemCodes(world)).toEqual(['secret_expiry_unknown'])
    const past = { client_id: app.clientId, secret_expires_at: '2026-11-01T00:00:00Z' }
    const refused = await problemOf(put(world, past))
    expect(refused).toMatchObject({ status: 422, errors: [{ pointer: '/secret_expires_at' }] })
    const secret_expires_at = '2028-11-24T00:00:00.000Z'
    const saved = await put(world, { client_id: app.clientId, secret_expires_at })
    expect(await saved.json()).toMatchObject({ credential: { expires_at: secret_expires_at } })
    expect(await problemCodes(world)).toEqual([])
    await put(world, { client_id: app.clientId })
    expect(await problemCodes(world)).toEqual([])
  })

  it('keep the expiry of a certificate, which is in the certificate', async () => {
    const world = await createWorld()
    const made = await put(world, { client_id: app.clientId, credential: { type: 'certificate' } })
    const { credential } = await made.json<{ credential: unknown }>()
    const secret_expires_at = '2040-01-01T00:00:00.000Z'
    const saved = await put(world, { client_id: app.clientId, secret_expires_at })
    expect(await saved.json()).toMatchObject({ credential })
  })

  it('warn about an expiring certificate without mentioning a secret', async () => {
    const world = await createWorld()
    await put(world, { client_id: app.clientId, credential: { type: 'certificate' } })
    for (const [days, detail] of [
      [160, 'The certificate expires on 2027-05-23.'],
      [30, 'The certificate expired on 2027-05-23.'],
    ] as const) {
      world.advance(days * 86_400)
      const { problems } = await world.get<{ problems: { detail: string }[] }>(
        '/v1/integrations/microsoft',
      )
      expect(problems.map((problem) => problem.detail)).toEqual([expect.stringContaining(detail)])
      expect(problems[0]?.detail).not.toContain('secret')
    }
  })

  it('warn when a grant has been idle for 60 days', async () => {
    const world = await activeWorld()
    await world.grant('alice@contoso.test')
    world.advance(61 * 86_400)
    expect(await world.get('/v1/integrations/microsoft')).toMatchObject({
      problems: [{ code: 'grants_idle', detail: expect.stringContaining('2027-02-22') }],
    })
  })
})
