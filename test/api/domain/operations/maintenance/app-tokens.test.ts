import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { appOnly, createAppOnlyWorld } from '../../../app-only-world.ts'
import { eventsOf, rows } from '../../../sql.ts'
import { DAY, run, runAfter } from './run.ts'

const tenants = async () =>
  (await rows<{ tenant: string }>('SELECT tenant FROM app_tokens ORDER BY tenant')).map(
    ({ tenant }) => tenant,
  )

/** Creates a world with an account at this tenant, for which Microsoft was asked once. */
async function askedWorld(tenant = 'contoso.test') {
  const world = await createAppOnlyWorld()
  const { id, path } = await world.saveAccount({ authentication: appOnly(tenant) })
  await world.call('POST', path)
  return { world, id, path }
}

describe('maintenance of app-only tokens', () => {
  it('retries a blocked token and logs its recovery', async () => {
    const { world, id } = await askedWorld('adatum.test')
    await run(world)
    expect(world.tokenRequests()).toBe(1)
    await runAfter(world, DAY)
    await run(world)
    expect(world.tokenRequests()).toBe(2)
    world.entra.control.setAppConsent('adatum.test', true)
    world.advance(DAY)
    expect((await run(world)).app_tokens).toMatchObject({ count: 1, more: false })
    expect((await world.read(id)).health).toBe('unverified')
    expect(await eventsOf('adatum.test')).toEqual(['grant.blocked', 'grant.recovered'])
  })

  it('does not refresh working tokens: they are fetched on demand', async () => {
    const { world } = await askedWorld()
    await runAfter(world, 40 * DAY)
    expect(world.tokenRequests()).toBe(1)
  })

  it('deletes tokens that no account uses', async () => {
    const { world } = await askedWorld()
    const other = await world.saveAccount({ authentication: appOnly('adatum.test') })
    await world.call('POST', other.path)
    await world.call('DELETE', `/v1/mail-accounts/${other.id}`)
    await runAfter(world, 2 * DAY)
    expect(await tenants()).toEqual(['contoso.test'])
  })

  it('deletes tokens of another app registration even if accounts use their tenant', async () => {
    const { world } = await askedWorld()
    await env.DB.prepare("UPDATE integrations SET client_id = 'another'").run()
    await runAfter(world, 2 * DAY)
    expect(await tenants()).toEqual([])
  })

  it('keeps the row of a token that is being fetched', async () => {
    const { world, id } = await askedWorld()
    await world.call('DELETE', `/v1/mail-accounts/${id}`)
    world.advance(2 * DAY)
    const leased = world.db.prepare("UPDATE app_tokens SET lease_owner = 'x', lease_expires_at = ?")
    await leased.bind(world.clock.now.getTime() + 45_000).run()
    await run(world)
    expect(await tenants()).toEqual(['contoso.test'])
    await runAfter(world, 2 * DAY)
    expect(await tenants()).toEqual([])
  })

  it('sends no request to Microsoft while the integration is inactive', async () => {
    const { world } = await askedWorld('adatum.test')
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    await runAfter(world, 2 * DAY)
    expect(world.tokenRequests()).toBe(1)
  })
})
