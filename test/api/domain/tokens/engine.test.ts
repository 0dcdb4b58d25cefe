import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createSealer } from '../../../../api/store/seal.ts'
import { app, cast, findPerson } from '../../../sandbox/cast.ts'
import { rejectCredential } from '../../app-problem.ts'
import {
  expiredGrantWorld,
  integrationProblems,
  refusalResponse,
  scriptedEntraWorld,
} from '../../expired-grant.ts'
import type { World } from '../../harness.ts'
import { interceptD1 } from '../../intercept-d1.ts'
import { refreshes } from '../../saved-account.ts'
import { outage, refused, worldOf } from './both-kinds.ts'

const DAY = 86_400

/** Returns a D1 whose matching statements fail while it is armed. */
function failingStatements(matching: RegExp) {
  const state = { armed: false }
  const db = interceptD1(env.DB, async ({ statements, run }) => {
    const fails = state.armed && statements.some(({ sql }) => matching.test(sql))
    if (fails) throw new Error('D1_ERROR: Network connection lost.')
    return run()
  })
  return { db, state }
}

describe('a D1 failure during a refresh', () => {
  it('loses no tokens when it prevents clearing the rejection of the credential', async () => {
    const { db, state } = failingStatements(/^update "integrations"/)
    const { world, refresh, row } = await expiredGrantWorld({ db, entra: { strictRotation: true } })
    await rejectCredential(env.DB, world.clock.now.getTime() - 120_000)
    state.armed = true
    expect((await refresh()).ok).toBe(true)
    expect(await row()).toMatchObject({ lease_owner: null, version: 1 })
    // A strict server takes the rotated token only.
    state.armed = false
    world.advance(DAY)
    expect((await refresh()).ok).toBe(true)
    expect(await integrationProblems(world)).toEqual([])
  })

  it('before the request to Entra releases the lease, so that the next caller need not wait', async () => {
    const { db, state } = failingStatements(/^select .*"credential_sealed"/)
    const { refresh, refreshNow, row } = await expiredGrantWorld({ db })
    state.armed = true
    await expect(refreshNow()).rejects.toThrow()
    expect(await row()).toMatchObject({ lease_owner: null, lease_expires_at: null, version: 0 })
    state.armed = false
    expect((await refresh()).ok).toBe(true)
  })
})

it('sends at most one request a minute with a rejected credential', async () => {
  const { world, refresh, row } = await expiredGrantWorld()
  await rejectCredential(env.DB, world.clock.now.getTime(), { detail: 'It expired.' })
  world.advance(59)
  expect(await refresh()).toMatchObject({
    ok: false,
    error: {
      code: 'credential_rejected',
      detail: 'It expired.',
      facts: { stage: 'refresh', kind: 'refused' },
    },
  })
  expect(refreshes(world)).toBe(0)
  expect(await row()).toMatchObject({ state: 'active', lease_owner: null, version: 0 })
  world.advance(1)
  expect((await refresh()).ok).toBe(true)
})

it('releases the lease when the key of the refresh token is missing', async () => {
  const { world, grant, refresh, refreshNow, row } = await expiredGrantWorld()
  const place = { table: 'grants', row: grant, column: 'refresh_token' }
  const foreign = createSealer([{ kid: 'gone', key: new Uint8Array(32).fill(7) }])
  await env.DB.prepare('UPDATE grants SET refresh_token_sealed = ? WHERE id = ?')
    .bind(await foreign.seal('a token', place), grant)
    .run()
  await expect(refresh()).rejects.toThrow('gone')
  expect(await row()).toMatchObject({ lease_owner: null, lease_expires_at: null })
  // Maintenance fails too, and does not postpone the grant: it works again once the key is back.
  await expect(refreshNow()).rejects.toThrow('gone')
  expect(await row()).toMatchObject({ lease_owner: null, retry_at: null, failures: 0 })
  expect(refreshes(world)).toBe(0)
})

