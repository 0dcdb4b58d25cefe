/**
 * A clock whose time passes only when nothing else can happen: whatever waits is resumed in the order of
 * its time, so hours pass in seconds and each run is the same.
 */

type Timer = { at: number; run: () => void }

/** Asynchronous work outside of this clock: every method of WebCrypto may run on its thread pool. */
const CRYPTO = Object.getOwnPropertyNames(SubtleCrypto.prototype).filter(
  (name) => name !== 'constructor',
)

/** Turns of the event loop without work of WebCrypto. */
const QUIET_TURNS = 5

export type VirtualClock = ReturnType<typeof createVirtualClock>

export function createVirtualClock(start: string) {
  let time = Date.parse(start)
  let busy = 0
  /** Sorted by time, then by the order in which they were set. */
  const timers: Timer[] = []
  const timeouts = new WeakMap<AbortSignal, Timer>()

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

  /**
   * Waits until all work either waits for this clock or has ended. A body is read in several turns of the
   * event loop, so one turn without work is not enough.
   */
  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      if (busy > 0) quiet = 0
    }
  }

  /** Replaces what would use real time: `AbortSignal.timeout`, and WebCrypto so that it is waited for. */
  function install(): () => void {
    const { subtle } = crypto
    const { timeout } = AbortSignal
    for (const name of CRYPTO) {
      const real: (...args: unknown[]) => Promise<unknown> = Reflect.get(subtle, name).bind(subtle)
      const counted = async (...args: unknown[]) => {
        busy += 1
        try {
          return await real(...args)
        } finally {
          busy -= 1
        }
      }
      Object.defineProperty(subtle, name, { value: counted, configurable: true })
    }
    AbortSignal.timeout = (ms) => {
      const controller = new AbortController()
      const { signal } = controller
      const abort = () => controller.abort(new DOMException('too late', 'TimeoutError'))
      timeouts.set(signal, after(ms, abort))
      return signal
    }
    return () => {
      AbortSignal.timeout = timeout
      for (const name of CRYPTO) Reflect.deleteProperty(subtle, name)
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
      await settle()
      for (let next = timers[0]; next && next.at <= end; next = timers[0]) {
        timers.shift()
        time = next.at
        next.run()
        await settle()
      }
      time = end
    },
  }
}
