/**
 * Loaded before the program of a child, the checker's among them, by `node --import`: the product
 * itself has no such door. Tells how much memory is in use, and ends the process with its parent.
 */

export type Memory = {
  /** Bytes of the process, as the system counts them, before the collection. */
  rss: number
  /** Bytes of live JavaScript objects, after a full collection. */
  heap: number
}

process.on('message', (message) => {
  if (message !== 'memory') return
  const { rss } = process.memoryUsage()
  // Needs --expose-gc. Twice: what finalizers let go of is collected by the second.
  globalThis.gc?.()
  globalThis.gc?.()
  const memory: Memory = { rss, heap: process.memoryUsage().heapUsed }
  process.send?.(memory)
})

process.once('disconnect', () => {
  // A program with something to put in order does so in a listener of its own.
  if (process.listenerCount('disconnect') === 0) process.exit(0)
})

// The terminal sends Ctrl-C to all processes at once; the parent decides when these end.
process.on('SIGINT', () => {})
