import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createAloneSince } from '../../../../api/services.ts'
import { withProblem } from '../../../../api/store/leases.ts'
import { createSealer } from '../../../../api/store/seal.ts'
import { rejectCredential } from '../../app-problem.ts'
import { flakyDatabase } from '../../flaky-database.ts'
import type { World } from '../../harness.ts'
import { changeApp } from '../../stored-secret.ts'
import { issued, type Kind, kinds, NEW_TOKEN, outage, refused, worldOf } from './both-kinds.ts'

const released = { lease_owner: null, lease_expires_at: null }

/** Creates a stored token that has expired, so that a request to Entra is required. */
async function expired(kind: Kind, options: Parameters<typeof worldOf>[1] = {}) {
  const one = await worldOf(kind, options)
  one.world.advance(86_400)
  Object.assign(one.response, { is: issued, asked: 0 })
  const { version } = await one.row()
  return { ...one, version: Number(version), now: one.world.clock.now }
}

describe.each(kinds)('the lease on a token (%s)', (kind) => {
  const changed = kind === 'delegated' ? 'reconnect_required' : 'provider_unavailable'

  it('fences a write by owner and by version', async () => {
    const { acquire, leases, id, row, set, version, now } = await expired(kind)
    const until = new Date(now.getTime() + 45_000)
    const failure = {
      state: 'blocked',
      code: 'grant_blocked',
      detail: 'late',
      facts: { stage: 'refresh', kind: 'refused' },
      retryAt: until,
      claimsChallenge: null,
    } as const
    const request = { at: now, outcome: 'refused' }
    const fail = leases.fail as (lease: unknown, ...rest: unknown[]) => Promise<boolean>
    const lease = await acquire(version, 'holder', now, until)
    await set("lease_owner = 'another holder'")
    expect(await fail(lease, failure, request, now, null)).toBe(false)
    await set(`lease_owner = 'holder', version = ${version + 1}`)
    expect(await fail(lease, failure, request, now, null)).toBe(false)
    expect(await row()).toMatchObject({ state: 'active', version: version + 1 })
    await set(`version = ${version}`)
    expect(await fail(lease, failure, request, now, null)).toBe(true)
    expect(await row()).toMatchObject({
      state: 'blocked',
      retry_at: until.getTime(),
      written_by: 'holder',
      ...released,
    })
    expect(await leases.isWrittenBy(id, 'holder')).toBe(true)
    expect(await leases.isWrittenBy('a deleted row', 'holder')).toBe(false)
  })

  it('is not granted while another one is valid, nor for a row that has changed', async () => {
    const { acquire, version, now } = await expired(kind)
    const until = new Date(now.getTime() + 45_000)
    expect(await acquire(version + 1, 'late', now, until)).toBeNull()
    expect(await acquire(version, 'first', now, until)).not.toBeNull()
    expect(await acquire(version, 'second', now, until)).toBeNull()
    const later = new Date(until.getTime() + 1)
    expect(await acquire(version, 'second', later, new Date(+later + 1))).not.toBeNull()
  })

  it('does not outlast a clock that is put back by an hour', async () => {
    const { acquire, version, now } = await expired(kind)
    await acquire(version, 'holder that died', now, new Date(now.getTime() + 10_000))
    const earlier = new Date(now.getTime() - 3_600_000)
    const until = new Date(earlier.getTime() + 10_000)
    expect(await acquire(version, 'next', earlier, until)).not.toBeNull()
    // The clocks of two machines can differ by some seconds, so a lease that ends in 40 s is still held.
    const behind = new Date(earlier.getTime() - 30_000)
    expect(await acquire(version, 'another', behind, until)).toBeNull()
  })

  it('is void at once where its holder died before the only process started', async () => {
    const aloneSince = new Date('2026-11-25T09:00:01.000Z')
    const { acquire, leases, id, version, now } = await expired(kind, {
      outside: { aloneSince: () => +aloneSince },
    })
    const leased = (owner: string, at: Date) =>
      acquire(version, owner, at, new Date(at.getTime() + 10_000))
    expect(await leased('holder that died', now)).not.toBeNull()
    expect(await leases.look(id, aloneSince)).toEqual({ version, isFree: true })
    expect(await leased('holder', aloneSince)).not.toBeNull()
    expect(await leases.look(id, aloneSince)).toEqual({ version, isFree: false })
    expect(await leased('another', aloneSince)).toBeNull()
  })

  it('keeps others out after a clock that was ahead at the start is put back', async () => {
    const start = new Date('2026-11-25T10:00:00.000Z')
    const options = { outside: { aloneSince: createAloneSince(start) } }
    const { acquire, leases, id, version, now } = await expired(kind, options)
    for (const at of [now, new Date(+start - 1000)]) {
      const until = new Date(+at + 10_000)
      expect(await acquire(version, 'holder', at, until)).not.toBeNull()
      expect(await leases.look(id, until)).toEqual({ version, isFree: false })
      expect(await acquire(version, 'another', until, new Date(+until + 10_000))).toBeNull()
    }
  })

  it('lasts 10 s unless it is renewed', async () => {
    const { response, refresh, row, now } = await expired(kind)
    response.meanwhile = async () =>
      expect(await row()).toMatchObject({ lease_expires_at: now.getTime() + 10_000 })
    expect(await refresh()).toBe(NEW_TOKEN)
    expect(await row()).toMatchObject({ access_token_expires_at: now.getTime() + 3_600_000 })
  })

  it('is renewed and released only by its holder', async () => {
    const { acquire, leases, id, row, version, now } = await expired(kind)
    await acquire(version, 'holder', now, new Date(now.getTime() + 45_000))
    const strangers = [
      { record: { id, version }, owner: 'another' },
      { record: { id, version: version + 1 }, owner: 'holder' },
    ]
    const later = new Date(now.getTime() + 60_000)
    for (const stranger of strangers) {
      expect(await leases.renew(stranger, later)).toBe(false)
      await leases.release(stranger)
    }
    expect(await row()).toMatchObject({
      lease_owner: 'holder',
      lease_expires_at: now.getTime() + 45_000,
    })
    expect(await leases.renew({ record: { id, version }, owner: 'holder' }, later)).toBe(true)
    expect(await row()).toMatchObject({ lease_expires_at: later.getTime() })
    await leases.release({ record: { id, version }, owner: 'holder' })
    expect(await row()).toMatchObject(released)
  })

  it.each<[what: string, act: (world: World) => unknown, code: string]>([
    [
      'the integration is off',
      (world) => world.call('POST', '/v1/integrations/microsoft/deactivate'),
      'integration_inactive',
    ],
    ['the settings name another cloud', (world) => changeApp(world, { cloud: 'china' }), changed],
    [
      'the settings name another client',
      (world) => changeApp(world, { clientId: 'another' }),
      changed,
    ],
    [
      'no credential is stored',
      ({ db }) =>
        db.prepare('UPDATE integrations SET credential = NULL, credential_sealed = NULL').run(),
      'credential_rejected',
    ],
  ])('is released without a request or another change when %s', async (_what, act, code) => {
    const { world, response, refresh, row } = await expired(kind)
    const before = await row()
    await act(world)
    expect(await refresh()).toBe(code)
    expect(await row()).toEqual(before)
    expect(response.asked).toBe(0)
  })

  it('sends nothing of settings that were read before it', async () => {
    const { world, response, issue, leases } = await expired(kind)
    const { acquire } = leases
    leases.acquire = async (...lease: unknown[]) => {
      await changeApp(world, { clientId: 'another' })
      return Reflect.apply(acquire, leases, lease)
    }
    expect(await issue()).toBe(changed)
    expect(response.asked).toBe(0)
  })

  it('is used once a minute with a rejected credential', async () => {
    const { world, response, refresh, row, now } = await expired(kind)
    const before = await row()
    await rejectCredential(env.DB, +now)
    world.advance(59)
    expect(await refresh()).toBe('credential_rejected')
    expect(await row()).toEqual(before)
    expect(response.asked).toBe(0)
    world.advance(1)
    expect(await refresh()).toBe(NEW_TOKEN)
  })

  it('is released when the request throws, and the error is rethrown', async () => {
    const { response, refresh, row } = await expired(kind)
    response.is = new Error('a broken certificate')
    await expect(refresh()).rejects.toThrow('a broken certificate')
    expect(await row()).toMatchObject(released)
  })

  it('is released when the key of the credential is missing', async () => {
    const { response, refresh, row } = await expired(kind)
    const foreign = createSealer([{ kid: 'gone', key: new Uint8Array(32).fill(7) }])
    const place = { table: 'integrations', row: 'microsoft', column: 'credential' }
    await env.DB.prepare('UPDATE integrations SET credential_sealed = ?')
      .bind(await foreign.seal('a secret', place))
      .run()
    await expect(refresh()).rejects.toThrow('gone')
    expect(await row()).toMatchObject(released)
    expect(response.asked).toBe(0)
  })
})

