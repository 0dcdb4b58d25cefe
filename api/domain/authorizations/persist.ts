/**
 * Writes that must not be lost: a code is spent by now. D1 may fail, or apply a write and lose its
 * answer, so before each new try the row is read.
 */
import type { Services } from '../../services.ts'
import { isStorageError } from '../../store/database.ts'

/** Milliseconds between tries. */
const WAITS = [100, 200, 400, 800]

/**
 * `stored`: by this write or an earlier try of it. `overtaken`: the row had moved on and nothing was
 * written. `lost`: D1 stayed away.
 */
export type Persisted = 'stored' | 'overtaken' | 'lost'

export async function persist(
  services: Pick<Services, 'pause'>,
  write: () => Promise<boolean>,
  isStored: () => Promise<boolean>,
): Promise<Persisted> {
  let doubt = false
  for (const wait of [...WAITS, null]) {
    try {
      if (doubt && (await isStored())) return 'stored'
      return (await write()) ? 'stored' : 'overtaken'
    } catch (error) {
      if (!isStorageError(error)) throw error
      doubt = true
      if (wait !== null) await services.pause(wait)
    }
  }
  return (await isStored().catch(() => false)) ? 'stored' : 'lost'
}
