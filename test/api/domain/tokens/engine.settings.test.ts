import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { app, secrets } from '../../../sandbox/cast.ts'
import {
  expiredGrantWorld,
  integrationProblems,
  refusalResponse,
  scriptedEntraWorld,
} from '../../expired-grant.ts'
import type { World } from '../../harness.ts'
import { refreshes } from '../../saved-account.ts'

it('does not ask Entra once the integration is switched off, although the lease was acquired', async () => {
  const { world, refreshNow, row } = await expiredGrantWorld()
  await world.call('POST', '/v1/integrations/microsoft/deactivate')
  expect(await refreshNow()).toMatchObject({ ok: false, error: { code: 'integration_inactive' } })
  expect(refreshes(world)).toBe(0)
  expect(await row()).toMatchObject({ state: 'active', lease_owner: null, version: 0 })
})

it.each([
  ['client', "client_id = '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'"],
  ['cloud', "cloud = 'china'"],
])('does not send the credential to a %s that it was not entered for', async (_what, change) => {
  const { world, refresh } = await expiredGrantWorld()
  // As a sign-in leaves it that ended at the moment when the settings were changed.
  await env.DB.prepare(`UPDATE grants SET ${change}`).run()
  expect(await refresh()).toMatchObject({ ok: false, error: { code: 'reconnect_required' } })
  expect(refreshes(world)).toBe(0)
})

it('does not hold the refusal of an earlier credential against the one that replaced it', async () => {
  const { world, refresh, script } = await scriptedEntraWorld()
  script.respond = async () => {
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: app.clientId,
      credential: { type: 'client_secret', client_secret: secrets.next },
    })
    return refusalResponse('invalid_client', 7000222)
  }
  expect(await refresh()).toMatchObject({ ok: false, error: { code: 'credential_rejected' } })
  expect(await integrationProblems(world)).toEqual([])
  script.respond = async () => null
  expect((await refresh()).ok).toBe(true)
})

it('does not clear the refusal of a credential because the one before it still worked', async () => {
  const { world, refresh, script } = await scriptedEntraWorld()
  await env.DB.prepare('UPDATE integrations SET credential_rejected_at = ?')
    .bind(world.clock.now.getTime() - 120_000)
    .run()
  script.respond = async () => {
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: app.clientId,
      tenant: 'contoso.test',
      credential: { type: 'client_secret', client_secret: 'a secret that Entra does not know' },
    })
    await world.call('POST', '/v1/integrations/microsoft/settings/verify', {})
    return null
  }
  // Asked before the change, with the credential of then.
  expect((await refresh()).ok).toBe(true)
  expect(await integrationProblems(world)).toMatchObject([{ code: 'credential_rejected' }])
})

/** Saves another app between reading the settings and calling Entra. */
function changesApp(world: World): void {
  const { integrations } = world.services.store
  const read = integrations.readWithCredential
  integrations.readWithCredential = async (which) => {
    integrations.readWithCredential = read
    const changed = await world.call('PUT', '/v1/integrations/microsoft/settings?confirm=true', {
      client_id: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
      credential: { type: 'client_secret', client_secret: 'a secret of the other app' },
    })
    expect(changed.status).toBe(200)
    return read(which)
  }
}

it('does not try the credential of another app, saved at that moment, with this one', async () => {
  const { world, refresh, row } = await expiredGrantWorld()
  changesApp(world)
  expect(await refresh()).toMatchObject({ ok: false, error: { code: 'reconnect_required' } })
  expect(world.entra.counts().token.refresh_token).toBe(0)
  expect(await integrationProblems(world)).toEqual([])
  expect(await row()).toMatchObject({ state: 'reconnect_required' })
})

it('stores nothing of a refresh over a grant that was changed while its lease was held', async () => {
  const { world, grant, row } = await expiredGrantWorld()
  const { leases } = world.services.store.grants
  const { now } = world.clock
  const until = new Date(now.getTime() + 45_000)
  const lease = await leases.acquire(grant, 0, 'holder', now, until)
  if (!lease) throw new Error('no lease')
  // As settings do that give grants another state: they leave the lease to its holder.
  await world.db.prepare("UPDATE grants SET state = 'blocked', version = version + 1").run()
  const before = await row()
  const tokens = { accessToken: 'late', accessTokenExpiresAt: until, refreshToken: 'late' }
  expect(await leases.store(lease, tokens, 'current', now, null)).toBe(false)
  // Nor can a caller that read it before the change acquire the expired lease.
  const later = new Date(until.getTime() + 1)
  expect(await leases.acquire(grant, 0, 'late', later, new Date(+later + 45_000))).toBeNull()
  expect(await row()).toEqual(before)
})
