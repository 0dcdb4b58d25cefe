import { describe, expect, it } from 'vitest'
import { createEntra } from '../../../api/entra/client.ts'
import { app, secrets } from '../../sandbox/cast.ts'
import { createWorld } from '../harness.ts'
import { refreshes, savedAccount } from '../saved-account.ts'

describe('a refresh that Microsoft fails', () => {
  const faults = [
    { kind: 'outage' },
    { kind: 'server_error' },
    { kind: 'html' },
    { kind: 'truncated' },
    { kind: 'rate_limit', retry_after: 120 },
  ] as const

  it.each(faults)('is an outage and never "revoked": $kind', async (fault) => {
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
    // Within the pause nobody asks Entra again; after it the grant recovers by itself.
    await world.call('POST', path)
    expect(refreshes(world)).toBe(1)
    world.advance(121)
    expect((await world.call('POST', path)).status).toBe(200)
    const healed = await (await world.call('GET', `/v1/grants/${grant}`)).json()
    expect(healed).toMatchObject({ status: 'active', problem: null })
    const events = await (await world.call('GET', `/v1/events?subject=${grant}`)).json<{
      data: { type: string }[]
    }>()
    expect(events.data.map(({ type }) => type)).toEqual(['grant.recovered', 'grant.cooling_down'])
  })

  it('hands nobody the token that the mail server refused, however many say so', async () => {
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
    // Whoever has no complaint about it gets it while it is valid.
    expect((await world.call('POST', path)).status).toBe(200)
  })

  it('is an outage, too, when Microsoft does not answer in time', async () => {
    const world = await createWorld({ entra: { wait: () => new Promise(() => undefined) } })
    const { path, grant } = await savedAccount(world)
    const patient = world.services.entra
    world.services.entra = createEntra({ fetch: world.services.fetch, timeoutMs: 20 })
    world.advance(86_400)
    world.entra.control.faultNext({ kind: 'slow' })
    const response = await world.call('POST', path)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'provider_unavailable' })
    const state = await (await world.call('GET', `/v1/grants/${grant}`)).json()
    expect(state).toMatchObject({ status: 'cooling_down' })
    world.services.entra = patient
    world.advance(31)
    expect((await world.call('POST', path)).status).toBe(200)
  })

  it('is none when only the new refresh token is missing: the old one stays in use', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    world.advance(86_400)
    world.entra.control.faultNext({ kind: 'no_refresh_token' })
    expect((await world.call('POST', path)).status).toBe(200)
    world.advance(86_400)
    expect((await world.call('POST', path)).status).toBe(200)
    expect(refreshes(world)).toBe(2)
  })

  it('bridges an outage with the stored token while that is valid', async () => {
    const world = await createWorld()
    world.entra.control.setTokenLifetime(3600)
    const { path } = await savedAccount(world)
    world.advance(3600 - 120)
    world.entra.control.faultNext({ kind: 'outage', times: 5 })
    expect((await world.call('POST', path)).status).toBe(200)
    world.advance(121)
    expect((await world.call('POST', path)).status).toBe(503)
  })

  it('does not bridge it with the very token that the mail server refused', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    world.advance(61)
    const { expires_at } = await (await world.call('POST', path)).json<{ expires_at: string }>()
    world.entra.control.faultNext({ kind: 'outage' })
    const refused = { rejected_expires_at: expires_at }
    expect((await world.call('POST', path, refused)).status).toBe(503)
  })

  it('bridges a refused client secret, too, while the stored token is valid', async () => {
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

  it('backs off further with every failure in a row', async () => {
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

  it('asks the person to sign in again when the refresh token has ended', async () => {
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
    // The ciphertext is still there: nothing is deleted because of an answer.
    expect(dump).toMatch(/"refresh_token_sealed":"eyJ/)
  })

  it('takes a refused client secret for a fault of the integration, not of the grant', async () => {
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
