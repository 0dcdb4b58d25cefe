import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { readKeyRing } from '../../../api/domain/key-ring.ts'
import { readiness } from '../../../api/domain/readiness.ts'
import { createServices } from '../../../api/services.ts'
import { sealedColumns } from '../../../api/store/key-ring.ts'
import { createSealer, kidOfLabel, labelOf } from '../../../api/store/seal.ts'
import type { KeyRingCensus } from '../../../schema/key-ring.ts'
import type { KeyRing } from '../../../schema/settings.ts'
import { flakyDatabase } from '../flaky-database.ts'
import { createWorld, settings, type World } from '../harness.ts'
import { createMailWorld, imapForm, passwordForm } from '../mail-world.ts'
import { DAY, grantRow, HOUR, rows, run } from './upkeep/run.ts'

const key = (kid: string, byte: number) => ({ kid, key: new Uint8Array(32).fill(byte) })
const [k1, k2, k3] = [key('k1', 1), key('k2', 2), key('k3', 3)]

/** The same world after a deployment with another ring. */
function deployWith(world: World, ring: KeyRing): World {
  const { now, random, log, fetch, pause } = world.services
  const services = createServices(
    env.DB,
    { ...settings, encryptionKeys: ring },
    { now, random, log, fetch, pause },
  )
  return { ...world, services }
}

/** How many values each key sealed, as an admin reads it. */
async function census(world: World) {
  const { keys } = await readKeyRing(world.services)
  return Object.fromEntries(keys.map(({ kid, rows: count }) => [kid, count]))
}

async function ready(world: World) {
  return (await readiness(world.services)).checks.key_ring
}

/** Grants, a password and a client secret, all sealed by k1. */
async function sealedWorld(grants = 2) {
  const world = await createMailWorld()
  await world.activate()
  const ids: string[] = []
  for (let index = 0; index < grants; index += 1) {
    ids.push(await world.grant('alice@contoso.test'))
  }
  await world.save(passwordForm())
  return { world, ids }
}

describe('the label of a ciphertext', () => {
  it.each(['k', 'k1', 'k10', '2026-11', 'a.b_c-d', 'x'.repeat(32)])(
    'is the same for all that %s sealed in a table, and tells its id',
    async (kid) => {
      const sealer = createSealer([key(kid, 9)])
      for (const row of ['gr_1', 'another row', '']) {
        for (const column of ['refresh_token', 'access_token']) {
          const sealed = await sealer.seal('secret', { table: 'grants', row, column })
          expect(sealed.startsWith(labelOf(kid, 'grants'))).toBe(true)
          expect(kidOfLabel(sealed)).toBe(kid)
        }
      }
    },
  )

  it('is not that of a key whose id begins alike', () => {
    expect(labelOf('k1', 'grants')).not.toBe(labelOf('k10', 'grants'))
  })

  it.each(['', 'x', '!', 'eyJhbGciOiJkaXIifQ'])('of nonsense is none: %j', (text) => {
    expect(kidOfLabel(text)).toBeNull()
  })

  it('stands beside every sealed column', async () => {
    await createWorld()
    const tables = await rows<{ name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'table'",
    )
    const columns = tables.flatMap(({ name, sql }) =>
      [...sql.matchAll(/^\s*`(\w+_sealed)`/gm)].map(([, column]) => `${name}.${column}`),
    )
    const known = sealedColumns.map(({ name }) => `${name}_sealed`)
    expect(columns.toSorted()).toEqual(known.toSorted())
  })
})

describe('GET /v1/key-ring', () => {
  it('counts what each key sealed, the newest first and the missing last', async () => {
    const { world } = await sealedWorld()
    const { keys } = await (await world.call('GET', '/v1/key-ring')).json<KeyRingCensus>()
    expect(keys).toEqual([
      {
        kid: 'k1',
        newest: true,
        present: true,
        rows: 6,
        columns: expect.arrayContaining([
          { name: 'grants.refresh_token', rows: 2 },
          { name: 'grants.access_token', rows: 2 },
          { name: 'integrations.credential', rows: 1 },
          { name: 'mail_accounts.password', rows: 1 },
        ]),
      },
    ])
    expect(await census(deployWith(world, [k3, k2]))).toEqual({ k3: 0, k2: 0, k1: 6 })
  })

  it('needs a key of an admin', async () => {
    const { world } = await sealedWorld(0)
    expect((await world.call('GET', '/v1/key-ring', undefined, { authorization: '' })).status).toBe(
      401,
    )
  })
})

