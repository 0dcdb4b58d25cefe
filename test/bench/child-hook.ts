/**
 * Loaded with `node --import` before the program of a child process, so that the product itself requires
 * no such hook. Reports memory use and delays, and ends the process together with its parent.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks'

export type Memory = {
  /** Resident set size in bytes, before garbage collection. */
  rss: number
  /** Live JavaScript objects in bytes, after full garbage collection. */
  heap: number
}

/** Delays of the event loop since `watch delay`, in milliseconds. */
export type Delay = { p99: number; max: number }

const RESOLUTION_MS = 10
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
/** Returns milliseconds. The histogram has the time between two turns of a timer, in nanoseconds. */
const toDelay = (nanoseconds: number) => Math.max(nanoseconds / 1e6 - RESOLUTION_MS, 0)

process.on('message', (message) => {
  if (message === 'watch delay') {
    delays.reset()
    process.send?.(delays.enable())
  }
  if (message === 'delay') {
    const delay: Delay = { p99: toDelay(delays.percentile(99)), max: toDelay(delays.max) }
    process.send?.(delay)
  }
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
