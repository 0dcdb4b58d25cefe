/** A grant with two access tokens: one for Outlook, one for Microsoft Graph, under one refresh token and one lease. */
import { describe, expect, it } from 'vitest'
import { regainProtocol } from '../../../../api/domain/tokens/delegated.ts'
import { mailScopes } from '../../../../api/entra/scopes.ts'
import type { TokenResponse } from '../../../../api/entra/token.ts'
import type { Call } from '../../../../api/services.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { type Resource, resourceOf } from '../../../../schema/protocols.ts'
import { tokenOfGrant } from '../../fresh-token.ts'
import { activeWorld } from '../../harness.ts'
import { eventsOf, rows } from '../../sql.ts'
import { system } from '../../system-call.ts'
import { refused } from './both-kinds.ts'

const person: Call = { ...system, actor: { type: 'key', id: 'key_1' } }

const ALL: Protocol[] = ['imap', 'smtp', 'graph_send']

const issuedFor = (resource: Resource, further = ''): TokenResponse => ({
  ok: true,
  tokens: {
    accessToken: `a token for ${resource}`,
    expiresIn: 3600,
    refreshToken: `rotated by ${resource}`,
    idToken: null,
    scope: `${mailScopes('global', resource === 'graph' ? ['graph_send'] : ['imap', 'smtp']).join(' ')} ${further}`,
  },
})

const outage: TokenResponse = {
  ok: false,
  failure: { kind: 'unavailable', status: 503, retryAfter: null, aadsts: null },
}

/** Creates Alice's grant for both resources, with a token for Outlook, and an Entra whose responses a test chooses. */
async function twoResources({ protocols = ALL }: { protocols?: Protocol[] } = {}) {
  const world = await activeWorld({ outside: { pause: async () => {} } })
  const { services } = world
  const id = await world.grant('alice@contoso.test', { protocols })
  const responses = { outlook: issuedFor('outlook'), graph: issuedFor('graph') }
  const asked: Resource[] = []
  const refresh: typeof services.entra.refresh = async ({ scopes }) => {
    const resource = scopes.some((scope) => scope.includes('graph.')) ? 'graph' : 'outlook'
    asked.push(resource)
    return responses[resource]
  }
  services.entra = { ...services.entra, refresh }
  return {
    world,
    id,
    responses,
    asked,
    /** Returns a token as a worker gets it, or the code of the refusal. */
    async token(protocol: Protocol): Promise<string> {
      const token = await tokenOfGrant(services, system, id, protocol)
      return token.ok ? token.value.accessToken : token.error.code
    },
    /** Asks for a protocol that the grant does not have. */
    async regain(protocol: Protocol) {
      const grant = await services.store.grants.readWithToken(id, resourceOf(protocol))
      const integration = await services.store.integrations.read()
      return grant && regainProtocol(services, person, grant, integration, { protocol })
    },
    async states() {
      const tokens = await rows<{ resource: Resource; state: string }>('SELECT * FROM grant_tokens')
      return Object.fromEntries(tokens.map(({ resource, state }) => [resource, state]))
    },
    shown: () =>
      world.get<{
        status: string
        protocols: Protocol[]
        warnings: string[]
        resources: unknown[]
      }>(`/v1/grants/${id}`),
  }
}

describe('the tokens of two resources', () => {
  it('are asked for each when it is needed, with the scopes of that resource alone', async () => {
    const { token, asked, states, shown } = await twoResources()
    expect(await token('graph_send')).toBe('a token for graph')
    expect(await token('graph_send')).toBe('a token for graph')
    expect(await token('imap')).not.toContain('a token for')
    expect(asked).toEqual(['graph'])
    expect(await states()).toEqual({ outlook: 'active', graph: 'active' })
    expect(await shown()).toMatchObject({
      protocols: ALL,
      resources: expect.arrayContaining([
        expect.objectContaining({ resource: 'outlook', protocols: ['imap', 'smtp'] }),
        expect.objectContaining({ resource: 'graph', protocols: ['graph_send'] }),
      ]),
    })
  })

  it('are both issued when both are asked for at once, after one request each', async () => {
    const { world, token, asked } = await twoResources()
    world.advance(86_400)
    const [imap, graph, smtp] = await Promise.all(
      (['imap', 'graph_send', 'smtp'] as const).map(token),
    )
    expect([imap, graph, smtp]).toEqual([
      'a token for outlook',
      'a token for graph',
      'a token for outlook',
    ])
    expect(asked.toSorted()).toEqual(['graph', 'outlook'])
  })

  it('name what else they permit, but not what belongs to the other one', async () => {
    const { token, responses, shown } = await twoResources()
    responses.graph = issuedFor(
      'graph',
      'https://graph.microsoft.com/IMAP.AccessAsUser.All https://graph.microsoft.com/User.Read https://graph.microsoft.com/POP.AccessAsUser.All https://graph.microsoft.com/Files.Read',
    )
    await token('graph_send')
    expect((await shown()).warnings).toEqual([
      expect.stringContaining('permit POP.AccessAsUser.All, Files.Read,'),
    ])
  })
})

