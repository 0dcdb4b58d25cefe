import { describe, expect, it } from 'vitest'
import { runMaintenance } from '../../../api/domain/operations/maintenance/maintenance.ts'
import { refreshGrant } from '../../../api/domain/tokens/delegated.ts'
import { makeSigningKey } from '../../../api/entra/federated.ts'
import { UNLIMITED } from '../../../api/model/access.ts'
import { app as registration, tenants } from '../../sandbox/personas.ts'
import { openConsole, visitAs } from '../console-sign-in.ts'
import { activeWorld, createWorld, PUBLIC_URL, type World, type WorldOptions } from '../harness.ts'
import { numbered } from '../refresh-failure.ts'
import { browserOf } from '../sign-in.ts'
import { rows } from '../sql.ts'
import { system } from '../system-call.ts'

const ISSUER = 'https://mail.example.com'
const SETTINGS = '/v1/integrations/microsoft/settings'
const NEXT = `${SETTINGS}/next-credential`
const FEDERATED = { type: 'federated' }
const DAY_S = 86_400

/** A world at a public address, with an active integration that has a client secret. */
async function publicWorld(options: WorldOptions = {}): Promise<World> {
  const settings = { publicUrl: ISSUER, ...options.settings }
  const world = await activeWorld({ ...options, settings })
  return world
}

const read = async <Body = Record<string, unknown>>(response: Response | Promise<Response>) =>
  (await (await response).json()) as Body

type Credential = { type: string; issuer: string; subject: string; audience: string }
type Settings = {
  credential: Credential | null
  next_credential: Credential | null
  federated: Omit<Credential, 'type'> & { available: boolean }
}

const settingsOf = (world: World) => world.get<Settings>(SETTINGS)

/** Enters the values of the settings at Entra, as an admin does. */
async function trustAtEntra(world: World): Promise<void> {
  const { issuer, subject, audience } = (await settingsOf(world)).federated
  world.entra.control.addFederatedCredential({ issuer, subject, audience })
}

const verify = (world: World, credential: 'current' | 'next') =>
  read<{ outcome: string; detail: string }>(
    world.call('POST', `${SETTINGS}/verify`, { credential, tenant: tenants.contoso.id }),
  )

const document = async (world: World, name: string) => {
  const response = await world.send(new Request(`${PUBLIC_URL}/.well-known/${name}`))
  return { response, body: await read<Record<string, unknown>>(response) }
}

const keyIds = async (world: World) =>
  ((await document(world, 'jwks.json')).body.keys as { kid: string }[]).map(({ kid }) => kid)

const maintain = (world: World) => runMaintenance(world.services, system)

const namesBoth = (publicUrl: string) =>
  expect.stringMatching(new RegExp(`${publicUrl}.* ${ISSUER}`))

const problemsOf = async (world: World) =>
  (await world.get<{ problems: { code: string }[] }>('/v1/integrations/microsoft')).problems

/** Makes the federated credential the current one, as the console does it. */
async function federate(world: World): Promise<void> {
  expect((await world.call('PUT', NEXT, FEDERATED)).status).toBe(200)
  await trustAtEntra(world)
  expect(await verify(world, 'next')).toMatchObject({ outcome: 'passed' })
  expect((await world.call('POST', `${SETTINGS}/promote`)).status).toBe(200)
}

async function readGrant({ services }: World, grantId: string) {
  const grant = await services.store.grants.read(grantId, UNLIMITED)
  if (!grant) throw new Error('the grant is gone')
  return grant
}

/** Refreshes the grant as the maintenance does. */
const refresh = async (world: World, grantId: string) =>
  refreshGrant(world.services, system, await readGrant(world, grantId))

const refreshes = async (world: World, grantId: string) =>
  expect(await refresh(world, grantId)).toMatchObject({ ok: true })

