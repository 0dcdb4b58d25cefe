/** Re-encrypts what older keys of ENCRYPTION_KEYS sealed, so that these keys can be removed. */
import { describeError } from '../../../log.ts'
import type { Ciphertext } from '../../../model/storage.ts'
import type { Call, Services } from '../../../services.ts'
import { type Budget, createBudget } from '../../budget.ts'
import type { Outcome } from './task.ts'

/** Ciphertexts in one run, about a second of CPU time: 300,000 of 100,000 grants take five hours. */
const CIPHERTEXTS = 1000
/** Queries of one run beyond the search for keys, since damaged ciphertexts must not use up the budget. */
const QUERIES = 100
/** Ciphertexts in one statement. Old and new ones stay far below the 2 MB that D1 accepts as a value. */
const BATCH_SIZE = 100

/** Re-encrypts up to 1,000 values with the newest key. Returns `more` while an older key still has rows. */
export async function reencrypt(services: Services, _call: Call, budget: Budget): Promise<Outcome> {
  const { keyRing, sealer } = services.store
  const [, ...older] = sealer.kids
  if (older.length === 0) return { count: 0, more: false }
  if (!budget.take(keyRing.columns.length)) return { count: 0, more: true }
  // An operator keeps the old key for a while after its last row, so most runs end here.
  const inUse = await keyRing.kidsInUse()
  const share = createBudget(QUERIES)
  const shared: Budget = { ...budget, take: (cost) => budget.take(cost) && share.take(cost) }
  let count = 0
  for (const kid of older.filter((one) => inUse.includes(one))) {
    for (const column of keyRing.columns) {
      const done = await reencryptColumn(services, shared, column, kid, CIPHERTEXTS - count)
      count += done.count
      if (done.more) return { count, more: true }
    }
  }
  return { count, more: false }
}

/** Skips and logs damaged ciphertexts, so that they do not block the others. */
async function reencryptColumn(
  { store: { keyRing, sealer }, log }: Services,
  budget: Budget,
  column: Services['store']['keyRing']['columns'][number],
  kid: string,
  limit: number,
): Promise<Outcome> {
  const errors: unknown[] = []
  const reencrypted = async (old: Ciphertext) => {
    try {
      return [{ ...old, replacement: await sealer.reencrypt(old.sealed) }]
    } catch (error) {
      errors.push(error)
      return []
    }
  }
  let count = 0
  let row = 0
  let more = true
  while (more && count < limit && budget.take(2)) {
    const rows = await keyRing.sealedBy(column, kid, row, BATCH_SIZE)
    count += await keyRing.replace(column, (await Promise.all(rows.map(reencrypted))).flat())
    row = rows.at(-1)?.row ?? row
    more = rows.length === BATCH_SIZE
  }
  if (errors.length > 0) {
    const [first] = errors
    const where = { column: column.name, kid, count: errors.length }
    log('error', 'reencrypt_failed', { ...where, error: describeError(first) })
  }
  return { count, more }
}