describe('a refusal', () => {
  it('of one resource leaves the other as it is', async () => {
    const { id, token, responses, states, shown } = await twoResources()
    responses.graph = refused('invalid_grant', 65001)
    expect(await token('graph_send')).not.toContain('a token')
    expect(await states()).toEqual({
      outlook: 'active',
      graph: expect.not.stringContaining('active'),
    })
    expect(await token('smtp')).not.toBe('provider_unavailable')
    expect(await shown()).toMatchObject({ status: 'active', problem: null })
    expect(await eventsOf(id)).toHaveLength(1)
  })

  it('of both resources is found and reported when each next needs a token', async () => {
    const { world, id, token, responses, states } = await twoResources()
    await token('graph_send')
    world.advance(86_400)
    const revoked = refused('invalid_grant', 50173)
    Object.assign(responses, { outlook: revoked, graph: revoked })
    expect(await token('imap')).toBe('reconnect_required')
    expect(await states()).toEqual({ outlook: 'reconnect_required', graph: 'active' })
    world.advance(1)
    expect(await token('graph_send')).toBe('reconnect_required')
    expect(await states()).toEqual({ outlook: 'reconnect_required', graph: 'reconnect_required' })
    const events = await world.get(`/v1/events?subject=${id}&type=grant.reconnect_required`)
    expect(events).toMatchObject({
      data: [{ data: { resource: 'graph' } }, { data: { resource: 'outlook' } }],
    })
  })

  it('keeps its claims challenge while the other resource is issued tokens', async () => {
    const { world, token, responses } = await twoResources()
    const challenges = async () =>
      (await rows<{ sealed: unknown }>('SELECT claims_challenge_sealed AS sealed FROM grants')).map(
        ({ sealed }) => sealed !== null,
      )
    responses.graph = refused('interaction_required', 50076, '{"access_token":{}}')
    expect(await token('graph_send')).toBe('reconnect_required')
    expect(await challenges()).toEqual([true])
    world.advance(86_400)
    expect(await token('imap')).toBe('a token for outlook')
    expect(await challenges()).toEqual([true])
  })

  it('during an outage is not taken for one', async () => {
    const { token, responses, states } = await twoResources()
    responses.graph = outage
    expect(await token('graph_send')).toBe('provider_unavailable')
    expect(await states()).toEqual({ outlook: 'active', graph: 'cooling_down' })
  })
})

it('a retry succeeds though Microsoft is busy for one of them', async () => {
  const { world, id, responses } = await twoResources()
  world.advance(86_400)
  responses.graph = {
    ok: false,
    failure: { kind: 'throttled', retryAfter: 900, aadsts: null },
  }
  const response = await world.call('POST', `/v1/grants/${id}/retry`)
  expect([response.status, await response.json()]).toMatchObject([
    200,
    {
      resources: [
        { resource: 'outlook', status: 'active' },
        { resource: 'graph', status: 'cooling_down' },
      ],
    },
  ])
})

describe('a resource that the person never consented to', () => {
  it('needs a sign-in, and is not asked for', async () => {
    const { token, asked } = await twoResources({ protocols: ['imap', 'smtp'] })
    expect(await token('graph_send')).toBe('reconnect_required')
    expect(asked).toEqual([])
  })

  it.each([
    ['as for an expired sign-in', 'invalid_grant', 70000],
    ['without a number', 'invalid_grant', null],
    ['for a disabled user', 'invalid_grant', 50057],
    ['for a changed password', 'invalid_grant', 50173],
  ] as const)('is asked for once, and changes nothing when it is refused %s', async (...row) => {
    const [, error, aadsts] = row
    const { world, id, token, responses, asked, states, regain } = await twoResources({
      protocols: ['imap', 'smtp'],
    })
    world.advance(86_400)
    await token('imap')
    world.advance(61)
    Object.assign(responses, { graph: refused(error, aadsts), outlook: refused(error, aadsts) })
    expect(await regain('graph_send')).toBe(false)
    expect(asked).toEqual(['outlook', 'graph'])
    expect(await states()).toEqual({ outlook: 'active', graph: 'reconnect_required' })
    // A retry doesn't ask for Graph's token, either.
    responses.outlook = issuedFor('outlook')
    world.advance(61)
    expect((await world.call('POST', `/v1/grants/${id}/retry`)).status).toBe(200)
    expect(asked).toEqual(['outlook', 'graph', 'outlook'])
  })
})
