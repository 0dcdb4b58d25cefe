import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { freshAccessToken, refreshOnce } from '../../../../api/domain/tokens/refresh.ts'
import type { Call } from '../../../../api/services.ts'
import { createSealer } from '../../../../api/store/seal.ts'
import { app, cast, personNamed, secrets } from '../../../sandbox/cast.ts'
import { createWorld, type World, type WorldOptions } from '../../harness.ts'

const call: Call = { actor: { type: 'system', id: null }, defer: () => {} }
const DAY = 86_400

/** D1 as it is, but statements that match fail while it is armed. */
function failingStatements(matching: RegExp) {
  const state = { armed: false }
  const db = new Proxy(env.DB, {
    get(target, name) {
      const value = Reflect.get(target, name)
      if (name !== 'prepare') return typeof value === 'function' ? value.bind(target) : value
      return (sql: string) => {
        if (state.armed && matching.test(sql)) throw new Error('D1_ERROR: Network connection lost.')
        return target.prepare(sql)
      }
    },
  })
  return { db, state }
}

/** A world in which alice's token has expired. */
async function expired(options: WorldOptions = {}, ready = (_world: World): void => {}) {
  const world = await createWorld(options)
  ready(world)
  await world.activate()
  const grant = await world.grant('alice@contoso.test')
  world.advance(DAY)
  world.entra.control.resetCounts()
  const refresh = (id = grant) => freshAccessToken(world.services, call, id)
  /** Goes for the lease at once: whatever is read of the integration is read by its holder. */
  const exchange = async () => {
    const seen = await world.services.store.grants.read(grant)
    if (!seen) throw new Error('the grant is gone')
    return refreshOnce(world.services, call, seen)
  }
  const row = (id = grant) =>
    env.DB.prepare('SELECT * FROM grants WHERE id = ?').bind(id).first<Record<string, unknown>>()
  return { world, grant, refresh, exchange, row }
}

const asked = (world: World) => world.entra.counts().token.refresh_token

const problems = async (world: World) =>
  (await (await world.call('GET', '/v1/integrations/microsoft')).json<{ problems: unknown[] }>())
    .problems

describe('a D1 that fails beside the refresh', () => {
  it('does not cost the tokens that came when the credential is found good again', async () => {
    const { db, state } = failingStatements(/^update "integrations"/)
    const { world, refresh, row } = await expired({ db, entra: { strictRotation: true } })
    await env.DB.prepare('UPDATE integrations SET credential_rejected_at = ?')
      .bind(world.clock.now.getTime() - 120_000)
      .run()
    state.armed = true
    expect((await refresh()).ok).toBe(true)
    expect(await row()).toMatchObject({ lease_owner: null, version: 1 })
    // A strict server takes the rotated token only.
    state.armed = false
    world.advance(DAY)
    expect((await refresh()).ok).toBe(true)
    expect(await problems(world)).toEqual([])
  })

  it('before Entra is asked gives the lease back, so that the next caller need not wait', async () => {
    const { db, state } = failingStatements(/^select .*"credential_sealed"/)
    const { refresh, exchange, row } = await expired({ db })
    state.armed = true
    await expect(exchange()).rejects.toThrow()
    expect(await row()).toMatchObject({ lease_owner: null, lease_expires_at: null, version: 0 })
    state.armed = false
    expect((await refresh()).ok).toBe(true)
  })
})

it('asks nobody once the integration is switched off, though the lease is held already', async () => {
  const { world, exchange, row } = await expired()
  await world.call('POST', '/v1/integrations/microsoft/deactivate')
  expect(await exchange()).toMatchObject({ ok: false, error: { code: 'integration_inactive' } })
  expect(asked(world)).toBe(0)
  expect(await row()).toMatchObject({ state: 'active', lease_owner: null, version: 0 })
})

it('asks Entra once a minute at most with a credential that it refuses', async () => {
  const { world, refresh, row } = await expired()
  await env.DB.prepare('UPDATE integrations SET credential_rejected_at = ?')
    .bind(world.clock.now.getTime())
    .run()
  world.advance(59)
  expect(await refresh()).toMatchObject({ ok: false, error: { code: 'credential_rejected' } })
  expect(asked(world)).toBe(0)
  expect(await row()).toMatchObject({ state: 'active', lease_owner: null, version: 0 })
  world.advance(1)
  expect((await refresh()).ok).toBe(true)
})

it('gives the lease back when the key of the refresh token is missing', async () => {
  const { world, grant, refresh, row } = await expired()
  const place = { table: 'grants', row: grant, column: 'refresh_token' }
  const foreign = createSealer([{ kid: 'gone', key: new Uint8Array(32).fill(7) }])
  await env.DB.prepare('UPDATE grants SET refresh_token_sealed = ? WHERE id = ?')
    .bind(await foreign.seal('a token', place), grant)
    .run()
  await expect(refresh()).rejects.toThrow('gone')
  expect(await row()).toMatchObject({ lease_owner: null, lease_expires_at: null })
  expect(asked(world)).toBe(0)
})

type Answer = (url: string) => Promise<Response | null>

/** A world whose Entra gives what `answer.to` says to a refresh, where that says anything. */
async function answered() {
  const answer: { to: Answer } = { to: async () => null }
  const there: { world?: World } = {}
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    // Not `text()`: of a form it makes workerd warn on the log.
    const form = new TextDecoder().decode(await request.clone().arrayBuffer())
    const own = form.includes('grant_type=refresh_token') ? await answer.to(request.url) : null
    if (own) return own
    if (!there.world) throw new Error('nobody may ask yet')
    return there.world.entra.fetch(request)
  }
  const held = await expired({ outside: { fetch } }, (world) => {
    there.world = world
  })
  return { ...held, answer }
}

