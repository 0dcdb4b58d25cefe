import { describe, expect, it } from 'vitest'
import { createEntra } from '../../../api/entra/client.ts'
import { app, secrets } from '../../sandbox/cast.ts'
import { createWorld } from '../harness.ts'
import { refreshes, savedAccount } from '../saved-account.ts'

describe('a failed refresh at Microsoft', () => {
  const faults = [
    { kind: 'outage' },
    { kind: 'server_error' },
    { kind: 'html' },
    { kind: 'truncated' },
    { kind: 'rate_limit', retry_after: 120 },
  ] as const

  it.each(faults)('is treated as an outage, not as a revoked grant: $kind', async (fault) => {
    const world = await createWorld()
    const { path, grant } = await savedAccount(world)
    world.advance(86_400)
    world.entra.control.faultNext({ ...fault, times: 1 })
    const response = await world.call('POST', path)
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(30)
    expect(await response.json()).toMatchObject({ code: 'provider_unavailable' })
    const state = await (await world.call('GET', `/v1/grants/${grant}`)).json()
    expect(state).toMatchObject({ status: 'cooling_down' })
    // Entra is not called again before the retry time; afterwards the grant recovers.
    await world.call('POST', path)
    expect(refreshes(world)).toBe(1)
    world.advance(121)
    expect((await world.call('POST', path)).status).toBe(200)
    const recovered = await (await world.call('GET', `/v1/grants/${grant}`)).json()
    expect(recovered).toMatchObject({ status: 'active', problem: null })
    const events = await (await world.call('GET', `/v1/events?subject=${grant}`)).json<{
      data: { type: string }[]
    }>()
    expect(events.data.map(({ type }) => type)).toEqual(['grant.recovered', 'grant.cooling_down'])
  })

  it('never returns a token that was reported as rejected, even to concurrent callers', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    world.advance(61)
    const { expires_at } = await (await world.call('POST', path)).json<{ expires_at: string }>()
    world.entra.control.faultNext({ kind: 'outage', times: 1 })
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        world.call('POST', path, { rejected_expires_at: expires_at }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503])
    expect(refreshes(world)).toBe(1)
    // A caller that does not report it still gets the token while it is valid.
    expect((await world.call('POST', path)).status).toBe(200)
  })

  it('is treated as an outage when Microsoft does not answer in time', async () => {
    const world = await createWorld({ entra: { wait: () => new Promise(() => undefined) } })
    const { path, grant } = await savedAccount(world)
    const original = world.services.entra
    world.services.entra = createEntra({ fetch: world.services.fetch, timeoutMs: 20 })
    world.advance(86_400)
    world.entra.control.faultNext({ kind: 'slow' })
    const response = await world.call('POST', path)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'provider_unavailable' })
    const state = await (await world.call('GET', `/v1/grants/${grant}`)).json()
    expect(state).toMatchObject({ status: 'cooling_down' })
    world.services.entra = original
    world.advance(31)
    expect((await world.call('POST', path)).status).toBe(200)
  })

  it('does not occur when only the new refresh token is missing: the old one stays in use', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    world.advance(86_400)
    world.entra.control.faultNext({ kind: 'no_refresh_token' })
    expect((await world.call('POST', path)).status).toBe(200)
    world.advance(86_400)
    expect((await world.call('POST', path)).status).toBe(200)
    expect(refreshes(world)).toBe(2)
  })

  it('falls back to the stored token while it is valid', async () => {
    const world = await createWorld()
    world.entra.control.setTokenLifetime(3600)
    const { path } = await savedAccount(world)
    world.advance(3600 - 120)
    world.entra.control.faultNext({ kind: 'outage', times: 5 })
    expect((await world.call('POST', path)).status).toBe(200)
    world.advance(121)
    expect((await world.call('POST', path)).status).toBe(503)
  })

  it('does not fall back to a token that the mail server rejected', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    world.advance(61)
    const { expires_at } = await (await world.call('POST', path)).json<{ expires_at: string }>()
    world.entra.control.faultNext({ kind: 'outage' })
    const refused = { rejected_expires_at: expires_at }
    expect((await world.call('POST', path, refused)).status).toBe(503)
  })

  it('falls back to the stored token when the client secret is rejected', async () => {
    const world = await createWorld()
    world.entra.control.setTokenLifetime(3600)
    const { path } = await savedAccount(world)
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: app.clientId,
      credential: { type: 'client_secret', client_secret: secrets.expired },
    })
    world.advance(3600 - 120)
    expect((await world.call('POST', path)).status).toBe(200)
    expect(refreshes(world)).toBe(1)
    world.advance(120)
    expect(await (await world.call('POST', path)).json()).toMatchObject({
      code: 'credential_rejected',
    })
  })

  it('backs off longer with each consecutive failure', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    world.advance(86_400)
    world.entra.control.faultNext({ kind: 'outage', times: 3 })
    const waits: number[] = []
    for (let round = 0; round < 3; round += 1) {
      const response = await world.call('POST', path)
      const wait = Number(response.headers.get('retry-after'))
      waits.push(wait)
      world.advance(wait)
    }
    expect(waits).toEqual([30, 60, 120])
  })

  it('requires a new sign-in when the refresh token has expired', async () => {
    const world = await createWorld()
    const { path, grant } = await savedAccount(world, { username: 'frank@contoso.test' })
    world.advance(86_400)
    const response = await world.call('POST', path)
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({
      code: 'reconnect_required',
      detail: expect.stringContaining('AADSTS700082'),
    })
    await world.call('POST', path)
    expect(refreshes(world)).toBe(1)
    const dump = await world.dump()
    const state = await (await world.call('GET', `/v1/grants/${grant}`)).json()
    expect(state).toMatchObject({ status: 'reconnect_required' })
    // The ciphertext remains: an error answer never deletes a token.
    expect(dump).toMatch(/"refresh_token_sealed":"eyJ/)
  })

  it('blames a rejected client secret on the integration, not on the grant', async () => {
    const world = await createWorld()
    const { path, grant } = await savedAccount(world)
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: 'f0cacc1a-0000-4000-8000-0000c1e47a99',
      credential: { type: 'client_secret', client_secret: secrets.expired },
    })
    world.advance(86_400)
    const response = await world.call('POST', path)
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ code: 'credential_rejected' })
    expect(await (await world.call('GET', `/v1/grants/${grant}`)).json()).toMatchObject({
      status: 'active',
      problem: null,
    })
    expect(await (await world.call('GET', '/v1/integrations/microsoft')).json()).toMatchObject({
      problems: [{ code: 'credential_rejected' }],
    })
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: 'f0cacc1a-0000-4000-8000-0000c1e47a99',
      credential: { type: 'client_secret', client_secret: secrets.next },
    })
    expect((await world.call('POST', path)).status).toBe(200)
  })
})
