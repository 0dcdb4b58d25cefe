/**
 * A clock whose time passes only when nothing else can happen. Whatever waits is resumed in the order of its time, so
 * hours pass in seconds and each run is the same.
 */
import { countWork } from '../api/quiet.ts'

type Timer = { at: number; run: () => void }

/** Turns of the event loop without work of WebCrypto. */
const QUIET_TURNS = 5

export type VirtualClock = ReturnType<typeof createVirtualClock>

export function createVirtualClock(start: string) {
  let time = Date.parse(start)
  /** Sorted by time, then by the order in which they were set. */
  const timers: Timer[] = []
  const timeouts = new WeakMap<AbortSignal, Timer>()
  // A body is read in several turns of the event loop, so one turn without work is not enough.
  const work = countWork(QUIET_TURNS, () => new Promise((resolve) => setImmediate(resolve)))

  function after(ms: number, run: () => void): Timer {
    const timer = { at: time + ms, run }
    let [low, high] = [0, timers.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((timers[middle]?.at ?? 0) <= timer.at) low = middle + 1
      else high = middle
    }
    timers.splice(low, 0, timer)
    return timer
  }

  function cancel(timer: Timer): void {
    const index = timers.indexOf(timer)
    if (index >= 0) timers.splice(index, 1)
  }

  /** Replaces what would use real time: `AbortSignal.timeout`, and WebCrypto so that it is waited for. */
  function install(): () => void {
    const { timeout } = AbortSignal
    const unwatch = work.watchCrypto()
    AbortSignal.timeout = (ms) => {
      const controller = new AbortController()
      const { signal } = controller
      const abort = () => controller.abort(new DOMException('too late', 'TimeoutError'))
      timeouts.set(signal, after(ms, abort))
      return signal
    }
    return () => {
      AbortSignal.timeout = timeout
      unwatch()
    }
  }

  return {
    now: () => new Date(time),
    after,
    cancel,
    install,
    /** Forgets everything that waits for this clock. */
    clear: () => void timers.splice(0),
    /** Forgets the timeout of a request that has ended. */
    release(signal: AbortSignal): void {
      const timer = timeouts.get(signal)
      if (timer) cancel(timer)
    },
    sleep: (ms: number) => new Promise<void>((resolve) => void after(ms, resolve)),
    /** Lets time pass until `ms` from now. */
    async advance(ms: number): Promise<void> {
      const end = time + ms
      await work.becomeQuiet()
      for (let next = timers[0]; next && next.at <= end; next = timers[0]) {
        timers.shift()
        time = next.at
        next.run()
        await work.becomeQuiet()
      }
      time = end
    },
  }
}
