import { describe, expect, it } from 'vitest'
import { readKeyRing } from '../../../../api/domain/operations/key-ring.ts'
import { readiness } from '../../../../api/domain/operations/readiness.ts'
import type { KeyRingCensus } from '../../../../schema/key-ring.ts'
import type { KeyRing } from '../../../../schema/settings.ts'
import { openKeySession } from '../../console-sign-in.ts'
import { createWorld, PUBLIC_URL, type World } from '../../harness.ts'
import { bearer, createKey } from '../../keys.ts'
import { deployWith, k1, k2, k3, ringKey, sealedWorld, valuesPerKey } from '../../rotation.ts'
import { rows } from '../../sql.ts'
import { run } from './maintenance/run.ts'

const ready = async (world: World) => (await readiness(world.services)).checks.key_ring

describe('GET /v1/key-ring', () => {
  it('counts the rows that each key sealed, newest key first and missing keys last', async () => {
    const { world } = await sealedWorld()
    const { keys } = await (await world.call('GET', '/v1/key-ring')).json<KeyRingCensus>()
    expect(keys).toEqual([
      {
        kid: 'k1',
        newest: true,
        present: true,
        rows: 6,
        more: false,
        columns: expect.arrayContaining([
          { name: 'grants.refresh_token', rows: 2 },
          { name: 'grant_tokens.access_token', rows: 2 },
          { name: 'integrations.credential', rows: 1 },
          { name: 'mail_accounts.password', rows: 1 },
        ]),
      },
    ])
    const rotated = deployWith(world, [k3, k2])
    expect(await valuesPerKey(rotated)).toEqual({ k3: 0, k2: 0, k1: 6 })
    expect((await readKeyRing(rotated.services)).keys).toMatchObject([
      { kid: 'k3', newest: true, present: true },
      { kid: 'k2', newest: false, present: true },
      { kid: 'k1', newest: false, present: false },
    ])
  })

  it('ignores damaged values that name no key, and the service stays ready', async () => {
    const { world } = await sealedWorld()
    await rows("UPDATE grant_tokens SET access_token_sealed = 'damaged'")
    expect(await valuesPerKey(world)).toEqual({ k1: 4 })
    expect(await ready(world)).toEqual({ status: 'ok' })
  })
})

describe('a missing key that is still in use', () => {
  it('fails readiness by name until it is back', async () => {
    const { world } = await sealedWorld()
    expect(await ready(world)).toEqual({ status: 'ok' })
    expect(await ready(deployWith(world, [k2, k1]))).toEqual({ status: 'ok' })
    const check = await ready(deployWith(world, [k3, k2]))
    expect(check.status).toBe('failed')
    expect(check.detail).toContain('"k1"')
  })
})

describe('the key that sealed an API key or a session', () => {
  const redeployed = (encryptionKeys: KeyRing) =>
    createWorld({ keepDatabase: true, settings: { encryptionKeys } })

  async function accessWorld() {
    const world = await createWorld()
    const used = await createKey(world)
    const revoked = await createKey(world)
    await world.call('DELETE', `/v1/api-keys/${revoked.id}`)
    const headers = await openKeySession(world)
    return {
      world,
      used,
      revoked,
      asKey: (one: World, { key = '' } = used) =>
        one.call('GET', '/v1/grants', undefined, bearer(key)),
      asSession: (one: World) => one.send(new Request(`${PUBLIC_URL}/v1/grants`, { headers })),
    }
  }

  it('is counted, but not for what is revoked', async () => {
    const { world } = await accessWorld()
    expect((await readKeyRing(world.services)).keys).toMatchObject([
      {
        kid: 'k1',
        rows: 2,
        columns: expect.arrayContaining([
          { name: 'api_keys.secret_hash', rows: 1 },
          { name: 'console_sessions.binding', rows: 1 },
        ]),
      },
    ])
  })

  it('can be removed after the maintenance, and both go on', async () => {
    const { used, revoked, asKey, asSession } = await accessWorld()
    const rotated = await redeployed([k2, k1])
    await run(rotated)
    expect(await valuesPerKey(rotated)).toEqual({ k2: 2, k1: 0 })
    expect([(await asKey(rotated)).status, (await asSession(rotated)).status]).toEqual([200, 200])
    const alone = await redeployed([k2])
    expect(await ready(alone)).toEqual({ status: 'ok' })
    expect((await asKey(alone)).status).toBe(200)
    expect((await asKey(alone, revoked)).status).toBe(401)
    const shown = await alone.call('GET', `/v1/api-keys/${used.id}`)
    expect(await shown.json()).toMatchObject({ status: 'active' })
  })

  it('is named while it is missing, and no program takes its API key for revoked', async () => {
    const { world, used, asKey } = await accessWorld()
    const without = await redeployed([k2])
    const refused = await asKey(without)
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ code: 'key_missing' })
    expect((await ready(without)).detail).toContain('"k1"')
    const shown = await without.call('GET', `/v1/api-keys/${used.id}`)
    expect(await shown.json()).toMatchObject({ status: 'ended' })
    expect((await asKey(world)).status).toBe(200)
  })

  it('finds a session as long as it is one of the four newest', async () => {
    const { asSession } = await accessWorld()
    const others = [k2, k3, ringKey('k4', 4), ringKey('k5', 5)] as const
    const fourth = await redeployed([others[0], others[1], others[2], k1])
    expect((await asSession(fourth)).status).toBe(200)
    expect((await asSession(await redeployed([...others, k1]))).status).toBe(401)
  })
})
