/**
 * Starts a deadline in `ms` milliseconds, disposed with `using`: the timer of AbortSignal.timeout() runs on after
 * the response, and counts against the 10,000 of a Worker.
 */
export function startDeadline(ms: number) {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), ms)
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) }
}

/** Returns null after `ms` milliseconds. The work continues, since a started refresh must be stored. */
export async function withTimeout<Value>(ms: number, work: Promise<Value>): Promise<Value | null> {
  const { promise: timeout, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), ms)
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
