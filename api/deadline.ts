/**
 * Starts a deadline in `ms` milliseconds, disposed with `using`: the timer of AbortSignal.timeout() runs on after
 * the answer, and counts against the 10,000 of a Worker.
 */
export function startDeadline(ms: number) {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), ms)
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) }
}
