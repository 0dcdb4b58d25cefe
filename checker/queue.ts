/**
 * A bounded number of probes at a time and a bounded number that wait. Beyond, and for one that has
 * waited too long, the answer is `busy` at once: a caller is better off asking another replica.
 */

export type QueueLimits = {
  running: number
  waiting: number
  /** How long one may wait for its turn, milliseconds. The caller's own patience is 18 s in all. */
  patience: number
}

const QUEUE_LIMITS: QueueLimits = { running: 32, waiting: 128, patience: 2_000 }

export type Queue = {
  /** `gone`: the signal aborted while the task waited, and it was never run. */
  run<Value>(
    task: () => Promise<Value>,
    signal: AbortSignal,
  ): Promise<{ ok: true; value: Value } | { ok: false; reason: 'busy' | 'gone' }>
  readonly running: number
  readonly waiting: number
}

type Turn = 'turn' | 'busy' | 'gone'

export function createQueue(limits: QueueLimits = QUEUE_LIMITS): Queue {
  let running = 0
  const waiting = new Set<(turn: Turn) => void>()

  function waitForTurn(signal: AbortSignal): Promise<Turn> {
    return new Promise((resolve) => {
      function settle(turn: Turn) {
        waiting.delete(settle)
        clearTimeout(timer)
        signal.removeEventListener('abort', leave)
        resolve(turn)
      }
      const leave = () => settle('gone')
      const timer = setTimeout(() => settle('busy'), limits.patience)
      signal.addEventListener('abort', leave, { once: true })
      waiting.add(settle)
    })
  }

  function release() {
    // The place goes on to whoever has waited longest (a Set keeps the order), or becomes free.
    const [next] = waiting
    if (next) next('turn')
    else running -= 1
  }

  return {
    async run(task, signal) {
      if (signal.aborted) return { ok: false, reason: 'gone' }
      if (running < limits.running) {
        running += 1
      } else {
        if (waiting.size >= limits.waiting) return { ok: false, reason: 'busy' }
        const turn = await waitForTurn(signal)
        if (turn !== 'turn') return { ok: false, reason: turn }
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