describe('the previous refresh token', () => {
  it.each([
    [2, 'may concern this token only', refused('invalid_grant', 70000)],
    [2, 'has no number', refused('invalid_grant', null)],
    [1, 'concerns the consent', refused('invalid_grant', 50173)],
    [1, 'is another error', refused('interaction_required', null)],
    [1, 'is an outage', outage],
  ])('makes it %i requests when the refusal %s', async (requests, _what, refusal) => {
    const { answer, set, refresh } = await worldOf('delegated')
    await set('previous_refresh_token_sealed = refresh_token_sealed')
    Object.assign(answer, { is: refusal, asked: 0 })
    await refresh()
    expect(answer.asked).toBe(requests)
  })

  it('is not asked with when there is none', async () => {
    const { answer, refresh } = await worldOf('delegated')
    Object.assign(answer, { is: refused('invalid_grant', 70000), asked: 0 })
    await refresh()
    expect(answer.asked).toBe(1)
  })

  it('that meets an outage leaves no suspicion of the current one', async () => {
    const { world, set, row, refresh } = await worldOf('delegated')
    await set('previous_refresh_token_sealed = refresh_token_sealed')
    const answers = [refused('invalid_grant', 70000), outage]
    world.services.entra = {
      ...world.services.entra,
      refresh: async () => answers.shift() ?? outage,
    }
    await refresh()
    expect(await row()).toMatchObject({ problem_code: 'provider_unavailable' })
  })
})

describe('the audit trail', () => {
  const typesOf = async (world: World, grant: string) => {
    const page = await world.call('GET', `/v1/events?subject=${grant}`)
    return (await page.json<{ data: { type: string }[] }>()).data.map(({ type }) => type)
  }

  it('has no event for a successful refresh', async () => {
    const { world, grant, refresh } = await expiredGrantWorld()
    expect((await refresh()).ok).toBe(true)
    expect(await typesOf(world, grant)).toEqual([])
  })

  it('has one event for an outage, however many refreshes fail', async () => {
    const { world, grant, refresh } = await expiredGrantWorld()
    for (let round = 0; round < 3; round += 1) {
      world.entra.control.faultNext({ kind: 'outage' })
      await refresh()
      world.advance(3600)
    }
    expect(refreshes(world)).toBe(3)
    expect(await typesOf(world, grant)).toEqual(['grant.cooling_down'])
  })
})

describe('a refusal of the app', () => {
  it('in one of many tenants blocks the grants of that tenant only', async () => {
    const { world, grant, refresh, row, script } = await scriptedEntraWorld()
    const personal = await world.grant('grace@outlook.test')
    world.advance(DAY)
    script.respond = async (url) =>
      url.includes('/consumers/') ? null : refusalResponse('unauthorized_client', 7000112)
    expect(await refresh()).toMatchObject({
      ok: false,
      error: { code: 'grant_blocked', detail: expect.stringContaining('AADSTS7000112') },
    })
    expect(await row()).toMatchObject({ state: 'blocked', lease_owner: null })
    expect(await integrationProblems(world)).toEqual([])
    expect((await refresh(personal)).ok).toBe(true)
    expect(grant).not.toBe(personal)
  })

  it('in its home tenant is a problem of the integration even if other tenants may sign in', async () => {
    const { world, refresh, script } = await scriptedEntraWorld()
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: app.clientId,
      home_tenant: findPerson(cast, 'alice@contoso.test')?.tenantId,
    })
    script.respond = async () => refusalResponse('unauthorized_client', 7000112)
    expect(await refresh()).toMatchObject({ ok: false, error: { code: 'credential_rejected' } })
    expect(await integrationProblems(world)).toMatchObject([{ code: 'credential_rejected' }])
  })

  it('as a public client is a problem of the integration in any tenant', async () => {
    const { world, refresh, row, script } = await scriptedEntraWorld()
    script.respond = async () => refusalResponse('invalid_client', 700025)
    expect(await refresh()).toMatchObject({ ok: false, error: { code: 'credential_rejected' } })
    expect(await row()).toMatchObject({ state: 'active', lease_owner: null })
    expect(await integrationProblems(world)).toMatchObject([{ code: 'credential_rejected' }])
  })

  it('in the only tenant is a problem of the integration', async () => {
    const { world, refresh, row, script } = await scriptedEntraWorld()
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: app.clientId,
      tenant: 'contoso.test',
    })
    script.respond = async () => refusalResponse('unauthorized_client', 700016)
    expect(await refresh()).toMatchObject({ ok: false, error: { code: 'credential_rejected' } })
    expect(await row()).toMatchObject({ state: 'active', lease_owner: null })
    expect(await integrationProblems(world)).toMatchObject([{ code: 'credential_rejected' }])
  })
})