describe.each(kinds)('storing an issued token (%s)', (kind) => {
  it.each([{ loseResponses: 1 }, { rejectBatches: 2 }])(
    'succeeds when D1 fails: %o',
    async (fault) => {
      const { db, faults } = flakyDatabase()
      const { response, world, issue, row, version } = await expired(kind, { db })
      response.meanwhile = () => Object.assign(faults, fault)
      expect(await issue()).toBe(NEW_TOKEN)
      expect(await row()).toMatchObject({ state: 'active', version: version + 1, ...released })
      expect(world.lines.join()).not.toMatch(/overtaken|not_stored/)
    },
  )

  it('issues the token when another holder has overtaken the write, and logs it', async () => {
    const { response, world, issue, row, set } = await expired(kind)
    response.meanwhile = () =>
      set("version = version + 1, lease_owner = NULL, written_by = 'another holder'")
    expect(await issue()).toBe(NEW_TOKEN)
    expect(await row()).toMatchObject({ written_by: 'another holder' })
    expect(world.lines.join()).toMatch(/overtaken/)
  })

  it('issues the token though it cannot be stored, logs it, and releases the lease', async () => {
    const { db, faults } = flakyDatabase()
    const { response, world, issue, row } = await expired(kind, { db })
    response.meanwhile = () => Object.assign(faults, { rejectBatches: 99 })
    expect(await issue()).toBe(NEW_TOKEN)
    expect(faults.rejectBatches).toBe(99 - 6)
    expect(world.lines.join()).toMatch(/not_stored/)
    expect(await row()).toMatchObject(released)
  })

  it('issues the token though it cannot be sealed, logs why, and releases the lease', async () => {
    const { world, issue, row } = await expired(kind)
    world.services.store.sealer.seal = () => Promise.reject(new TypeError('no key'))
    expect(await issue()).toBe(NEW_TOKEN)
    expect(world.lines.join()).toMatch(/not_stored.*no key/)
    expect(await row()).toMatchObject(released)
  })
})

