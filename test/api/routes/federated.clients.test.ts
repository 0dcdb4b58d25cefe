/** The issuer as clients by others see it: openid-client reads its discovery, jose verifies its assertions. */
import { createRemoteJWKSet, customFetch as joseFetch, jwtVerify } from 'jose'
import { customFetch, discovery } from 'openid-client'
import { expect, it } from 'vitest'
import { app as registration, tenants } from '../../sandbox/cast.ts'
import { activeWorld } from '../harness.ts'

const ISSUER = 'https://mail.example.com'
const NEXT = '/v1/integrations/microsoft/settings/next-credential'

it('is discovered by openid-client, and its assertion is verified by jose', async () => {
  const world = await activeWorld({ settings: { publicUrl: ISSUER } })
  await world.call('PUT', NEXT, { type: 'federated' })
  let assertion = ''
  const { fetch } = world.entra
  world.entra.fetch = async (input, init) => {
    const request = new Request(input, init)
    if (request.method === 'POST') {
      const form = new URLSearchParams(await request.clone().text())
      assertion = form.get('client_assertion') ?? ''
    }
    return fetch(request)
  }
  await world.call('POST', '/v1/integrations/microsoft/settings/verify', {
    credential: 'next',
    tenant: tenants.contoso.id,
  })
  const send = (url: string | URL) => world.send(new Request(url))

  const found = await Promise.all(
    (['oidc', 'oauth2'] as const).map((algorithm) =>
      discovery(new URL(ISSUER), registration.clientId, undefined, undefined, {
        algorithm,
        [customFetch]: send,
      }),
    ),
  )

  for (const configuration of found) {
    const { issuer, jwks_uri } = configuration.serverMetadata()
    expect(issuer).toBe(ISSUER)
    const keys = createRemoteJWKSet(new URL(jwks_uri ?? ''), { [joseFetch]: send })
    const { payload, protectedHeader } = await jwtVerify(assertion, keys, {
      issuer: ISSUER,
      audience: 'api://AzureADTokenExchange',
      algorithms: ['RS256'],
      currentDate: world.clock.now,
    })
    expect(protectedHeader.typ).toBe('JWT')
    expect(payload.sub).toMatch(/^mailgrant:dp_/)
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300)
  }
})
