import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { appOnly, createAppOnlyWorld } from '../../app-only-world.ts'
import { DAY, eventsOf, rows, run } from './run.ts'

const tenants = async () =>
  (await rows<{ tenant: string }>('SELECT tenant FROM app_tokens ORDER BY tenant')).map(
    ({ tenant }) => tenant,
  )

describe('maintenance of app-only tokens', () => {
  it('asks again, once a day, where an administrator had to act, and says that it works', async () => {
    const world = await createAppOnlyWorld()
    const { id, path } = await world.saveAccount({ authentication: appOnly('adatum.test') })
    await world.call('POST', path)
    await run(world)
    expect(world.tokenRequests()).toBe(1)
    world.advance(DAY)
    await run(world)
    await run(world)
    expect(world.tokenRequests()).toBe(2)
    world.entra.control.setAppConsent('adatum.test', true)
    world.advance(DAY)
    expect((await run(world)).app_tokens).toMatchObject({ count: 1, more: false })
    expect((await world.read(id)).health).toBe('unverified')
    expect(await eventsOf('adatum.test')).toEqual(['grant.blocked', 'grant.recovered'])
  })

  it('does not fetch tokens that work: those are fetched on demand', async () => {
    const world = await createAppOnlyWorld()
    const { path } = await world.saveAccount()
    await world.call('POST', path)
    world.advance(40 * DAY)
    await run(world)
    expect(world.tokenRequests()).toBe(1)
  })

  it('forgets tokens that no account needs any more', async () => {
    const world = await createAppOnlyWorld()
    const one = await world.saveAccount()
    const other = await world.saveAccount({ authentication: appOnly('adatum.test') })
    for (const { path } of [one, other]) await world.call('POST', path)
    await world.call('DELETE', `/v1/mail-accounts/${other.id}`)
    world.advance(2 * DAY)
    await run(world)
    expect(await tenants()).toEqual(['contoso.test'])
  })

  it('forgets those of another app registration, though accounts name their tenant', async () => {
    const world = await createAppOnlyWorld()
    const { path } = await world.saveAccount()
    await world.call('POST', path)
    await env.DB.prepare("UPDATE integrations SET client_id = 'another'").run()
    world.advance(2 * DAY)
    await run(world)
    expect(await tenants()).toEqual([])
  })

  it('keeps the row of one that is being fetched', async () => {
    const world = await createAppOnlyWorld()
    const { id, path } = await world.saveAccount()
    await world.call('POST', path)
    await world.call('DELETE', `/v1/mail-accounts/${id}`)
    world.advance(2 * DAY)
    const leased = world.db.prepare("UPDATE app_tokens SET lease_owner = 'x', lease_expires_at = ?")
    await leased.bind(world.clock.now.getTime() + 45_000).run()
    await run(world)
    expect(await tenants()).toEqual(['contoso.test'])
    world.advance(2 * DAY)
    await run(world)
    expect(await tenants()).toEqual([])
  })

  it('leaves Microsoft alone while the integration is inactive', async () => {
    const world = await createAppOnlyWorld()
    const { path } = await world.saveAccount({ authentication: appOnly('adatum.test') })
    await world.call('POST', path)
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    world.advance(2 * DAY)
    await run(world)
    expect(world.tokenRequests()).toBe(1)
  })
})

describe('the rest of maintenance', () => {
  it('re-encrypts app-only tokens, and counts them by key', async () => {
    const before = await createAppOnlyWorld()
    const { path } = await before.saveAccount()
    await before.call('POST', path)
    const [old] = before.services.settings.encryptionKeys
    const fresh = { kid: 'k9', key: new Uint8Array(32).fill(9) }
    const world = await createAppOnlyWorld({
      keepDatabase: true,
      settings: { encryptionKeys: [fresh, old] },
    })
    await run(world)
    const census = await world.call('GET', '/v1/key-ring')
    const { keys } = await census.json<{ keys: { kid: string; columns: { name: string }[] }[] }>()
    const columns = Object.fromEntries(
      keys.map(({ kid, columns }) => [kid, columns.map(({ name }) => name)]),
    )
    expect(columns.k9).toContain('app_tokens.access_token')
    expect(columns.k1).toEqual([])
    // Sealed for the same row: it opens, and Entra is not asked.
    world.entra.control.resetCounts()
    expect((await world.call('POST', path)).status).toBe(200)
    expect(world.tokenRequests()).toBe(0)
  })

  it('validates app-only accounts on the schedule', async () => {
    const world = await createAppOnlyWorld({ settings: { validateEveryHours: 24 } })
    const { id } = await world.saveAccount()
    world.advance(DAY)
    await run(world)
    expect((await world.read(id)).health).toBe('ok')
  })
})