describe('the federated credential', () => {
  it('is verified and promoted without any secret, and tokens are refreshed with it', async () => {
    const world = await publicWorld()
    const grantId = await world.grant('alice@contoso.test')

    await world.call('PUT', NEXT, FEDERATED)
    expect(await verify(world, 'next')).toMatchObject({ outcome: 'failed' })
    await trustAtEntra(world)
    expect(await verify(world, 'next')).toMatchObject({ outcome: 'passed' })
    await world.call('POST', `${SETTINGS}/promote`)

    const { credential, next_credential, federated } = await settingsOf(world)
    expect(next_credential?.type).toBe('client_secret')
    expect(credential).toEqual({
      type: 'federated',
      issuer: ISSUER,
      subject: federated.subject,
      audience: 'api://AzureADTokenExchange',
      expires_at: null,
    })
    expect(await verify(world, 'current')).toMatchObject({ outcome: 'passed' })
    await refreshes(world, grantId)
    const row = await world.db.prepare('SELECT credential_sealed FROM integrations').first()
    expect(row).toEqual({ credential_sealed: expect.any(String) })
    expect(await world.dump()).not.toContain('PRIVATE KEY')
  })

  it.each([
    'http://localhost:8787',
    'https://10.1.2.3',
    'https://[2001:db8::1]',
    'https://mailgrant',
    'https://mail.corp',
    'https://mail.local',
  ])('is refused at %s, where Entra cannot read its keys', async (publicUrl) => {
    const world = await activeWorld({ settings: { publicUrl } })

    const asCurrent = { client_id: registration.clientId, credential: FEDERATED }

    for (const [path, body, pointer] of [
      [NEXT, FEDERATED, '/type'],
      [SETTINGS, asCurrent, '/credential/type'],
    ] as const) {
      expect(await world.problem('PUT', path, body)).toMatchObject({
        status: 422,
        code: 'issuer_not_public',
        detail: expect.stringContaining(publicUrl),
        errors: [{ pointer }],
      })
    }
    expect((await settingsOf(world)).federated.available).toBe(false)
    expect(await keyIds(world)).toEqual([])
  })

  it('is accepted anywhere where the Entra is a simulated one', async () => {
    const world = await activeWorld({
      settings: { publicUrl: PUBLIC_URL, entraAuthority: 'http://127.0.0.1:8789' },
    })

    expect((await world.call('PUT', NEXT, FEDERATED)).status).toBe(200)
  })

  it('is saved at once where no grant depends on the credential, else as the next one', async () => {
    const world = await publicWorld()
    const input = { client_id: registration.clientId, credential: FEDERATED }
    await world.grant('alice@contoso.test')

    for (const query of ['', '?confirm=true']) {
      const refused = await world.problem('PUT', `${SETTINGS}${query}`, input)
      expect(refused).toMatchObject({ status: 409, code: 'grants_depend', grants: 1 })
    }
    expect((await settingsOf(world)).credential?.type).toBe('client_secret')
    await rows('DELETE FROM grants')
    expect((await world.call('PUT', SETTINGS, input)).status).toBe(200)
    expect((await settingsOf(world)).credential?.type).toBe('federated')
  })
})

describe('a changed PUBLIC_URL', () => {
  it('signs nothing until the operator confirms it, and loses no token', async () => {
    const before = await publicWorld()
    const grantId = await before.grant('alice@contoso.test')
    await federate(before)
    const moved = 'https://new.example.com'
    const world = await createWorld({ settings: { publicUrl: moved }, keepDatabase: true })
    const stored = await world.db.prepare('SELECT refresh_token_sealed FROM grants').first()

    expect(await refresh(world, grantId)).toMatchObject({
      ok: false,
      error: { code: 'credential_rejected', detail: namesBoth(moved) },
    })
    expect(await verify(world, 'current')).toMatchObject({
      outcome: 'failed',
      detail: namesBoth(moved),
    })
    expect(await problemsOf(world)).toEqual([{ code: 'issuer_changed', detail: namesBoth(moved) }])
    expect(world.entra.tokenCalls()).toEqual([])
    expect(await world.db.prepare('SELECT refresh_token_sealed FROM grants').first()).toEqual(
      stored,
    )
    expect((await settingsOf(world)).credential?.issuer).toBe(ISSUER)

    const input = { client_id: registration.clientId, credential: FEDERATED }
    const asked = await world.problem('PUT', SETTINGS, input)
    expect(asked).toMatchObject({ status: 409, code: 'grants_depend', grants: 1 })
    expect((await world.call('PUT', `${SETTINGS}?confirm=true`, input)).status).toBe(200)
    await trustAtEntra(world)
    expect(await verify(world, 'current')).toMatchObject({ outcome: 'passed' })
    expect(await problemsOf(world)).toEqual([])
  })

  it('leaves the next credential of the old one unpromoted', async () => {
    const before = await publicWorld()
    await before.call('PUT', NEXT, FEDERATED)
    const settings = { publicUrl: 'https://new.example.com' }
    const world = await createWorld({ settings, keepDatabase: true })

    expect(await world.problem('POST', `${SETTINGS}/promote`)).toMatchObject({
      status: 409,
      code: 'next_credential_missing',
      detail: expect.stringContaining(ISSUER),
    })
  })
})

