/**
 * Threads and memory of the process, set here instead of on a command line so that they hold however it is
 * started. Each entry point imports this before all else.
 */
import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/**
 * getaddrinfo blocks a thread of libuv, and may block half of them. With the default of 4, two slow name
 * servers delay every other look-up. libuv reads this when it starts its threads, at their first use;
 * on Windows it only counts in the environment of the process.
 */
process.env.UV_THREADPOOL_SIZE ??= '64'

/** Size of the young generation from which on it no longer grows. */
const YOUNG_BYTES = 16 * 1024 * 1024

/**
 * Limits the heap. V8 would let the young generation grow to 100 MB in a process with 30 MB of live objects, and
 * never shrink it. If it stayed as small as it is after the checker is loaded, collecting it would take an eighth of
 * a login's CPU time. The old generation is collected when it has grown by half, whereas V8 would wait until it has
 * tripled.
 */
export function limitHeap(): void {
  setFlagsFromString('--heap-growing-percent=50')
  const collections = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
    if (!young || young.space_size < YOUNG_BYTES) return
    setFlagsFromString('--semi-space-growth-factor=1')
    collections.disconnect()
  })
  collections.observe({ entryTypes: ['gc'] })
}