describe.each(kinds)('a fresh stored token (%s)', (kind) => {
  it('is not issued while the integration is off', async () => {
    const { world, issue } = await worldOf(kind)
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect(await issue()).toBe('integration_inactive')
  })
})

it('does not issue the fresh token of a grant once the settings name another app', async () => {
  const { world, issue } = await worldOf('delegated')
  await changeApp(world, { cloud: 'china' })
  expect(await issue()).toBe('reconnect_required')
})

describe.each(kinds)('a failure (%s)', (kind) => {
  it('is logged, and stored with the time since when it lasts', async () => {
    const { world, response, row, refresh, now } = await expired(kind)
    response.is = outage
    await refresh()
    expect(world.lines.join()).toContain(
      kind === 'delegated' ? 'refresh_failed' : 'app_token_failed',
    )
    const since = { problem_code: 'provider_unavailable', problem_since: now.getTime() }
    expect(await row()).toMatchObject({ ...since, retry_at: now.getTime() + 30_000 })
    world.advance(60)
    await refresh()
    expect(await row()).toMatchObject({
      ...since,
      failures: 2,
      retry_at: now.getTime() + 120_000,
    })
    world.advance(60)
    response.is = refused('invalid_grant', 53003)
    await refresh()
    expect(await row()).toMatchObject({
      problem_code: 'grant_blocked',
      problem_since: now.getTime() + 120_000,
    })
  })
})

it('reads a problem as it was stored', () => {
  const since = new Date(5)
  const row = { problemCode: 'grant_blocked' as const, problemFacts: null, problemSince: since }
  const problem = { code: 'grant_blocked', since, facts: null }
  const read = (problemDetail: string | null) => withProblem({ ...row, problemDetail })
  expect(read('why')).toEqual({ problem: { ...problem, detail: 'why' } })
  expect(read(null)).toEqual({ problem: { ...problem, detail: '' } })
})
