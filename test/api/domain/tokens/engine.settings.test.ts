import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { app, secrets } from '../../../sandbox/personas.ts'
import { rejectCredential } from '../../app-problem.ts'
import {
  expiredGrantWorld,
  integrationProblems,
  refusalResponse,
  scriptedEntraWorld,
} from '../../expired-grant.ts'
import { anotherApp, type World } from '../../harness.ts'
import { interceptD1 } from '../../intercept-d1.ts'
import { refreshes } from '../../saved-account.ts'
import { rows } from '../../sql.ts'

const saveSecret = (world: World, client_secret: string) =>
  world.call('PUT', '/v1/integrations/microsoft/settings', {
    client_id: app.clientId,
    tenant: 'contoso.test',
    credential: { type: 'client_secret', client_secret, expires_at: '2028-11-24T00:00:00Z' },
  })

it('does not mark a new credential as rejected because of the one it replaced', async () => {
  const { world, refresh, script } = await scriptedEntraWorld()
  script.respond = async () => {
    await saveSecret(world, secrets.next)
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
    await saveSecret(world, 'a secret that Entra does not know')
    await world.call('POST', '/v1/integrations/microsoft/settings/verify', {})
    return null
  }
  // This refresh used the previous credential.
  expect((await refresh()).ok).toBe(true)
  expect(await integrationProblems(world)).toMatchObject([{ code: 'credential_rejected' }])
})

it('loses no tokens when D1 fails to clear the rejection of the credential', async () => {
  let failing = false
  const db = interceptD1(env.DB, async ({ statements, run }) => {
    const clears = statements.some(({ sql }) => sql.startsWith('update "integrations"'))
    if (failing && clears) throw new Error('D1_ERROR: Network connection lost.')
    return run()
  })
  const { world, refresh, row } = await expiredGrantWorld({ db, entra: { strictRotation: true } })
  await rejectCredential(env.DB, world.clock.now.getTime() - 120_000)
  failing = true
  expect((await refresh()).ok).toBe(true)
  expect(await row()).toMatchObject({ lease_owner: null, version: 1 })
  // A strict server takes the rotated token only.
  failing = false
  world.advance(86_400)
  expect((await refresh()).ok).toBe(true)
  expect(await integrationProblems(world)).toEqual([])
})

it('uses the credential of its own app when another one is saved later, and stores nothing', async () => {
  const { world, refresh, row } = await expiredGrantWorld()
  const { leases } = world.services.store.grants
  const { acquire } = leases
  leases.acquire = async (...args) => {
    leases.acquire = acquire
    // The settings are read with the lease.
    const lease = await acquire(...args)
    const path = '/v1/integrations/microsoft/settings?confirm=true'
    const changed = await world.call('PUT', path, anotherApp)
    expect(changed.status).toBe(200)
    return lease
  }
  expect((await refresh()).ok).toBe(true)
  expect(refreshes(world)).toBe(1)
  expect(await row()).toMatchObject({ state: 'reconnect_required', version: 1 })
})

it('reports the reason of a failed grant rather than the change of the app', async () => {
  const { refresh } = await expiredGrantWorld()
  await rows("UPDATE grants SET cloud = 'china'")
  await rows(`UPDATE grant_tokens SET state = 'reconnect_required', problem_since = 1,
       problem_code = 'reconnect_required', problem_detail = 'The password was changed.'`)
  expect(await refresh()).toMatchObject({
    error: { code: 'reconnect_required', detail: 'The password was changed.' },
  })
})
