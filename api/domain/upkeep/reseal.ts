/**
 * After a new key was put before the others in ENCRYPTION_KEYS: what the older ones sealed is sealed
 * anew, so that they can go. Rows of a key that is missing are left alone.
 */
import { describeError } from '../../log.ts'
import type { Call, Services } from '../../services.ts'
import type { Ciphertext, SealedColumn } from '../../store/key-ring.ts'
import type { Budget, Outcome } from './budget.ts'

/** Ciphertexts in one run: 30,000 of 10,000 grants are done in 30 hours. */
const CIPHERTEXTS = 1000
/** In one statement: with the old and the new text far below the 2 MB that D1 takes as a value. */
const AT_A_TIME = 100

export async function reseal(services: Services, _call: Call, budget: Budget): Promise<Outcome> {
  const { keyRing, sealer } = services.store
  const [, ...older] = sealer.kids
  // The old key stays for a while after its last row is gone: then this is all there is to do.
  const inUse =
    older.length > 0 && budget.take(keyRing.columns.length) ? await keyRing.kidsInUse() : []
  let count = 0
  for (const kid of older.filter((one) => inUse.includes(one))) {
    for (const column of keyRing.columns) {
      const done = await resealColumn(services, budget, column, kid, CIPHERTEXTS - count)
      count += done.count
      if (done.more) return { count, more: true }
    }
  }
  return { count, more: false }
}

/** What is damaged stays as it is, and who reads such a row is told; it takes nobody else's turn. */
async function resealColumn(
  { store: { keyRing, sealer }, log }: Services,
  budget: Budget,
  column: SealedColumn,
  kid: string,
  most: number,
): Promise<Outcome> {
  const faults: unknown[] = []
  const sealAnew = async (one: Ciphertext) => {
    try {
      return [{ ...one, anew: await sealer.reseal(one.sealed) }]
    } catch (error) {
      faults.push(error)
      return []
    }
  }
  let count = 0
  let row = 0
  let more = true
  while (more && count < most && budget.take(2)) {
    const rows = await keyRing.sealedBy(column, kid, row, AT_A_TIME)
    const anew = (await Promise.all(rows.map(sealAnew))).flat()
    count += await keyRing.replace(column, anew)
    row = rows.at(-1)?.row ?? row
    more = rows.length === AT_A_TIME
  }
  if (faults.length > 0) {
    const [first] = faults
    const where = { column: column.name, kid, count: faults.length }
    log('error', 'reseal_failed', { ...where, error: describeError(first) })
  }
  return { count, more }
}
