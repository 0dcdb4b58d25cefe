/**
 * After a new key was put before the others in ENCRYPTION_KEYS: what the older ones sealed is sealed
 * anew, so that they can go. Rows of a key that is missing are left alone.
 */
import { describeError } from '../../log.ts'
import type { Call, Services } from '../../services.ts'
import type { Ciphertext } from '../../store/key-ring.ts'
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
  let left = CIPHERTEXTS
  for (const kid of older.filter((one) => inUse.includes(one))) {
    for (const column of keyRing.columns) {
      let row = 0
      for (;;) {
        if (left <= 0 || !budget.take(2)) return { count, more: true }
        const rows = await keyRing.sealedBy(column, kid, row, AT_A_TIME)
        const anew = await Promise.all(rows.map((one) => sealAnew(services, one)))
        count += await keyRing.replace(column, anew.flat())
        left -= rows.length
        const last = rows.at(-1)
        if (!last || rows.length < AT_A_TIME) break
        row = last.row
      }
    }
  }
  return { count, more: false }
}

async function sealAnew({ store, log }: Services, one: Ciphertext) {
  try {
    return [{ ...one, anew: await store.sealer.reseal(one.sealed) }]
  } catch (error) {
    // Damaged: it stays as it is, and who reads this row is told.
    log('error', 'reseal_failed', { error: describeError(error) })
    return []
  }
}
