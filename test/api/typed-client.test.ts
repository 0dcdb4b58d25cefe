/**
 * The reference flow through a client typed by openapi-typescript from the committed document. A document
 * that disagrees with the API fails to compile (`npm run types`) or fails a test.
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

/** Returns the body of a successful response. */
function unwrap<Body>({ data, error }: { data?: Body; error?: unknown }): Body {
  expect(error).toBeUndefined()
  if (data === undefined) throw new Error('the response has no body')
  return data
}

async function configure(client: Client) {
  expect(unwrap(await client.POST(`${MICROSOFT}/activate`)).status).toBe('active')
  const { clientId: client_id } = registration
  const credential = { type: 'client_secret' as const, client_secret: secrets.current }
  const saved = await client.PUT(`${MICROSOFT}/settings`, { body: { client_id, credential } })
  expect(saved.response.headers.get('etag')).toMatch(/^"\d+"$/)
  const { redirect_uri, credential: stored } = unwrap(saved)
  expect(redirect_uri).toBe(`${PUBLIC_URL}/oauth/microsoft/callback`)
  expect(stored?.type).toBe('client_secret')
}

async function getAccessToken(client: Client, world: MailWorld): Promise<Grant> {
  const body = { provider: 'microsoft', username: 'alice@contoso.test' } as const
  const { id, url, status } = unwrap(await client.POST('/v1/authorizations', { body }))
  expect(status).toBe('pending')
  await signIn(world, browserOf(world), url)
  const params = { path: { id } }
  const authorization = unwrap(await client.GET('/v1/authorizations/{id}', { params }))
  if (authorization.status !== 'completed' || !authorization.grant) {
    throw new Error('the sign-in left no grant')
  }
  return authorization.grant
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
  it('completes the flow from activating the integration to an access token', async () => {
    const world = await createMailWorld()
    const client = clientOf(world)
    await configure(client)
    const grant = await getAccessToken(client, world)
    expect(grant.status).toBe('unsaved')
    expect(grant.problem).toBeNull()

    const body = formWith(grant)
    const validation = unwrap(await client.POST('/v1/validations', { body }))
    expect(validation.outcome).toBe('passed')
    expect(validation.steps.map(({ name }) => name)).toContain('authenticate')

    const account = unwrap(await client.POST('/v1/mail-accounts', { body }))
    expect(account.health).toBe('ok')
    expect(account.grant?.id).toBe(grant.id)

    const params = { path: { id: account.id } }
    const token = unwrap(
      await client.POST('/v1/mail-accounts/{id}/access-token', { params, body: {} }),
    )
    expect(atob(token.xoauth2)).toContain(token.access_token)
    expect(token.username).toBe('alice@contoso.test')

    const query = { health: 'ok', limit: 10 } as const
    const list = unwrap(await client.GET('/v1/mail-accounts', { params: { query } }))
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
    const { outcome, diagnosis } = unwrap(await client.POST('/v1/validations', { body }))
    expect(outcome).toBe('failed')
    expect(diagnosis?.candidates[0]?.fixes.length).toBeGreaterThan(0)

    const wrong = await client.POST('/v1/mail-accounts', {
      body: { ...body, owner: { type: 'global' } },
    })
    expect(wrong.error?.errors?.map(({ pointer }) => pointer)).toEqual(['/owner/type'])

    const stranger = clientOf(world, 'mg_unknown')
    expect((await stranger.GET('/v1/grants')).error?.code).toBe('unauthorized')
  })
})
