/**
 * The time limit of one probe. When it passes, or the caller disconnects, `signal` aborts: the owner
 * of a socket destroys it, and the probe ends at the current step.
 */

export type Deadline = {
  readonly signal: AbortSignal
  /** Resolves with the result of `work`, or with EXPIRED as soon as `signal` aborts. */
  race<T>(work: Promise<T>): Promise<T | typeof EXPIRED>
  /** Releases the timer and the caller's signal. Must be called when the probe has ended. */
  stop(): void
}

export const EXPIRED = Symbol('expired')

export function startDeadline(milliseconds: number, caller: AbortSignal): Deadline {
  const controller = new AbortController()
  const expire = () => controller.abort()
  const timer = setTimeout(expire, milliseconds)
  caller.addEventListener('abort', expire, { once: true })
  if (caller.aborted) expire()

  return {
    signal: controller.signal,
    race: (work) =>
      new Promise((resolve, reject) => {
        if (controller.signal.aborted) resolve(EXPIRED)
        controller.signal.addEventListener('abort', () => resolve(EXPIRED), { once: true })
        work.then(resolve, reject)
      }),
    stop() {
      clearTimeout(timer)
      caller.removeEventListener('abort', expire)
    },
  }
}
