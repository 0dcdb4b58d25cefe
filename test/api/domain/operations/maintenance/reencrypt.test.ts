import { describe, expect, it } from 'vitest'
import { readiness } from '../../../../../api/domain/operations/readiness.ts'
import { createServices } from '../../../../../api/services.ts'
import { createSealer, labelOf } from '../../../../../api/store/seal.ts'
import { flakyDatabase } from '../../../flaky-database.ts'
import { settings, type World } from '../../../harness.ts'
import { deployWith, k1, k2, k3, sealedWorld, valuesPerKey } from '../../../rotation.ts'
import { rows } from '../../../sql.ts'
import { DAY, grantRow, HOUR, run } from './run.ts'

/** Adds authorizations with these sealed verifiers; their ids end with the index. */
const addAuthorizations = (world: World, verifiers: string[]) =>
  rows(
    `INSERT INTO authorizations (id, username, protocols, apply, requested_by, link_hash,
       status_hash, created_at, expires_at, verifier_sealed)
     SELECT 'az_' || key, 'a', 'imap', 'on_save', 'root', 'h', 'h', 0, ?2, value FROM json_each(?1)`,
    JSON.stringify(verifiers),
    world.clock.now.getTime() + HOUR * 1000,
  )

describe('a key rotation', () => {
  it('re-encrypts everything and loses nothing, so that the old key can be removed', async () => {
    const { world, ids } = await sealedWorld()
    await run(deployWith(world, [k2, k1]))
    expect(await valuesPerKey(deployWith(world, [k2, k1]))).toEqual({ k2: 6, k1: 0 })
    const alone = deployWith(world, [k2])
    expect((await readiness(alone.services)).checks.key_ring).toEqual({ status: 'ok' })
    for (const id of ids) {
      const grant = await alone.services.store.grants.readWithToken(id, 'outlook')
      expect(world.entra.checkToken((await grant?.openAccessToken()) ?? '')).not.toBeNull()
    }
    world.advance(30 * DAY)
    expect((await run(alone)).refresh).toMatchObject({ count: 2, more: false })
  })

  it('replaces both older keys when a second rotation starts before the first is done', async () => {
    const { world } = await sealedWorld()
    await world.grant('bob@contoso.test')
    await run(deployWith(world, [k2, k1]))
    await world.grant('carol@contoso.test')
    const third = deployWith(world, [k3, k2, k1])
    await run(third)
    expect(await valuesPerKey(third)).toEqual({ k3: 10, k2: 0, k1: 0 })
  })

  it('leaves values that do not open unchanged, and continues with the others', async () => {
    const { world, ids } = await sealedWorld()
    const [first = '', second = ''] = ids
    // Copies a token to another grant, where encrypting it again must not make it valid.
    await rows(
      `UPDATE grant_tokens SET access_token_sealed =
         (SELECT access_token_sealed FROM grant_tokens WHERE grant_id = ?) WHERE grant_id = ?`,
      first,
      second,
    )
    await rows(
      'UPDATE grants SET refresh_token_sealed = substr(refresh_token_sealed, 1, 200) WHERE id = ?',
      second,
    )
    const rotated = deployWith(world, [k2, k1])
    expect((await run(rotated)).reencrypt).toMatchObject({ count: 5 })
    expect(await valuesPerKey(rotated)).toEqual({ k2: 5, k1: 1 })
    const grant = await rotated.services.store.grants.readWithToken(second, 'outlook')
    expect(await grant?.openAccessToken()).toBeNull()
  })

  it('skips any number of values that do not open, and logs their count', async () => {
    const { world } = await sealedWorld()
    const sealed = (index: number) => `${labelOf('k1', 'authorizations')}.${index}`
    await addAuthorizations(
      world,
      Array.from({ length: 1100 }, (_, index) => sealed(index)),
    )
    const rotated = deployWith(world, [k2, k1])
    const before = world.lines.length
    expect((await run(rotated)).reencrypt).toMatchObject({ count: 6 })
    expect(await valuesPerKey(rotated)).toEqual({ k2: 6, k1: 1100 })
    const logged = world.lines.slice(before).map((line) => JSON.parse(line))
    const failed = logged.filter(({ event }) => event === 'reencrypt_failed')
    expect(failed).toEqual([
      expect.objectContaining({ column: 'authorizations.verifier', kid: 'k1', count: 1100 }),
    ])
  })

  it('never overwrites a token that was stored meanwhile', async () => {
    const { world, ids } = await sealedWorld(1)
    const rotated = deployWith(world, [k2, k1])
    const { keyRing, sealer } = rotated.services.store
    const column = keyRing.columns.find(({ name }) => name === 'grant_tokens.access_token')
    if (!column) throw new Error('no such column')
    const [old] = await keyRing.sealedBy(column, 'k1', 0, 10)
    if (!old) throw new Error('nothing was sealed')
    const replacement = await sealer.reencrypt(old.sealed)
    const context = { table: 'grant_tokens', row: `${ids[0]}|outlook`, column: 'access_token' }
    const newer = await sealer.seal('newer', context)
    await rows('UPDATE grant_tokens SET access_token_sealed = ?', newer)
    expect(await keyRing.replace(column, [{ ...old, replacement }])).toBe(0)
    expect((await grantRow(ids[0] ?? ''))?.access_token_sealed).toBe(newer)
  })

  it('is done once when two runs overlap, and resumes where a failed run stopped', async () => {
    const { db, faults } = flakyDatabase()
    const { world } = await sealedWorld(4)
    const rotated = deployWith(world, [k2, k1])
    faults.rejectBatches = Number.POSITIVE_INFINITY
    const failing = createServices(
      db,
      { ...settings, encryptionKeys: [k2, k1] },
      { ...rotated.services },
    )
    expect((await run({ ...rotated, services: failing })).reencrypt).toMatchObject({
      level: 'error',
    })
    await Promise.all([run(rotated), run(rotated)])
    expect(await valuesPerKey(rotated)).toEqual({ k2: 10, k1: 0 })
  })

  it('is limited in one run and continued by the next', async () => {
    const { world } = await sealedWorld(1)
    const old = createSealer([k1])
    const place = (index: number) => ({
      table: 'authorizations',
      row: `az_${index}`,
      column: 'verifier',
    })
    const sealed = Array.from({ length: 1100 }, (_, index) => old.seal('verifier', place(index)))
    await addAuthorizations(world, await Promise.all(sealed))
    const rotated = deployWith(world, [k2, k1])
    expect((await run(rotated)).reencrypt).toMatchObject({ level: 'warn', more: true })
    expect((await valuesPerKey(rotated)).k1).toBeGreaterThan(0)
    expect((await run(rotated)).reencrypt).toMatchObject({ level: 'info', more: false })
    expect((await valuesPerKey(rotated)).k1).toBe(0)
  })
})
