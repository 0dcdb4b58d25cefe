/**
 * The reference flow through a client that is generated from the committed document: what
 * openapi-typescript makes of it types every call, so that a document that says something else than
 * the API does not compile (`npm run types`) or does not pass.
 */
import createClient from 'openapi-fetch'
import { describe, expect, it } from 'vitest'
import type { components, paths } from '../.tmp/openapi.d.ts'
import { app as registration, secrets } from '../sandbox/cast.ts'
import { PUBLIC_URL, ROOT_KEY } from './harness.ts'
import { createMailWorld, type MailWorld, refuses } from './mail-world.ts'
import { browserOf, signIn } from './sign-in.ts'

const clientOf = (world: MailWorld, key = ROOT_KEY) =>
  createClient<paths>({
    baseUrl: PUBLIC_URL,
    fetch: world.send,
    headers: { authorization: `Bearer ${key}` },
  })
type Client = ReturnType<typeof clientOf>

const MICROSOFT = '/v1/integrations/microsoft'

/** The body of an answer that succeeded. */
function done<Body>({ data, error }: { data?: Body; error?: unknown }): Body {
  expect(error).toBeUndefined()
  if (data === undefined) throw new Error('the answer has no body')
  return data
}

async function configure(client: Client) {
  expect(done(await client.POST(`${MICROSOFT}/activate`)).status).toBe('active')
  const { clientId: client_id } = registration
  const credential = { type: 'client_secret' as const, client_secret: secrets.current }
  const saved = await client.PUT(`${MICROSOFT}/settings`, { body: { client_id, credential } })
  expect(saved.response.headers.get('etag')).toMatch(/^"\d+"$/)
  const { redirect_uri, credential: kept } = done(saved)
  expect(redirect_uri).toBe(`${PUBLIC_URL}/oauth/microsoft/callback`)
  expect(kept?.type).toBe('client_secret')
}

async function getAccessToken(client: Client, world: MailWorld): Promise<Grant> {
  const body = { provider: 'microsoft', username: 'alice@contoso.test' } as const
  const { id, url, status } = done(await client.POST('/v1/authorizations', { body }))
  expect(status).toBe('pending')
  await signIn(world, browserOf(world), url)
  const params = { path: { id } }
  const { grant } = done(await client.GET('/v1/authorizations/{id}', { params }))
  if (!grant) throw new Error('the sign-in left no grant')
  return grant
}

type Grant = components['schemas']['Grant']
type Form = components['schemas']['MailAccountInput']

const formWith = (grant: Grant): Form => ({
  owner: { type: 'department', id: 'dep_7' },
  protocol: 'imap',
  username: 'alice@contoso.test',
  authentication: { type: 'oauth', provider: 'microsoft', grant_id: grant.id },
})

describe('a client generated from the OpenAPI document', () => {
  it('goes all the way from the switch to a token for a login', async () => {
    const world = await createMailWorld()
    const client = clientOf(world)
    await configure(client)
    const grant = await getAccessToken(client, world)
    expect(grant.status).toBe('unsaved')
    expect(grant.problem).toBeNull()

    const body = formWith(grant)
    const validation = done(await client.POST('/v1/validations', { body }))
    expect(validation.outcome).toBe('passed')
    expect(validation.steps.map(({ name }) => name)).toContain('authenticate')

    const account = done(await client.POST('/v1/mail-accounts', { body }))
    expect(account.health).toBe('ok')
    expect(account.grant?.id).toBe(grant.id)

    const params = { path: { id: account.id } }
    const token = done(
      await client.POST('/v1/mail-accounts/{id}/access-token', { params, body: {} }),
    )
    expect(atob(token.xoauth2)).toContain(token.access_token)
    expect(token.username).toBe('alice@contoso.test')

    const query = { health: 'ok', limit: 10 } as const
    const list = done(await client.GET('/v1/mail-accounts', { params: { query } }))
    expect(list.data.map(({ id }) => id)).toEqual([account.id])
    expect(list.next_cursor).toBeNull()

    const gone = await client.DELETE('/v1/mail-accounts/{id}', { params })
    expect(gone.response.status).toBe(204)
  })

  it('is told in typed problems and diagnoses why something does not work', async () => {
    const world = await createMailWorld({ probe: refuses })
    const client = clientOf(world)
    const early = await client.POST('/v1/authorizations', {
      body: { provider: 'microsoft', username: 'alice@contoso.test' },
    })
    expect(early.error?.code).toBe('integration_inactive')

    await configure(client)
    const grant = await getAccessToken(client, world)
    const body = formWith(grant)
    const { outcome, diagnosis } = done(await client.POST('/v1/validations', { body }))
    expect(outcome).toBe('failed')
    expect(diagnosis?.candidates[0]?.fixes.length).toBeGreaterThan(0)

    const wrong = await client.POST('/v1/mail-accounts', {
      body: { ...body, owner: { type: 'global' } },
    })
    expect(wrong.error?.errors?.map(({ pointer }) => pointer)).toEqual(['/owner/type'])

    const stranger = clientOf(world, 'mg_nobody')
    expect((await stranger.GET('/v1/grants')).error?.code).toBe('unauthorized')
  })
})
