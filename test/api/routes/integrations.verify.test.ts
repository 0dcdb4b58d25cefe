import { describe, expect, it } from 'vitest'
import type { VerifyResult } from '../../../schema/integration.ts'
import { secrets, tenants } from '../../sandbox/personas.ts'
import { configure } from '../console-sign-in.ts'
import { activeWorld, createWorld, type World } from '../harness.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'
const EXPIRED = { credential: { type: 'client_secret', client_secret: secrets.expired } }

describe('verifying the credential', () => {
  const verify = async (world: World, body: unknown = {}) =>
    (await world.call('POST', `${SETTINGS}/verify`, body)).json()

  it('is inconclusive without a home tenant', async () => {
    const world = await activeWorld()
    expect(await verify(world)).toMatchObject({ outcome: 'inconclusive', diagnosis: null })
    expect(world.entra.counts().token.client_credentials).toBe(0)
  })

  it('passes in the home tenant, or in the tenant of the request', async () => {
    const world = await activeWorld()
    expect(await verify(world, { tenant: tenants.contoso.domain })).toMatchObject({
      outcome: 'passed',
    })
    await configure(world)
    expect(await verify(world)).toMatchObject({ outcome: 'passed' })
  })

  it('is remembered with its time until the settings are saved, or Entra rejects the credential', async () => {
    const world = await createWorld()
    const verifiedAt = async () =>
      (await world.get<{ verified_at: string | null }>(SETTINGS)).verified_at
    await configure(world)
    expect(await verifiedAt()).toBeNull()
    await verify(world)
    expect(await verifiedAt()).toBe(world.clock.now.toISOString())
    await configure(world, EXPIRED)
    expect(await verifiedAt()).toBeNull()
    await verify(world)
    expect(await verifiedAt()).toBeNull()
    await configure(world)
    await verify(world)
    const next = { type: 'client_secret', client_secret: secrets.next }
    await world.call('PUT', `${SETTINGS}/next-credential`, next)
    expect(await verifiedAt()).not.toBeNull()
    await world.call('POST', `${SETTINGS}/promote`, {})
    expect(await verifiedAt()).toBeNull()
  })

  it('fails with an expired secret and recovers with a valid one', async () => {
    const world = await createWorld()
    await configure(world, EXPIRED)
    expect(await verify(world)).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('AADSTS7000222'),
      diagnosis: { candidates: [{ cause: 'client-secret-expired', responsible: 'app_owner' }] },
    })
    expect(await world.get('/v1/integrations/microsoft')).toMatchObject({
      problems: [{ code: 'credential_rejected' }],
    })
    await configure(world)
    expect(await verify(world)).toMatchObject({ outcome: 'passed' })
    expect(await world.get('/v1/integrations/microsoft')).toMatchObject({ problems: [] })
  })

  it('does not judge the credential during an outage of Entra', async () => {
    const world = await activeWorld()
    world.entra.control.faultNext({ kind: 'outage' })
    expect(await verify(world, { tenant: tenants.contoso.id })).toMatchObject({
      outcome: 'inconclusive',
      detail: expect.stringMatching(/\. Verify again in a few minutes.*\.$/),
      diagnosis: { candidates: [{ cause: 'server-transient' }] },
    })
    expect(await world.get('/v1/integrations/microsoft')).toMatchObject({ problems: [] })
  })

  it.each([
    ['EAI_AGAIN', 'login-host-unreachable', /can't be reached.*EAI_AGAIN/],
    [
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'login-host-not-trusted',
      /certificate.*NODE_EXTRA_CA_CERTS/,
    ],
    ['PROXY_REFUSED', 'login-proxy-failed', /HTTPS_PROXY/],
  ])('says who must act and the fix when the network fails: %s', async (code, cause, detail) => {
    const failed = new TypeError('canary', { cause: { code, message: 'canary' } })
    const world = await createWorld({ outside: { fetch: () => Promise.reject(failed) } })
    await configure(world)
    const response = (await verify(world)) as VerifyResult
    expect(response).toMatchObject({
      outcome: 'inconclusive',
      detail: expect.stringMatching(detail),
      diagnosis: { verdict: 'certain', candidates: [{ cause, responsible: 'operator' }] },
    })
    expect(response.diagnosis?.candidates).toHaveLength(1)
    expect(JSON.stringify(response)).not.toMatch(/canary|outlook\.office365|port 25/)
    const host = 'login.microsoftonline.com'
    const entry = { level: 'warn', event: 'verification_failed', kind: 'unreachable', host }
    const lines = world.lines.map((line) => JSON.parse(line))
    expect(lines).toContainEqual({ ...entry, network_code: code })
  })

  it.each([
    ['a block page', 'status 403, not JSON', 403, { 'content-type': 'text/html' }],
    ['a redirect', 'status 302, a redirect', 302, { location: 'https://portal.example/' }],
  ])(
    'says that something responds in the place of Microsoft: %s',
    async (_, received, status, headers) => {
      const fetch = async () => new Response('<html>canary', { status, headers })
      const world = await createWorld({ outside: { fetch } })
      await configure(world)
      const host = 'login.microsoftonline.com'
      const response = await verify(world)
      expect(response).toMatchObject({
        outcome: 'inconclusive',
        detail: `Something between this server and ${host} replaces or cuts off its responses (${received}): your Mailgrant administrator must exempt ${host} from TLS inspection, or let its responses through the proxy or firewall. Verify again in a few minutes.`,
        diagnosis: {
          candidates: [
            { cause: 'login-host-replaced', responsible: 'operator' },
            { cause: 'server-transient' },
          ],
        },
      })
      const lines = world.lines.map((line) => JSON.parse(line))
      expect(lines).toContainEqual(
        expect.objectContaining({ event: 'verification_failed', kind: 'malformed', host, status }),
      )
      expect(JSON.stringify([response, lines])).not.toMatch(/canary|portal/)
    },
  )

  it('does not judge the credential while the app has no enterprise application', async () => {
    const refusal = { error: 'invalid_client', error_codes: [7000229] }
    const world = await createWorld({
      outside: { fetch: async () => Response.json(refusal, { status: 401 }) },
    })
    await configure(world)
    expect(await verify(world)).toMatchObject({
      outcome: 'inconclusive',
      detail: expect.stringContaining('no enterprise application'),
      diagnosis: { candidates: [{ cause: 'admin-consent-required' }] },
    })
    expect(await world.get('/v1/integrations/microsoft')).toMatchObject({ problems: [] })
  })

  it('requires saved settings', async () => {
    const world = await createWorld()
    const problem = await world.problem('POST', `${SETTINGS}/verify`, {})
    expect(problem).toMatchObject({ status: 409, code: 'integration_not_configured' })
  })
})
