/**
 * Writes whose loss would cost a token or a sign-in: Entra has answered, and a code cannot be redeemed
 * twice. D1 may fail, or apply a write and lose its answer, so the row is read before each new attempt.
 */
import type { Services } from '../services.ts'

const WAITS_MS = [100, 200, 400, 800, 1600]

/**
 * `stored`: by this attempt or an earlier one. `overtaken`: the row had changed, and nothing was
 * written. `lost`: D1 did not answer at all.
 */
export type WriteOutcome = 'stored' | 'overtaken' | 'lost'

type Writer = Pick<Services, 'pause'> & { store: Pick<Services['store'], 'isStorageError'> }

/**
 * Repeats a conditional write until D1 answers. `isStored` recognises the write of an earlier attempt.
 * Throws what is not a failure of D1.
 */
export async function writeWithRetry(
  { pause, store }: Writer,
  write: () => Promise<boolean>,
  isStored: () => Promise<boolean>,
): Promise<WriteOutcome> {
  let uncertain = false
  for (const wait of [...WAITS_MS, null]) {
    try {
      if (uncertain && (await isStored())) return 'stored'
      if (await write()) return 'stored'
      // D1 may have applied an earlier attempt since the row was read.
      return uncertain && (await isStored()) ? 'stored' : 'overtaken'
    } catch (error) {
      if (!store.isStorageError(error)) throw error
      uncertain = true
      if (wait !== null) await pause(wait)
    }
  }
  return (await isStored().catch(() => false)) ? 'stored' : 'lost'
}
