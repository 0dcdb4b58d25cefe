/**
 * Limits how many probes run and how many wait, in all and for each mail host and caller, so that neither
 * a host that never responds nor a caller with many probes holds up the others. If its share is full, or a
 * probe has waited too long, the response is `busy`, so that the caller can try another replica.
 */

type QueueLimits = {
  running: number
  /** Most probes of one mail host that run. Most mailboxes share one host, so half of the waiting ones may be for it. */
  perHost: number
  waiting: number
  /** Longest wait for a free place. The Worker's own timeout, wait and probe included, is 18 s. */
  maxWaitMs: number
}

export const QUEUE_LIMITS: QueueLimits = {
  running: 128,
  perHost: 32,
  waiting: 128,
  maxWaitMs: 2_000,
}

/** Seconds after which a caller that was refused may try again. */
export const RETRY_AFTER_SECONDS = 2

/** The host and the caller whose places a probe takes. */
export type Share = { host: string; caller: string }

export type Queue = {
  /** Runs `task` when a place is free. `gone`: the signal aborted before that, and it never ran. */
  run<Value>(
    task: () => Promise<Value>,
    signal: AbortSignal,
    share: Share,
  ): Promise<{ ok: true; value: Value } | { ok: false; reason: 'busy' | 'gone' }>
  readonly running: number
  readonly waiting: number
}

type Admission = 'admitted' | 'busy' | 'gone'

export function createQueue(limits: QueueLimits = QUEUE_LIMITS): Queue {
  const running = new Set<Share>()
  /** The shares that wait, the longest first, each with the function that ends its wait. */
  const waiting = new Map<Share, (admission: Admission) => void>()

  /** Returns whether one more probe fits; a caller may take half of the places. */
  function fits(share: Share, taken: Iterable<Share>, places: number, perHost: number): boolean {
    const shares = [...taken]
    const ofHost = shares.filter(({ host }) => host === share.host).length
    const ofCaller = shares.filter(({ caller }) => caller === share.caller).length
    return shares.length < places && ofHost < perHost && ofCaller < Math.ceil(places / 2)
  }
  const hasPlace = (share: Share) => fits(share, running, limits.running, limits.perHost)
  const mayWait = (share: Share) =>
    fits(share, waiting.keys(), limits.waiting, Math.ceil(limits.waiting / 2))

  function waitForPlace(share: Share, signal: AbortSignal): Promise<Admission> {
    return new Promise((resolve) => {
      const settle = (admission: Admission) => {
        waiting.delete(share)
        clearTimeout(timer)
        signal.removeEventListener('abort', leave)
        resolve(admission)
      }
      const leave = () => settle('gone')
      const timer = setTimeout(() => settle('busy'), limits.maxWaitMs)
      signal.addEventListener('abort', leave, { once: true })
      waiting.set(share, settle)
    })
  }

  /**
   * Frees a place and admits the probes that now have one, the longest waiting first. There may be two:
   * one that waited for the host, and one that waited for the caller.
   */
  function release(share: Share) {
    running.delete(share)
    for (const [next, settle] of waiting) {
      if (!hasPlace(next)) continue
      running.add(next)
      settle('admitted')
    }
  }

  return {
    async run(task, signal, { host, caller }) {
      if (signal.aborted) return { ok: false, reason: 'gone' }
      const share = { host: host.toLowerCase(), caller }
      if (hasPlace(share)) {
        running.add(share)
      } else {
        if (!mayWait(share)) return { ok: false, reason: 'busy' }
        const admission = await waitForPlace(share, signal)
        if (admission !== 'admitted') return { ok: false, reason: admission }
      }
      try {
        return { ok: true, value: await task() }
      } finally {
        release(share)
      }
    },
    get running() {
      return running.size
    },
    get waiting() {
      return waiting.size
    },
  }
}
