/**
 * Limits how many probes run and how many wait. If both are full, or a probe has waited too long, the
 * answer is `busy`, so that the caller can try another replica.
 */

export type QueueLimits = {
  running: number
  waiting: number
  /** Longest wait for a free slot. The Worker's own timeout, wait and probe included, is 18 s. */
  maxWaitMs: number
}

const QUEUE_LIMITS: QueueLimits = { running: 32, waiting: 128, maxWaitMs: 2_000 }

export type Queue = {
  /** Runs `task` when a slot is free. `gone`: the signal aborted before that, and it never ran. */
  run<Value>(
    task: () => Promise<Value>,
    signal: AbortSignal,
  ): Promise<{ ok: true; value: Value } | { ok: false; reason: 'busy' | 'gone' }>
  readonly running: number
  readonly waiting: number
}

type Admission = 'admitted' | 'busy' | 'gone'

export function createQueue(limits: QueueLimits = QUEUE_LIMITS): Queue {
  let running = 0
  const waiting = new Set<(admission: Admission) => void>()

  function waitForSlot(signal: AbortSignal): Promise<Admission> {
    return new Promise((resolve) => {
      function settle(admission: Admission) {
        waiting.delete(settle)
        clearTimeout(timer)
        signal.removeEventListener('abort', leave)
        resolve(admission)
      }
      const leave = () => settle('gone')
      const timer = setTimeout(() => settle('busy'), limits.maxWaitMs)
      signal.addEventListener('abort', leave, { once: true })
      waiting.add(settle)
    })
  }

  function release() {
    // Passes the slot to the longest waiting probe (a Set keeps insertion order), or frees it.
    const [next] = waiting
    if (next) next('admitted')
    else running -= 1
  }

  return {
    async run(task, signal) {
      if (signal.aborted) return { ok: false, reason: 'gone' }
      if (running < limits.running) {
        running += 1
      } else {
        if (waiting.size >= limits.waiting) return { ok: false, reason: 'busy' }
        const admission = await waitForSlot(signal)
        if (admission !== 'admitted') return { ok: false, reason: admission }
      }
      try {
        return { ok: true, value: await task() }
      } finally {
        release()
      }
    },
    get running() {
      return running
    },
    get waiting() {
      return waiting.size
    },
  }
}