describe('while a key that is in use is missing', () => {
  it('the service is not ready, names it, and is ready when it is back', async () => {
    const { world } = await sealedWorld()
    expect(await ready(world)).toEqual({ status: 'ok' })
    expect(await ready(deployWith(world, [k2, k1]))).toEqual({ status: 'ok' })
    const check = await ready(deployWith(world, [k3, k2]))
    expect(check.status).toBe('failed')
    expect(check.detail).toContain('"k1"')
  })

  it('readyz answers 503 and when to come back', async () => {
    const { world, ids } = await sealedWorld(1)
    const place = { table: 'grants', row: ids[0] ?? '', column: 'access_token' }
    await env.DB.prepare('UPDATE grants SET access_token_sealed = ?')
      .bind(await createSealer([key('gone', 9)]).seal('token', place))
      .run()
    const answer = await world.call('GET', '/readyz')
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(await answer.text()).toContain('gone')
  })

  it('the upkeep changes nothing that it sealed', async () => {
    const { world, ids } = await sealedWorld()
    world.advance(30 * DAY)
    const before = await Promise.all(ids.map(grantRow))
    const lines = await run(deployWith(world, [k3, k2]))
    expect(lines.refresh).toMatchObject({ count: 0, more: false })
    expect(lines.reseal).toMatchObject({ count: 0, more: false })
    expect(await Promise.all(ids.map(grantRow))).toEqual(before)
    expect((await run(world)).refresh).toMatchObject({ count: 2 })
  })
})