describe('an Entra that cannot read the keys', () => {
  it.each([50166, 501661, 90061])(
    'is one problem of the integration and changes no grant: number %i',
    async (number) => {
      const world = await publicWorld()
      const grantId = await world.grant('alice@contoso.test')
      await federate(world)
      const working = world.services.entra.refresh
      let asked = 0
      world.services.entra.refresh = async () => {
        asked += 1
        return { ok: false, failure: numbered(number, 'invalid_request') }
      }
      const grant = await readGrant(world, grantId)

      for (const _ of [1, 2]) {
        expect(await refresh(world, grantId)).toMatchObject({
          ok: false,
          error: { code: 'provider_unavailable', retryAfter: 60 },
        })
      }

      expect(asked).toBe(1)
      expect(await readGrant(world, grantId)).toEqual(grant)
      expect(await problemsOf(world)).toEqual([
        { code: 'issuer_unreachable', detail: expect.stringContaining(`PUBLIC_URL, ${ISSUER}`) },
      ])
      world.services.entra.refresh = working
      world.advance(61)
      await refreshes(world, grantId)
      expect(await problemsOf(world)).toEqual([])
      const { data } = await world.get<{ data: { type: string }[] }>('/v1/events')
      const types = data.map(({ type }) => type).filter((type) => /issuer|accepted/.test(type))
      expect(types.toSorted()).toEqual([
        'integration.credential_accepted',
        'integration.issuer_unreachable',
      ])
    },
  )

  it('is met where the discovery document of the deployment does not respond', async () => {
    const offline = () => Promise.reject(new TypeError('unreachable'))
    const world = await publicWorld({ entra: { fetchIssuer: offline } })
    await world.call('PUT', NEXT, FEDERATED)
    await trustAtEntra(world)

    expect(await verify(world, 'next')).toMatchObject({
      outcome: 'inconclusive',
      detail: expect.stringContaining(ISSUER),
    })
    expect(await problemsOf(world)).toEqual([])
  })
})

describe('personal accounts', () => {
  it('are not covered by a verification, which says so', async () => {
    const world = await publicWorld()
    await world.call('PUT', NEXT, FEDERATED)
    await trustAtEntra(world)
    expect(await verify(world, 'next')).toMatchObject({
      outcome: 'passed',
      detail: expect.stringContaining('personal accounts'),
    })
    await world.call('PUT', SETTINGS, { client_id: registration.clientId, tenant: 'consumers' })
    const only = await read(world.call('POST', `${SETTINGS}/verify`, { credential: 'next' }))
    expect(only).toMatchObject({
      outcome: 'inconclusive',
      detail: expect.stringContaining('refresh'),
    })
  })
})

