/**
 * Writes whose loss would cost a token or a sign-in: Entra has answered, and a code cannot be redeemed
 * twice. D1 may fail, or apply a write and lose its answer, so the row is read before each new attempt.
 */
import type { Services } from '../services.ts'
import { isStorageError } from '../store/database.ts'

const WAITS_MS = [100, 200, 400, 800, 1600]

/**
 * `stored`: by this attempt or an earlier one. `overtaken`: the row had changed, and nothing was
 * written. `lost`: D1 did not answer at all.
 */
export type WriteOutcome = 'stored' | 'overtaken' | 'lost'

/**
 * Repeats a conditional write until D1 answers. `isStored` recognises the write of an earlier attempt.
 * Throws what is not a failure of D1.
 */
export async function writeWithRetry(
  { pause }: Pick<Services, 'pause'>,
  write: () => Promise<boolean>,
  isStored: () => Promise<boolean>,
): Promise<WriteOutcome> {
  let uncertain = false
  for (const wait of [...WAITS_MS, null]) {
    try {
      if (uncertain && (await isStored())) return 'stored'
      return (await write()) ? 'stored' : 'overtaken'
    } catch (error) {
      if (!isStorageError(error)) throw error
      uncertain = true
      if (wait !== null) await pause(wait)
    }
  }
  return (await isStored().catch(() => false)) ? 'stored' : 'lost'
}