describe('a rotation', () => {
  it('seals everything anew, loses nothing, and then the old key may go', async () => {
    const { world, ids } = await sealedWorld()
    await run(deployWith(world, [k2, k1]))
    expect(await census(deployWith(world, [k2, k1]))).toEqual({ k2: 6, k1: 0 })
    const alone = deployWith(world, [k2])
    expect(await ready(alone)).toEqual({ status: 'ok' })
    for (const id of ids) {
      const held = await alone.services.store.grants.readWithToken(id)
      expect(world.entra.checkToken((await held?.openAccessToken()) ?? '')).not.toBeNull()
    }
    world.advance(30 * DAY)
    expect((await run(alone)).refresh).toMatchObject({ count: 2, more: false })
  })

  it('that is followed by another before it is done takes both older keys along', async () => {
    const { world } = await sealedWorld()
    await world.grant('bob@contoso.test')
    await run(deployWith(world, [k2, k1]))
    await world.grant('carol@contoso.test')
    const third = deployWith(world, [k3, k2, k1])
    await run(third)
    expect(await census(third)).toEqual({ k3: 10, k2: 0, k1: 0 })
  })

  it('leaves what opens in no place as it is, and goes on with the others', async () => {
    const { world, ids } = await sealedWorld()
    const [first = '', second = ''] = ids
    // Moved to another row: it must not become openable there.
    await env.DB.prepare(
      `UPDATE grants SET access_token_sealed =
         (SELECT access_token_sealed FROM grants WHERE id = ?) WHERE id = ?`,
    )
      .bind(first, second)
      .run()
    await env.DB.prepare(
      'UPDATE grants SET refresh_token_sealed = substr(refresh_token_sealed, 1, 200) WHERE id = ?',
    )
      .bind(second)
      .run()
    const rotated = deployWith(world, [k2, k1])
    expect((await run(rotated)).reseal).toMatchObject({ count: 5 })
    expect(await census(rotated)).toEqual({ k2: 5, k1: 1 })
    const held = await rotated.services.store.grants.readWithToken(second)
    await expect(held?.openAccessToken()).rejects.toThrow('wrong place')
  })

  it('never overwrites a token that came while it was at work', async () => {
    const { world, ids } = await sealedWorld(1)
    const rotated = deployWith(world, [k2, k1])
    const { keyRing, sealer } = rotated.services.store
    const column = keyRing.columns.find(({ name }) => name === 'grants.access_token')
    if (!column) throw new Error('no such column')
    const [old] = await keyRing.sealedBy(column, 'k1', 0, 10)
    if (!old) throw new Error('nothing was sealed')
    const anew = await sealer.reseal(old.sealed)
    const place = { table: 'grants', row: ids[0] ?? '', column: 'access_token' }
    const newer = await sealer.seal('newer', place)
    await env.DB.prepare('UPDATE grants SET access_token_sealed = ?').bind(newer).run()
    expect(await keyRing.replace(column, [{ ...old, anew }])).toBe(0)
    expect((await grantRow(ids[0] ?? ''))?.access_token_sealed).toBe(newer)
  })

  it('is done once though two runs meet, and goes on where a dead one stopped', async () => {
    const { db, weather } = flakyDatabase()
    const { world } = await sealedWorld(4)
    const rotated = deployWith(world, [k2, k1])
    weather.down = true
    const dead = createServices(
      db,
      { ...settings, encryptionKeys: [k2, k1] },
      { ...rotated.services },
    )
    expect((await run({ ...rotated, services: dead })).reseal).toMatchObject({ level: 'error' })
    await Promise.all([run(rotated), run(rotated)])
    expect(await census(rotated)).toEqual({ k2: 10, k1: 0 })
  })

  it('is bounded: the next runs go on', async () => {
    const { world } = await sealedWorld(1)
    const old = createSealer([k1])
    const sealed = await Promise.all(
      Array.from({ length: 1100 }, async (_, index) => {
        const place = { table: 'authorizations', row: `az_${index}`, column: 'verifier' }
        return { id: place.row, sealed: await old.seal('verifier', place) }
      }),
    )
    await env.DB.prepare(
      `INSERT INTO authorizations (id, username, protocols, apply, requested_by, link_hash,
         status_hash, created_at, expires_at, verifier_sealed)
       SELECT value ->> 'id', 'a', 'imap', 'on_save', 'root', 'h', 'h', 0, ?2, value ->> 'sealed'
       FROM json_each(?1)`,
    )
      .bind(JSON.stringify(sealed), world.clock.now.getTime() + HOUR * 1000)
      .run()
    const rotated = deployWith(world, [k2, k1])
    expect((await run(rotated)).reseal).toMatchObject({ level: 'warn', more: true })
    expect((await census(rotated)).k1).toBeGreaterThan(0)
    expect((await run(rotated)).reseal).toMatchObject({ level: 'info', more: false })
    expect((await census(rotated)).k1).toBe(0)
  })
})

it('says which key is missing, and changes nothing, wherever a sealed value is needed', async () => {
  const { world } = await sealedWorld(0)
  const grant = await world.grant('alice@contoso.test')
  const account = await world.save(imapForm(grant))
  const { id: withPassword } = await world.save(passwordForm({ username: 'other@example.org' }))
  const foreign = createSealer([key('gone', 9)])
  const sealByAnother = async (table: string, column: string, row: string) =>
    env.DB.prepare(`UPDATE ${table} SET ${column}_sealed = ? WHERE id = ?`)
      .bind(await foreign.seal('x', { table, row, column }), row)
      .run()
  const expectMissing = async (answer: Response) => {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60'])
    expect(await answer.json()).toMatchObject({
      code: 'key_missing',
      detail: expect.stringContaining('"gone"'),
    })
  }
  const tokenOf = () => world.call('POST', `/v1/mail-accounts/${account.id}/access-token`, {})

  await sealByAnother('grants', 'access_token', grant)
  await sealByAnother('mail_accounts', 'password', withPassword)
  let before = await world.dump()
  await expectMissing(await tokenOf())
  await expectMissing(await world.call('POST', `/v1/mail-accounts/${withPassword}/validate`))
  expect(await world.dump()).toBe(before)

  await sealByAnother('grants', 'refresh_token', grant)
  await sealByAnother('integrations', 'credential', 'microsoft')
  world.advance(DAY)
  before = await world.dump()
  await expectMissing(await tokenOf())
  await expectMissing(await world.call('POST', '/v1/integrations/microsoft/settings/verify', {}))
  expect(await world.dump()).toBe(before)
})
