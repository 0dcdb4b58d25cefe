/**
 * One budget for a whole probe. When it is spent, or the caller has gone, `signal` aborts: whoever
 * holds a socket destroys it then, and the probe ends at the step that was running.
 */

export type Deadline = {
  readonly signal: AbortSignal
  /** The result of `work`, or `expired` as soon as the budget is spent. Never leaves a timer. */
  race<T>(work: Promise<T>): Promise<T | typeof EXPIRED>
  /** Must be called when the probe is over: lets go of the timer and of the caller's signal. */
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
