/** Attempts before giving up on a version conflict. */
const ATTEMPTS = 3

/**
 * Repeats an attempt that reads a row, decides, and writes on condition that the row has not changed.
 * `attempt` returns null on a version conflict. Returns null if the last attempt meets one, too.
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
