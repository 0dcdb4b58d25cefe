/** Counts of stored values per encryption key, which show when a rotated key can be removed. */
import type { KeyRingCensus, KeyUse } from '../../../schema/key-ring.ts'
import type { Services } from '../../services.ts'

/** Returns each key with the rows that it encrypts, in the order of ENCRYPTION_KEYS, then missing keys. */
export async function readKeyRing({ store }: Services): Promise<KeyRingCensus> {
  const census = await store.keyRing.readCensus()
  const present = store.sealer.kids
  const missing = new Set(census.map(({ kid }) => kid).filter((kid) => !present.includes(kid)))
  const use = (kid: string): KeyUse => {
    const columns = census
      .filter((entry) => entry.kid === kid)
      .map(({ column, count }) => ({ name: column, rows: count }))
    return {
      kid,
      newest: kid === present[0],
      present: present.includes(kid),
      rows: columns.reduce((sum, { rows }) => sum + rows, 0),
      more: columns.some(({ rows }) => rows >= store.keyRing.maxCounted),
      columns,
    }
  }
  return { keys: [...present, ...missing].map(use) }
}
