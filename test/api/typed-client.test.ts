/**
 * The reference flow through a client typed by openapi-typescript from the committed document. A document
 * that disagrees with the API fails to compile (`npm run types`) or fails a test.
 */
import { describe, expect, it } from 'vitest'
import {
  type Client,
  createClient,
  MailgrantError,
  type Schemas,
  unwrap,
} from '../examples/client.ts'
import { app as registration, secrets } from '../sandbox/cast.ts'
import { PUBLIC_URL, ROOT_KEY } from './harness.ts'
import { createMailWorld, type MailWorld, refuses } from './mail-world.ts'
import { browserOf, signIn } from './sign-in.ts'

const clientOf = (world: MailWorld, apiKey = ROOT_KEY) =>
  createClient({ baseUrl: PUBLIC_URL, apiKey, fetch: world.send })

const MICROSOFT = '/v1/integrations/microsoft'

async function configure(client: Client) {
  expect((await unwrap(client.POST(`${MICROSOFT}/activate`))).status).toBe('active')
  const { clientId: client_id } = registration
  const credential = { type: 'client_secret' as const, client_secret: secrets.current }
  const saved = await client.PUT(`${MICROSOFT}/settings`, { body: { client_id, credential } })
  expect(saved.response.headers.get('etag')).toMatch(/^"\d+"$/)
  const { redirect_uri, credential: stored } = await unwrap(Promise.resolve(saved))
  expect(redirect_uri).toBe(`${PUBLIC_URL}/oauth/microsoft/callback`)
  expect(stored?.type).toBe('client_secret')
}

async function getAccessToken(client: Client, world: MailWorld): Promise<Grant> {
  const body = { provider: 'microsoft', username: 'alice@contoso.test' } as const
  const { id, url, status } = await unwrap(client.POST('/v1/authorizations', { body }))
  expect(status).toBe('pending')
  await signIn(world, browserOf(world), url)
  const params = { path: { id } }
  const authorization = await unwrap(client.GET('/v1/authorizations/{id}', { params }))
  if (authorization.status !== 'completed' || !authorization.grant) {
    throw new Error('the sign-in left no grant')
  }
  return authorization.grant
}

type Grant = Schemas['Grant']
type Form = Schemas['MailAccountInput']

const formWith = (grant: Grant): Form => ({
  owner: { type: 'department', id: 'dep_7' },
  protocol: 'imap',
  username: 'alice@contoso.test',
  authentication: { type: 'oauth', provider: 'microsoft', grant_id: grant.id },
})

describe('a client generated from the OpenAPI document', () => {
  it('completes the flow from activating the integration to an access token', async () => {
    const world = await createMailWorld()
    const client = clientOf(world)
    await configure(client)
    const grant = await getAccessToken(client, world)
    expect(grant.status).toBe('unsaved')
    expect(grant.problem).toBeNull()

    const body = formWith(grant)
    const validation = await unwrap(client.POST('/v1/validations', { body }))
    expect(validation.outcome).toBe('passed')
    expect(validation.steps.map(({ name }) => name)).toContain('authenticate')

    const account = await unwrap(client.POST('/v1/mail-accounts', { body }))
    expect(account.health).toBe('ok')
    expect(account.grant?.id).toBe(grant.id)

    const params = { path: { id: account.id } }
    const token = await unwrap(client.POST('/v1/mail-accounts/{id}/access-token', { params }))
    expect(atob(token.xoauth2)).toContain(token.access_token)
    expect(token.username).toBe('alice@contoso.test')

    const query = { health: 'ok', limit: 10 } as const
    const list = await unwrap(client.GET('/v1/mail-accounts', { params: { query } }))
    expect(list.data.map(({ id }) => id)).toEqual([account.id])
    expect(list.next_cursor).toBeNull()

    const deleted = await client.DELETE('/v1/mail-accounts/{id}', { params })
    expect(deleted.response.status).toBe(204)
  })

  it('receives failures as typed problems and diagnoses', async () => {
    const world = await createMailWorld({ probe: refuses })
    const client = clientOf(world)
    const inactive = await client.POST('/v1/authorizations', {
      body: { provider: 'microsoft', username: 'alice@contoso.test' },
    })
    expect(inactive.error?.code).toBe('integration_inactive')

    await configure(client)
    const grant = await getAccessToken(client, world)
    const body = formWith(grant)
    const { outcome, diagnosis } = await unwrap(client.POST('/v1/validations', { body }))
    expect(outcome).toBe('failed')
    expect(diagnosis?.candidates[0]?.fixes.length).toBeGreaterThan(0)

    const wrong = await client.POST('/v1/mail-accounts', {
      body: { ...body, owner: { type: 'global' } },
    })
    expect(wrong.error?.errors?.map(({ pointer }) => pointer)).toEqual(['/owner/type'])

    const stranger = clientOf(world, 'mg_unknown')
    expect((await stranger.GET('/v1/grants')).error?.code).toBe('unauthorized')
  })

  it('throws a refusal as an error with its problem', async () => {
    const world = await createMailWorld()
    const call = unwrap(
      clientOf(world).POST('/v1/authorizations', { body: { provider: 'microsoft' } }),
    )
    const refusal = await call.catch((error: unknown) => error)
    if (!(refusal instanceof MailgrantError)) throw new Error('the call was not refused')
    expect(refusal.problem.code).toBe('integration_inactive')
    expect(refusal.message).toBe(`integration_inactive: ${refusal.problem.detail}`)
  })

  it('throws the status of an answer that is not from the API', async () => {
    const fetch = async () => new Response('<h1>Bad gateway</h1>', { status: 502 })
    const client = createClient({ baseUrl: PUBLIC_URL, apiKey: ROOT_KEY, fetch })
    await expect(unwrap(client.GET('/v1/grants'))).rejects.toThrow('HTTP status 502')
  })
})