describe('the keys of the issuer', () => {
  it('are named in both discovery documents while a credential is federated', async () => {
    const world = await publicWorld()
    for (const name of ['openid-configuration', 'oauth-authorization-server']) {
      expect((await document(world, name)).body).not.toHaveProperty('jwks_uri')
    }

    await world.call('PUT', NEXT, FEDERATED)

    for (const name of ['openid-configuration', 'oauth-authorization-server']) {
      const { response, body } = await document(world, name)
      expect(body).toMatchObject({ issuer: ISSUER, jwks_uri: `${ISSUER}/.well-known/jwks.json` })
      expect(response.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/)
    }
    const { response, body } = await document(world, 'jwks.json')
    expect(response.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/)
    expect(body).toEqual({
      keys: [
        {
          kty: 'RSA',
          use: 'sig',
          alg: 'RS256',
          kid: expect.stringMatching(/^[\w-]{43}$/),
          n: expect.stringMatching(/^[\w-]{342}$/),
          e: 'AQAB',
        },
      ],
    })
  })

  it('are published a day before they sign and a day after, and replaced every 90 days', async () => {
    const world = await publicWorld()
    const grantId = await world.grant('alice@contoso.test')
    await federate(world)
    const works = () => refreshes(world, grantId)
    const [first] = await keyIds(world)

    world.advance(88 * DAY_S)
    await maintain(world)
    expect(await keyIds(world)).toEqual([first])
    await works()

    world.advance(DAY_S)
    await Promise.all([maintain(world), maintain(world)])
    const both = await keyIds(world)
    expect(both).toHaveLength(2)
    const second = both[1]
    await works()
    world.advance(DAY_S - 1)
    expect((await world.services.store.signingKeys.readSigner(world.clock.now))?.id).toBe(first)

    world.advance(1)
    expect((await world.services.store.signingKeys.readSigner(world.clock.now))?.id).toBe(second)
    await works()
    await maintain(world)
    expect(await keyIds(world)).toEqual(both)

    world.advance(DAY_S)
    await maintain(world)
    expect(await keyIds(world)).toEqual([second])
    await works()
  })

  it('go a day after the last federated credential, unless one returns in the meantime', async () => {
    const world = await publicWorld()
    await world.call('PUT', NEXT, FEDERATED)
    const keys = await keyIds(world)
    await world.call('DELETE', NEXT)
    await maintain(world)
    world.advance(DAY_S - 1)
    await world.call('PUT', NEXT, FEDERATED)
    world.advance(DAY_S)
    await maintain(world)
    expect(await keyIds(world)).toEqual(keys)

    await world.call('DELETE', NEXT)
    await maintain(world)
    world.advance(DAY_S - 1)
    await maintain(world)
    expect(await keyIds(world)).toEqual(keys)
    world.advance(1)
    await maintain(world)
    expect(await keyIds(world)).toEqual([])
    expect((await document(world, 'openid-configuration')).body).not.toHaveProperty('jwks_uri')
  })

  it.each([
    [
      'a key that somebody else has added',
      'INSERT INTO signing_keys (id, private_key_sealed, public_key, created_at, signs_from) SELECT ?1, private_key_sealed, ?2, 0, 0 FROM signing_keys',
    ],
    [
      'a public key that somebody else has put in place of ours',
      'UPDATE signing_keys SET public_key = ?2 WHERE id <> ?1',
    ],
    [
      'members that somebody else has added to ours',
      "UPDATE signing_keys SET public_key = json_set(public_key, '$.x5c', json_extract(?2, '$.n')) WHERE id <> ?1",
    ],
  ])('are published without %s', async (_case, sql) => {
    const world = await publicWorld()
    await world.call('PUT', NEXT, FEDERATED)
    const { id, publicKey } = await makeSigningKey()

    await rows(sql, id, JSON.stringify(publicKey))

    expect((await document(world, 'jwks.json')).response.status).toBe(200)
    expect(JSON.stringify((await document(world, 'jwks.json')).body)).not.toContain(publicKey.n)
  })

  it('are one key, however many admins store the credential at once', async () => {
    const world = await publicWorld()

    await Promise.all(Array.from({ length: 4 }, () => world.call('PUT', NEXT, FEDERATED)))

    expect(await keyIds(world)).toHaveLength(1)
  })

  it('are replaced when the private key is damaged and the credential is saved again', async () => {
    const world = await publicWorld()
    await federate(world)
    const [damaged] = await keyIds(world)
    await rows("UPDATE signing_keys SET private_key_sealed = 'damaged'")

    expect(await verify(world, 'current')).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('Save the federated credential again'),
    })
    await world.call('PUT', SETTINGS, { client_id: registration.clientId, credential: FEDERATED })

    expect(await keyIds(world)).not.toContain(damaged)
  })
})

describe('the sign-in to the console', () => {
  const atHome = async () => {
    const world = await publicWorld()
    const { clientId } = registration
    const saved = { client_id: clientId, home_tenant: tenants.contoso.id }
    expect((await world.call('PUT', SETTINGS, saved)).status).toBe(200)
    await federate(world)
    return world
  }

  it('redeems its code with the federated credential', async () => {
    const send = await openConsole(await atHome(), 'admin@contoso.test')
    expect((await send('GET', '/v1/events')).status).toBe(200)
  })

  it('says that Entra cannot read the keys, and that the root key works', async () => {
    const world = await atHome()
    world.services.entra.exchangeCode = async () => ({
      ok: false,
      failure: numbered(50166, 'invalid_request'),
    })
    const page = await visitAs(world, browserOf(world), 'admin@contoso.test')
    expect(page.status).toBe(503)
    expect(page.body).toContain('OpenID configuration at PUBLIC_URL')
    expect(page.body).toContain('root key')
    expect(await problemsOf(world)).toMatchObject([{ code: 'issuer_unreachable' }])
  })
})
