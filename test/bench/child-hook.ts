/**
 * Loaded with `node --import` before the program of a child process, so that the product itself requires
 * no such hook. Reports memory use and ends the process together with its parent.
 */

export type Memory = {
  /** Resident set size in bytes, before garbage collection. */
  rss: number
  /** Live JavaScript objects in bytes, after full garbage collection. */
  heap: number
}

process.on('message', (message) => {
  if (message !== 'memory') return
  const { rss } = process.memoryUsage()
  // Requires --expose-gc. The second run collects what finalizers have released.
  globalThis.gc?.()
  globalThis.gc?.()
  const memory: Memory = { rss, heap: process.memoryUsage().heapUsed }
  process.send?.(memory)
})

process.once('disconnect', () => {
  // A program that has to clean up does so in its own listener.
  if (process.listenerCount('disconnect') === 0) process.exit(0)
})

// The terminal sends Ctrl-C to all processes at once; the parent decides when these end.
process.on('SIGINT', () => {})
