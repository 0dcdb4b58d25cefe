import { expect, it } from 'vitest'
import { createStore } from '../../../api/store/store.ts'
import { createWorld } from '../harness.ts'
import { recordingDatabase } from '../recording-database.ts'
import { ringKey } from '../rotation.ts'

it('packs at most as many columns into a row as a function may have arguments in D1', async () => {
  await createWorld()
  const { db, statements } = recordingDatabase()
  const { tokenIssue } = createStore(db, [ringKey('k1', 1)], '1', () => 0)
  // Node's SQLite refuses a statement with too many, as D1 does at Cloudflare. Local D1 does not.
  await tokenIssue.readWithKey('ak_1', 'ma_1').catch(() => null)
  const packed = [...(statements[0]?.sql ?? '').matchAll(/json_array\(([^)]+)\)\) AS (\w+)/g)]
  expect(packed.map(([, , row]) => row)).toEqual(['m', 'g', 'i', 't', 'k'])
  for (const [, columns = '', row] of packed) {
    expect(
      columns.split(',').length,
      `D1 takes 32 arguments of json_array(): select some columns of ${row} beside it, like the sealed token`,
    ).toBeLessThanOrEqual(32)
  }
})
