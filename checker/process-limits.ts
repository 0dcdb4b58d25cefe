/**
 * Threads and memory of the process, set here instead of on a command line so that they hold however it is
 * started. Each entry point imports this before all else.
 */
import { setFlagsFromString } from 'node:v8'

/**
 * getaddrinfo blocks a thread of libuv, and may block half of them. With the default of 4, two slow name
 * servers delay every other look-up. libuv reads this when it starts its threads, at their first use;
 * on Windows it only counts in the environment of the process.
 */
process.env.UV_THREADPOOL_SIZE ??= '64'

/**
 * Limits the heap. The young generation keeps its current size: V8 would let it grow to 100 MB in a process with
 * 30 MB of live objects, and never shrink it. Call this when the process is ready: loading has made it large enough by
 * then, and a smaller one takes more time to collect. The old generation is collected when it has grown by
 * half, where V8 would wait until it has tripled.
 */
export function limitHeap(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=50')
}