const refusal = (error: string, code: number) =>
  Response.json(
    { error, error_codes: [code], error_description: `AADSTS${code}: no` },
    { status: 400 },
  )

it.each([
  ['client', "client_id = '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'"],
  ['cloud', "cloud = 'china'"],
])('does not show the credential to a %s that it was not entered for', async (_what, change) => {
  const { world, refresh } = await expired()
  // As a sign-in leaves it that ended at the moment when the settings were changed.
  await env.DB.prepare(`UPDATE grants SET ${change}`).run()
  expect(await refresh()).toMatchObject({ ok: false, error: { code: 'reconnect_required' } })
  expect(asked(world)).toBe(0)
})

describe('the refresh token before', () => {
  it('is not tried where Microsoft says that it is the consent that ended', async () => {
    const { world, refresh, row, answer } = await answered()
    await refresh()
    expect(await row()).toMatchObject({ previous_refresh_token_sealed: expect.any(String) })
    world.advance(DAY)
    let calls = 0
    answer.to = async () => {
      calls += 1
      return refusal('invalid_grant', 50173)
    }
    expect(await refresh()).toMatchObject({ ok: false, error: { code: 'reconnect_required' } })
    expect(calls).toBe(1)
  })
})

describe('the audit trail', () => {
  const typesOf = async (world: World, grant: string) => {
    const page = await world.call('GET', `/v1/events?subject=${grant}`)
    return (await page.json<{ data: { type: string }[] }>()).data.map(({ type }) => type)
  }

  it('tells nothing of a refresh that works', async () => {
    const { world, grant, refresh } = await expired()
    expect((await refresh()).ok).toBe(true)
    expect(await typesOf(world, grant)).toEqual([])
  })

  it('tells once of an outage, however often it is met', async () => {
    const { world, grant, refresh } = await expired()
    for (let round = 0; round < 3; round += 1) {
      world.entra.control.faultNext({ kind: 'outage' })
      await refresh()
      world.advance(3600)
    }
    expect(asked(world)).toBe(3)
    expect(await typesOf(world, grant)).toEqual(['grant.cooling_down'])
  })
})

describe('a refusal of the app', () => {
  it('in one of many tenants blocks the grants of that tenant and nobody else', async () => {
    const { world, grant, refresh, row, answer } = await answered()
    const personal = await world.grant('grace@outlook.test')
    world.advance(DAY)
    answer.to = async (url) =>
      url.includes('/consumers/') ? null : refusal('unauthorized_client', 7000112)
    expect(await refresh()).toMatchObject({
      ok: false,
      error: { code: 'grant_blocked', detail: expect.stringContaining('AADSTS7000112') },
    })
    expect(await row()).toMatchObject({ state: 'blocked', lease_owner: null })
    expect(await problems(world)).toEqual([])
    expect((await refresh(personal)).ok).toBe(true)
    expect(grant).not.toBe(personal)
  })

  it('in its home tenant is a fault of the integration, though others may sign in too', async () => {
    const { world, refresh, answer } = await answered()
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: app.clientId,
      home_tenant: personNamed(cast, 'alice@contoso.test')?.tenantId,
    })
    answer.to = async () => refusal('unauthorized_client', 7000112)
    expect(await refresh()).toMatchObject({ ok: false, error: { code: 'credential_rejected' } })
    expect(await problems(world)).toMatchObject([{ code: 'credential_rejected' }])
  })

  it('in the only tenant is a fault of the integration', async () => {
    const { world, refresh, row, answer } = await answered()
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: app.clientId,
      tenant: 'contoso.test',
    })
    answer.to = async () => refusal('unauthorized_client', 700016)
    expect(await refresh()).toMatchObject({ ok: false, error: { code: 'credential_rejected' } })
    expect(await row()).toMatchObject({ state: 'active', lease_owner: null })
    expect(await problems(world)).toMatchObject([{ code: 'credential_rejected' }])
  })
})

it('does not hold the refusal of an earlier credential against the one that replaced it', async () => {
  const { world, refresh, answer } = await answered()
  answer.to = async () => {
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: app.clientId,
      credential: { type: 'client_secret', client_secret: secrets.next },
    })
    return refusal('invalid_client', 7000222)
  }
  expect(await refresh()).toMatchObject({ ok: false, error: { code: 'credential_rejected' } })
  expect(await problems(world)).toEqual([])
  answer.to = async () => null
  expect((await refresh()).ok).toBe(true)
})

it('does not clear the refusal of a credential because the one before it still worked', async () => {
  const { world, refresh, answer } = await answered()
  await env.DB.prepare('UPDATE integrations SET credential_rejected_at = ?')
    .bind(world.clock.now.getTime() - 120_000)
    .run()
  answer.to = async () => {
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
  expect(await problems(world)).toMatchObject([{ code: 'credential_rejected' }])
})

/** Somebody saves another app between the look at the settings and the call to Entra. */
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
  const { world, refresh, row } = await expired()
  changesApp(world)
  expect(await refresh()).toMatchObject({ ok: false, error: { code: 'reconnect_required' } })
  expect(world.entra.counts().token.refresh_token).toBe(0)
  expect(await problems(world)).toEqual([])
  expect(await row()).toMatchObject({ state: 'reconnect_required' })
})
