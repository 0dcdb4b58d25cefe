import { describe, expect, it } from 'vitest'
import { sealedColumns } from '../../../api/store/key-ring.ts'
import { createSealer, kidOfLabel, labelOf } from '../../../api/store/seal.ts'
import { countingDatabase } from '../counting-database.ts'
import { createWorld } from '../harness.ts'
import { queryPlan, recordingDatabase } from '../recording-database.ts'
import { ringKey } from '../rotation.ts'
import { rows } from '../sql.ts'

describe('the label of a ciphertext', () => {
  it.each(['k', 'k1', 'k10', '2026-11', 'a.b_c-d', 'x'.repeat(32)])(
    'is the same for everything that key %s seals in a table, and identifies the key',
    async (kid) => {
      const sealer = createSealer([ringKey(kid, 9)])
      for (const row of ['gr_1', 'another row', '']) {
        for (const column of ['refresh_token', 'access_token']) {
          const sealed = await sealer.seal('secret', { table: 'grants', row, column })
          expect(sealed.startsWith(labelOf(kid, 'grants'))).toBe(true)
          expect(kidOfLabel(sealed)).toBe(kid)
        }
      }
    },
  )

  it('differs between keys whose ids share a prefix', () => {
    expect(labelOf('k1', 'grants')).not.toBe(labelOf('k10', 'grants'))
  })

  it.each(['', 'x', '!', 'eyJhbGciOiJkaXIifQ'])('is null for malformed text: %j', (text) => {
    expect(kidOfLabel(text)).toBeNull()
  })

  it('is looked up in every sealed column', async () => {
    await createWorld()
    const tables = await rows<{ name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'table'",
    )
    const columns = tables.flatMap(({ name, sql }) =>
      [...sql.matchAll(/(?:^|,)\s*`(\w+_sealed)`/gm)].map(([, column]) => `${name}.${column}`),
    )
    const covered = sealedColumns.map(({ name }) => `${name}_sealed`)
    expect(columns.toSorted()).toEqual(covered.toSorted())
  })
})

it('finds the keys in use through indexes, regardless of the number of rows', async () => {
  const { db, statements } = recordingDatabase()
  const world = await createWorld({ db })
  statements.length = 0
  await world.services.store.keyRing.kidsInUse()
  expect(statements).toHaveLength(sealedColumns.length)
  const plans = await Promise.all(statements.map(queryPlan))
  const reads = plans.flat().filter((step) => /^(SCAN|SEARCH) (?!CONSTANT|found|\()/.test(step))
  const scans = reads.filter((step) => step.startsWith('SCAN'))
  // These tables have no index, and only a handful of rows.
  expect(scans.filter((step) => !/integrations|webhooks|app_tokens/.test(step))).toEqual([])
})

it('replaces nothing without asking the database', async () => {
  const { db, countTrips } = countingDatabase()
  const { services } = await createWorld({ db })
  const [column] = sealedColumns
  if (!column) throw new Error('there is no sealed column')
  const { keyRing } = services.store
  expect(await countTrips(async () => expect(await keyRing.replace(column, [])).toBe(0))).toBe(0)
})
