import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { app, secrets } from '../../../sandbox/cast.ts'
import { rejectCredential } from '../../app-problem.ts'
import {
  expiredGrantWorld,
  integrationProblems,
  refusalResponse,
  scriptedEntraWorld,
} from '../../expired-grant.ts'
import type { World } from '../../harness.ts'
import { refreshes } from '../../saved-account.ts'

it('sends nothing to Entra once the integration is inactive, even with the lease acquired', async () => {
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
  // As after a sign-in that finished while the settings were being changed.
  await env.DB.prepare(`UPDATE grants SET ${change}`).run()
  expect(await refresh()).toMatchObject({ ok: false, error: { code: 'reconnect_required' } })
  expect(refreshes(world)).toBe(0)
})

it('does not mark a new credential as rejected because of the one it replaced', async () => {
  const { world, refresh, script } = await scriptedEntraWorld()
  script.respond = async () => {
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: app.clientId,
      credential: {
        type: 'client_secret',
        client_secret: secrets.next,
        expires_at: '2028-11-24T00:00:00Z',
      },
    })
    return refusalResponse('invalid_client', 7000222)
  }
  expect(await refresh()).toMatchObject({ ok: false, error: { code: 'credential_rejected' } })
  expect(await integrationProblems(world)).toEqual([])
  script.respond = async () => null
  expect((await refresh()).ok).toBe(true)
})

it('does not clear the rejection of a new credential because the previous one still worked', async () => {
  const { world, refresh, script } = await scriptedEntraWorld()
  await rejectCredential(env.DB, world.clock.now.getTime() - 120_000)
  script.respond = async () => {
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: app.clientId,
      tenant: 'contoso.test',
      credential: {
        type: 'client_secret',
        client_secret: 'a secret that Entra does not know',
        expires_at: '2028-11-24T00:00:00Z',
      },
    })
    await world.call('POST', '/v1/integrations/microsoft/settings/verify', {})
    return null
  }
  // This refresh used the previous credential.
  expect((await refresh()).ok).toBe(true)
  expect(await integrationProblems(world)).toMatchObject([{ code: 'credential_rejected' }])
})

/** Saves another app just before or after the next refresh acquires the lease, with which it reads the settings. */
function changesApp(world: World, when: 'before' | 'after'): void {
  const { leases } = world.services.store.grants
  const { acquire } = leases
  const saveOther = async () => {
    const changed = await world.call('PUT', '/v1/integrations/microsoft/settings?confirm=true', {
      client_id: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
      credential: {
        type: 'client_secret',
        client_secret: 'a secret of the other app',
        expires_at: '2028-11-24T00:00:00Z',
      },
    })
    expect(changed.status).toBe(200)
  }
  leases.acquire = async (...args) => {
    leases.acquire = acquire
    if (when === 'before') await saveOther()
    const lease = await acquire(...args)
    if (when === 'after') await saveOther()
    return lease
  }
}

it('does not use the credential of another app that was saved before it has the lease', async () => {
  const { world, refresh, row } = await expiredGrantWorld()
  changesApp(world, 'before')
  expect(await refresh()).toMatchObject({ ok: false, error: { code: 'reconnect_required' } })
  expect(world.entra.counts().token.refresh_token).toBe(0)
  expect(await integrationProblems(world)).toEqual([])
  expect(await row()).toMatchObject({ state: 'reconnect_required' })
})

it('uses the credential of its own app when another one is saved later, and stores nothing', async () => {
  const { world, refresh, row } = await expiredGrantWorld()
  changesApp(world, 'after')
  expect((await refresh()).ok).toBe(true)
  expect(world.entra.counts().token.refresh_token).toBe(1)
  expect(await integrationProblems(world)).toEqual([])
  expect(await row()).toMatchObject({ state: 'reconnect_required', version: 1 })
})

it('does not store a refresh of a grant that changed during the lease', async () => {
  const { world, grant, row } = await expiredGrantWorld()
  const { leases } = world.services.store.grants
  const { now } = world.clock
  const until = new Date(now.getTime() + 45_000)
  const lease = await leases.acquire(grant, 0, 'holder', now, until)
  if (!lease) throw new Error('no lease')
  // As when changed settings update the state of grants: the lease stays with its holder.
  await world.db.prepare("UPDATE grants SET state = 'blocked', version = version + 1").run()
  const before = await row()
  const late = { accessToken: 'late', accessTokenExpiresAt: until, refreshToken: 'late' }
  const tokens = { ...late, protocols: ['imap'] as const }
  expect(await leases.store(lease, tokens, 'current', now, [])).toBe(false)
  // Nor can a caller that read it before the change acquire the expired lease.
  const later = new Date(until.getTime() + 1)
  expect(await leases.acquire(grant, 0, 'late', later, new Date(+later + 45_000))).toBeNull()
  expect(await row()).toEqual(before)
})

it('names the reason of a failed grant rather than the change of the app', async () => {
  const { refresh } = await expiredGrantWorld()
  await env.DB.prepare(
    `UPDATE grants SET cloud = 'china', state = 'reconnect_required', problem_since = 1,
       problem_code = 'reconnect_required', problem_detail = 'The password was changed.'`,
  ).run()
  expect(await refresh()).toMatchObject({
    error: { code: 'reconnect_required', detail: 'The password was changed.' },
  })
})
