import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openDatabaseFile } from '../../../api/node/database.ts'
import { checkKeys } from '../../../api/node/key-check.ts'
import { createStore } from '../../../api/store/store.ts'
import { KeyRingSetting } from '../../../schema/settings.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { MIGRATIONS } from './database-folder.ts'

const text = (kid: string, byte: number) => `${kid}:${Buffer.alloc(32, byte).toString('base64')}`

/** Opens a database in which each of these keys has encrypted two values. */
async function sealedWith(...keys: string[]) {
  const folder = createTemporaryFolder()
  const { d1, close } = openDatabaseFile(join(folder, 'mailgrant.sqlite'), MIGRATIONS)
  onTestFinished(close)
  const insert = d1.prepare(
    'INSERT INTO idempotency_records (id, body_hash, response_sealed, created_at, expires_at) VALUES (?, ?, ?, 0, 0)',
  )
  for (const [index, key] of keys.entries()) {
    const { sealer } = createStore(d1, KeyRingSetting.parse(key), '1', () => 0)
    for (const row of [`${index}a`, `${index}b`]) {
      const context = { table: 'idempotency_records', row, column: 'response' }
      await insert.bind(row, 'hash', await sealer.seal('secret', context)).run()
    }
  }
  const check = (...present: string[]) => {
    const ring = KeyRingSetting.parse(present.join(','))
    const store = createStore(d1, ring, '1', () => 0)
    return checkKeys(store, { ring, source: 'the key file' })
  }
  return { d1, check }
}

it('passes any keys for an empty database, and the keys in use in any order, with others', async () => {
  const empty = await sealedWith()
  expect(await empty.check(text('k1', 1))).toBeNull()
  const { check } = await sealedWith(text('k1', 1), text('k2', 2))
  await check(text('k3', 3), text('k1', 1), text('k2', 2))
})

it('reports the keys that are missing', async () => {
  const { check } = await sealedWith(text('k1', 1), text('k2', 2), text('k3', 3))
  await expect(check(text('k2', 2))).rejects.toThrow(
    /^the key file lacks the keys "k1", "k3", which encrypted stored data\./,
  )
})

it('names a key with the id of another', async () => {
  const { check } = await sealedWith(text('k1', 1), text('k2', 2))
  await expect(check(text('k2', 9), text('k1', 1))).rejects.toThrow(
    /^In the key file, the key "k2" can.t decrypt data/,
  )
})

it('passes a right key beside damaged values', async () => {
  const { d1, check } = await sealedWith(text('k1', 1))
  await d1
    .prepare(
      "UPDATE idempotency_records SET response_sealed = response_sealed || 'x' WHERE id = '0a'",
    )
    .run()
  await check(text('k1', 1))
})

it('reports the only rows of an older key if they are damaged, as a rotation leaves them, and passes', async () => {
  const { d1, check } = await sealedWith(text('k1', 1), text('k2', 2))
  await d1
    .prepare(
      "UPDATE idempotency_records SET response_sealed = response_sealed || 'x' WHERE id LIKE '0%'",
    )
    .run()
  expect(await check(text('k2', 2), text('k1', 1))).toBe(
    `In the key file, the key "k1" can't decrypt idempotency_records.response of row 1, idempotency_records.response of row 2. This data is damaged, unless the key was replaced. In that case, restore the original key.`,
  )
})

it('refuses an older key that decrypts none of many values', async () => {
  const { check } = await sealedWith(...Array(3).fill(text('k1', 1)), text('k2', 2))
  await expect(check(text('k2', 2), text('k1', 9))).rejects.toThrow(
    /^In the key file, the key "k1" can.t decrypt data/,
  )
})
