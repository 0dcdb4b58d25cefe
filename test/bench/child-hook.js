/**
 * Loaded with `node --import` before the program of a child process, so that the product itself requires
 * no such hook. Reports memory use and delays, and ends the process together with its parent. Plain
 * JavaScript, since Node's loader of TypeScript takes 30 MB, which the figures would include.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 10
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
/** @param {number} nanoseconds The histogram has the time between two turns of a timer. */
const toDelay = (nanoseconds) => Math.max(nanoseconds / 1e6 - RESOLUTION_MS, 0)

process.on('message', (message) => {
  if (message === 'watch delay') {
    delays.reset()
    process.send?.(delays.enable())
  }
  if (message === 'delay') {
    const delay = { p99: toDelay(delays.percentile(99)), max: toDelay(delays.max) }
    process.send?.(delay)
  }
  if (message === 'cpu') {
    const { user, system } = process.cpuUsage()
    process.send?.((user + system) / 1000)
  }
  if (message !== 'memory') return
  const { rss } = process.memoryUsage()
  // Requires --expose-gc. The second run collects what finalizers have released.
  globalThis.gc?.()
  globalThis.gc?.()
  const memory = { rss, heap: process.memoryUsage().heapUsed }
  process.send?.(memory)
})

process.once('disconnect', () => {
  // A program that has to clean up does so in its own listener.
  if (process.listenerCount('disconnect') === 0) process.exit(0)
})

// The terminal sends Ctrl-C to all processes at once; the parent decides when these end.
process.on('SIGINT', () => {})
