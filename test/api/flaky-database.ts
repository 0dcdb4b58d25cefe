/** A D1 that fails the way D1 fails: before a statement runs, or after it was applied. */
import { env } from 'cloudflare:workers'
import { interceptD1 } from './intercept-d1.ts'

/** The text that workerd reports, which has no prefix such as D1_ERROR. */
const failure = () => new Error('Network connection lost.')

export type Faults = {
  /** Number of batches to reject before any statement runs. */
  rejectBatches: number
  /** Number of batches to apply without returning their result. */
  loseResponses: number
  /** Every statement fails while true. */
  offline: boolean
  /** Goes offline with the next response that is lost. */
  staysOffline?: boolean
  /** Number of batches attempted so far. */
  batches: number
  /** Runs just before each batch, as a concurrent request would. */
  beforeBatch?: () => Promise<void>
}

export function flakyDatabase() {
  const faults: Faults = { rejectBatches: 0, loseResponses: 0, offline: false, batches: 0 }
  const db = interceptD1(env.DB, async ({ isBatch, run }) => {
    if (faults.offline) throw failure()
    if (!isBatch) return run()
    faults.batches += 1
    await faults.beforeBatch?.()
    if (faults.rejectBatches > 0) {
      faults.rejectBatches -= 1
      throw failure()
    }
    const results = await run()
    if (faults.loseResponses > 0) {
      faults.loseResponses -= 1
      faults.offline = faults.staysOffline === true
      throw failure()
    }
    return results
  })
  return { db, faults }
}

/** Applies the second batch from now on and loses its response. From then on every statement fails. */
export function failAfterSecondBatch(faults: Faults): void {
  const last = faults.batches + 2
  faults.staysOffline = true
  faults.beforeBatch = async () => {
    if (faults.batches === last) faults.loseResponses = 1
  }
}
