/**
 * Repeated reads and writes. D1 may fail, or apply a write and lose its response, so the row is read before each new
 * attempt. Without that, a response of Entra could be lost, and with it a token or a sign-in, since a code cannot be
 * redeemed twice.
 */
import type { EventRecord } from '../model/event.ts'
import type { Services } from '../services.ts'

const WAITS_MS = [100, 200, 400, 800, 1600]

type Writer = Pick<Services, 'pause'> & { store: Pick<Services['store'], 'isStorageError'> }

/**
 * Repeats reads, or writes that recognise their repetition, until D1 responds. `uncertain`: D1 failed before and may
 * have applied an earlier attempt. Throws D1's last failure, and any other error at once.
 */
export async function retryOnStorageError<Value>(
  { pause, store }: Writer,
  attempt: (uncertain: boolean) => Promise<Value>,
): Promise<Value> {
  let uncertain = false
  for (const wait of WAITS_MS) {
    try {
      return await attempt(uncertain)
    } catch (error) {
      if (!store.isStorageError(error)) throw error
      uncertain = true
      await pause(wait)
    }
  }
  return attempt(uncertain)
}

/**
 * `stored`: by this attempt or an earlier one. `overtaken`: the row had changed, and nothing was
 * written. `lost`: D1 did not respond at all.
 */
export type WriteOutcome = 'stored' | 'overtaken' | 'lost'

/**
 * Repeats a conditional write until D1 responds. `isStored` recognises the write of an earlier attempt. Throws any
 * error that is not a failure of D1.
 */
export async function writeWithRetry(
  writer: Writer,
  write: () => Promise<boolean>,
  isStored: () => Promise<boolean>,
): Promise<WriteOutcome> {
  try {
    return await retryOnStorageError(writer, async (uncertain) => {
      if (uncertain && (await isStored())) return 'stored'
      if (await write()) return 'stored'
      // D1 may have applied an earlier attempt since the row was read.
      return uncertain && (await isStored()) ? 'stored' : 'overtaken'
    })
  } catch (error) {
    if (!writer.store.isStorageError(error)) throw error
    return (await isStored().catch(() => false)) ? 'stored' : 'lost'
  }
}

/**
 * Repeats a write until D1 responds. `event` is written in the same batch, so if it exists, an earlier attempt was
 * applied. Returns what `write` returns, or true for such an attempt. Throws D1's last failure.
 */
export function writeWithEvent<Value>(
  writer: Writer & { store: Pick<Services['store'], 'events'> },
  event: Pick<EventRecord, 'id'>,
  write: () => Promise<Value>,
): Promise<Value | true> {
  const isWritten = () => writer.store.events.has(event.id)
  return retryOnStorageError(writer, async (uncertain) => {
    if (uncertain && (await isWritten())) return true
    const written = await write()
    // D1 may have applied an earlier attempt since the event was looked for.
    return !written && uncertain && (await isWritten()) ? true : written
  })
}

/** Attempts before giving up on a version conflict. */
const ATTEMPTS = 3

/**
 * Repeats an attempt that reads a row, decides, and writes on condition that the row has not changed. `attempt` returns
 * null on a version conflict. Returns null if the last attempt ends in one, too.
 */
export async function retryOnConflict<Value>(
  attempt: () => Promise<Value | null>,
): Promise<Value | null> {
  for (let count = 0; count < ATTEMPTS; count += 1) {
    const value = await attempt()
    if (value !== null) return value
  }
  return null
}
