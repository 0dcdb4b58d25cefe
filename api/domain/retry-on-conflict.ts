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

/** The same for an attempt that decides on what was loaded. Each one after the first loads it again. */
export function retryWithLoaded<Loaded, Value>(
  loaded: Loaded,
  load: () => Promise<Loaded>,
  attempt: (loaded: Loaded) => Promise<Value | null>,
): Promise<Value | null> {
  let isFirst = true
  return retryOnConflict(async () => {
    const current = isFirst ? loaded : await load()
    isFirst = false
    return attempt(current)
  })
}
