import { describe, expect, it } from 'vitest'
import openapi from '../../../schema/openapi.json' with { type: 'json' }
import { app } from '../../sandbox/personas.ts'
import { appOnly, createAppOnlyWorld } from '../app-only-world.ts'
import { encodingsOf } from '../encodings.ts'
import { createWorld, PUBLIC_URL, ROOT_KEY, type World, type WorldOptions } from '../harness.ts'
import { createKey } from '../keys.ts'
import { passwordForm } from '../mail-world.ts'
import { refreshes, savedAccount } from '../saved-account.ts'

type Parameters = Record<string, string>
type TokenBody = { error: string; error_description: string; access_token: string }

const basic = (user: string, password: string) => ({
  authorization: `Basic ${btoa(`${user}:${password}`)}`,
})

const send = (
  world: World,
  body: Parameters | string,
  headers: Record<string, string> = {},
  query = '',
) =>
  world.send(
    new Request(`${PUBLIC_URL}/oauth/token${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: typeof body === 'string' ? body : new URLSearchParams(body).toString(),
    }),
  )

const refresh = (id: string, key: string) => ({
  grant_type: 'refresh_token',
  client_id: id,
  refresh_token: key,
})
const credentials = (id: string, key: string) => ({
  grant_type: 'client_credentials',
  client_id: id,
  client_secret: key,
})

/** Returns status, error and description of a refusal, which is an error of RFC 6749. */
async function refusalOf(response: Response) {
  const { error, error_description } = await response.json<TokenBody>()
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(error_description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]{20,}$/)
  return { status: response.status, error, description: error_description }
}

async function workerWorld(options: WorldOptions = {}) {
  const world = await createWorld(options)
  const account = await savedAccount(world)
  const { id: keyId, key } = await createKey(world, {
    scopes: ['tokens'],
    mail_accounts: [account.id],
  })
  return { world, ...account, keyId, key }
}

describe('the token endpoint', () => {
  it('issues the same token in every way that a client may present its key', async () => {
    const { world, id, key, path } = await workerWorld()
    const { access_token } = await (await world.call('POST', path)).json<TokenBody>()
    const ways: [Parameters, Record<string, string>?][] = [
      [refresh(id, key)],
      [{ ...refresh(id, key), client_secret: 'x', scope: 'https://outlook.office.com/.default' }],
      [{ ...refresh(id, key), redirect_uri: '', resource: 'x' }],
      [{ grant_type: 'refresh_token', refresh_token: key }, basic(id, '')],
      [{ ...refresh(id, key), client_id: '' }, basic(id, 'ignored')],
      [credentials(id, key)],
      [{ ...credentials(id, key), refresh_token: '' }],
      [{ grant_type: 'client_credentials' }, basic(id, key)],
      [{ grant_type: 'client_credentials', client_id: id }, basic('', key)],
      [{ grant_type: 'client_credentials' }, basic(id.replace('_', '%5F'), key)],
      [credentials(id, key), basic(id, key)],
    ]
    for (const [parameters, headers] of ways) {
      const response = await send(world, parameters, headers)
      expect(response.status).toBe(200)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(await response.json()).toEqual({
        access_token,
        token_type: 'Bearer',
        expires_in: expect.any(Number),
        scope:
          'https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send',
      })
    }
    expect(refreshes(world)).toBe(0)
  })

  it('refuses malformed requests with what to send instead', async () => {
    const { world, id, key } = await workerWorld()
    const good = refresh(id, key)
    const form = new URLSearchParams(good).toString()
    const refused: [string, Promise<Response>][] = [
      ['grant_type', send(world, { client_id: id, refresh_token: key })],
      ['client_id', send(world, { ...good, client_id: '' })],
      ['refresh_token', send(world, { ...good, refresh_token: '' })],
      ['client_secret', send(world, { grant_type: 'client_credentials', client_id: id })],
      ['client_secret', send(world, { grant_type: 'client_credentials' }, basic(id, ''))],
      ['client_id', send(world, good, basic('ma_other', ''))],
      ['client_secret', send(world, credentials(id, key), basic(id, 'other'))],
      ['repeated', send(world, `${form}&client_id=${id}`)],
      ['repeated', send(world, `${form}&scope=a&scope=b`)],
      ['Basic', send(world, good, { authorization: `Bearer ${key}` })],
      ['Basic', send(world, good, { authorization: 'Basic' })],
      ['decoded', send(world, good, { authorization: 'Basic /w==' })],
      ['decoded', send(world, good, basic('%', ''))],
      ['decoded', send(world, good, { authorization: 'Basic a' })],
      [
        'form-urlencoded',
        send(world, JSON.stringify(good), { 'content-type': 'application/json' }),
      ],
      ['form-urlencoded', send(world, form, { 'content-type': 'text/plain' })],
      ['URL', send(world, good, {}, '?client_id=x')],
      ['65536', send(world, { ...good, scope: 'x'.repeat(70_000) })],
    ]
    for (const [word, response] of refused) {
      const refusal = await refusalOf(await response)
      expect(refusal).toMatchObject({ status: 400, error: 'invalid_request' })
      expect(refusal.description).toContain(word)
    }
    for (const grant_type of ['password', 'authorization_code', 'Refresh_Token']) {
      expect(await refusalOf(await send(world, { ...good, grant_type }))).toMatchObject({
        status: 400,
        error: 'unsupported_grant_type',
      })
    }
  })

  it('responds to other methods in the same form', async () => {
    const world = await createWorld()
    const response = await world.call('GET', '/oauth/token', undefined, { authorization: '' })
    expect(response.headers.get('allow')).toBe('POST')
    expect(await refusalOf(response)).toMatchObject({ status: 405, error: 'invalid_request' })
  })

  it('tells a client to drop a key only if it is unknown, expired or revoked', async () => {
    const counted: string[] = []
    const { world, id, keyId, key } = await workerWorld({
      outside: { withinRate: async (name: string) => counted.push(name) > 0 },
    })
    const expiring = await createKey(world, {
      scopes: ['tokens'],
      expires_at: new Date(world.clock.now.getTime() + 60_000).toISOString(),
    })
    world.advance(61)
    await world.call('DELETE', `/v1/api-keys/${keyId}`)
    counted.length = 0
    const bad = [key, expiring.key, `${key.slice(0, -4)}AAAA`, 'mg_wrong', 'M.C5_BAY.0.U']
    for (const presented of bad) {
      const byRefresh = await send(world, refresh(id, presented))
      expect(byRefresh.headers.get('www-authenticate')).toBeNull()
      expect(await refusalOf(byRefresh)).toMatchObject({ status: 400, error: 'invalid_grant' })
      const inForm = await send(world, credentials(id, presented))
      expect(inForm.headers.get('www-authenticate')).toBeNull()
      expect(await refusalOf(inForm)).toMatchObject({ status: 401, error: 'invalid_client' })
      const inHeader = await send(world, { grant_type: 'client_credentials' }, basic(id, presented))
      expect(inHeader.headers.get('www-authenticate')).toBe('Basic realm="mailgrant"')
      expect(await refusalOf(inHeader)).toMatchObject({ status: 401, error: 'invalid_client' })
    }
    expect(counted).toEqual(Array(3 * bad.length).fill('failed_authentication'))
    const { data } = await world.get<{ data: { actor: { id: string }; data: object }[] }>(
      '/v1/events?type=access.refused',
    )
    expect(data.map(({ actor }) => actor.id).sort()).toEqual([keyId, expiring.id].sort())
    expect(data[0]?.data).toEqual({ method: 'POST', route: '/oauth/token', code: 'unauthorized' })
  })

  it('counts no valid key as a failed authentication, whatever it is refused', async () => {
    const counted: string[] = []
    const world = await createAppOnlyWorld({
      outside: { withinRate: async (name) => counted.push(name) > 0 },
    })
    const { id } = await savedAccount(world)
    const appOnlyAccount = await world.saveAccount()
    const password = (
      await (await world.call('POST', '/v1/mail-accounts', passwordForm())).json<{ id: string }>()
    ).id
    const limited = await createKey(world, {
      scopes: ['tokens'],
      mail_accounts: [id, appOnlyAccount.id],
    })
    const reader = await createKey(world, { scopes: ['read', 'write'] })
    const worker = await createKey(world, { scopes: ['tokens'] })
    counted.length = 0
    const refused: [string, Promise<Response>][] = [
      ['not_found', send(world, refresh(password, limited.key))],
      ['not_found', send(world, refresh('ma_aaaaaaaaaaaaaaaaaaaaaaaaaa', worker.key))],
      ['not_found', send(world, refresh('alice@contoso.test', worker.key))],
      ['not_oauth', send(world, refresh(password, worker.key))],
      ['app_only_not_allowed', send(world, credentials(appOnlyAccount.id, limited.key))],
      ['insufficient_scope', send(world, refresh(id, reader.key))],
      [
        'insufficient_scope',
        send(world, { grant_type: 'client_credentials' }, basic(id, ROOT_KEY)),
      ],
      ['insufficient_scope', send(world, refresh(id, ROOT_KEY))],
    ]
    for (const [code, response] of refused) {
      const refusal = await refusalOf(await response)
      expect(refusal).toMatchObject({ status: 400, error: 'unauthorized_client' })
      expect(refusal.description).toContain(`(${code})`)
    }
    expect(counted).toEqual([])
    const whole = await send(world, refresh(appOnlyAccount.id, worker.key))
    expect(await whole.json()).toMatchObject({ scope: 'https://outlook.office365.com/.default' })
    const appOnlyKey = await createKey(world, {
      scopes: ['tokens'],
      mail_accounts: [appOnlyAccount.id],
      app_only: true,
    })
    expect((await send(world, refresh(appOnlyAccount.id, appOnlyKey.key))).status).toBe(200)
    expect((await send(world, refresh(id, appOnlyKey.key))).status).toBe(400)
    const { key } = await createKey(world, { scopes: ['admin'] })
    expect((await send(world, refresh(id, key))).status).toBe(200)
  })

  it('tells a client to keep its key while a person or an administrator must act', async () => {
    const { world, id, key, grant } = await workerWorld()
    const expectCause = async (code: string) => {
      const refusal = await refusalOf(await send(world, refresh(id, key)))
      expect(refusal).toMatchObject({ status: 400, error: 'interaction_required' })
      expect(refusal.description).toContain(`(${code})`)
    }
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    await expectCause('integration_inactive')
    await world.call('POST', '/v1/integrations/microsoft/activate')
    world.advance(86_400)
    world.entra.control.revoke('alice@contoso.test')
    await expectCause('reconnect_required')
    await world.call('DELETE', `/v1/grants/${grant}?detach=true`)
    await expectCause('reconnect_required')
  })

  it('names an administrator as the one who acts on a blocked tenant or a rejected credential', async () => {
    const world = await createAppOnlyWorld()
    const blocked = await world.saveAccount({ authentication: appOnly('adatum.test') })
    const account = await world.saveAccount()
    const { key } = await createKey(world, { scopes: ['tokens'] })
    const consent = await refusalOf(await send(world, credentials(blocked.id, key)))
    expect(consent).toMatchObject({ status: 400, error: 'interaction_required' })
    expect(consent.description).toMatch(/admin of adatum\.test.*\(grant_blocked\)$/)
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: app.clientId,
      credential: { type: 'client_secret', client_secret: 'Qx78Q~wrong.Contoso-mailgrant.Value' },
    })
    world.advance(86_400)
    const secret = await refusalOf(await send(world, credentials(account.id, key)))
    expect(secret).toMatchObject({ status: 400, error: 'interaction_required' })
    expect(secret.description).toMatch(/\(credential_rejected\)$/)
  })

  it('says when to retry during outages and after too many failures', async () => {
    let within = true
    const { world, id, key } = await workerWorld({ outside: { withinRate: async () => within } })
    world.advance(86_400)
    world.entra.control.faultNext({ kind: 'rate_limit', retry_after: 120 })
    const outage = await send(world, refresh(id, key))
    expect(outage.headers.get('retry-after')).toBe('120')
    expect(await refusalOf(outage)).toMatchObject({ status: 503, error: 'temporarily_unavailable' })
    within = false
    for (const parameters of [refresh(id, 'wrong'), credentials(id, 'wrong')]) {
      const response = await send(world, parameters)
      expect(response.headers.get('retry-after')).toBe('60')
      expect(await refusalOf(response)).toMatchObject({
        status: 429,
        error: 'temporarily_unavailable',
      })
    }
    expect((await send(world, refresh(id, 'wrong'), { cookie: 'x=y' })).status).toBe(429)
  })

  it('shows no key and no token in logs, events, errors or the database', async () => {
    const { world, id, key } = await workerWorld()
    const { access_token } = await (await send(world, refresh(id, key))).json<TokenBody>()
    const wrong = `${key.slice(0, -6)}canary`
    const responses = await Promise.all([
      send(world, refresh(id, wrong)),
      send(world, { grant_type: 'client_credentials' }, basic(id, wrong)),
      send(world, { ...refresh(id, key), grant_type: key }),
      send(world, refresh(key, key)),
      send(world, refresh(id, key), basic(key, key)),
      send(world, refresh(id, key), {}, `?refresh_token=${key}`),
      send(world, refresh(id, key), { authorization: `Bearer ${key}` }),
      send(world, `refresh_token=${key}&refresh_token=${key}&grant_type=refresh_token`),
    ])
    const seen = {
      errors: (await Promise.all(responses.map((response) => response.text()))).join(),
      headers: JSON.stringify(responses.map(({ headers }) => [...headers])),
      lines: world.lines.join(),
      rows: await world.dump(),
    }
    expect(responses.map(({ status }) => status)).not.toContain(200)
    expect(seen.lines).toContain('"route":"/oauth/token"')
    for (const secret of [key.slice(-43), wrong.slice(-43), access_token]) {
      for (const leak of encodingsOf(secret)) {
        for (const [place, text] of Object.entries(seen)) {
          expect(text.includes(leak), `${place} contains ${leak}`).toBe(false)
        }
      }
    }
  })
})

describe('discovery', () => {
  const common = {
    issuer: PUBLIC_URL,
    token_endpoint: `${PUBLIC_URL}/oauth/token`,
    grant_types_supported: ['refresh_token', 'client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    response_types_supported: ['id_token'],
  }

  it('reports the token endpoint in both documents, without a key', async () => {
    const world = await createWorld()
    const read = async (path: string) =>
      (await world.send(new Request(`${PUBLIC_URL}/.well-known/${path}`))).json()
    expect(await read('oauth-authorization-server')).toEqual(common)
    expect(await read('openid-configuration')).toEqual({
      ...common,
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    })
    expect(Object.keys(openapi.paths)).toContain('/.well-known/openid-configuration')
  })
})
