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
type Waiting = { share: Share; settle: (admission: Admission) => void }

export function createQueue(limits: QueueLimits = QUEUE_LIMITS): Queue {
  const running = createCount()
  const queued = createCount()
  const waiting = new Set<Waiting>()

  /** Returns whether one more probe fits; a caller may take half of the places. */
  const fits = (share: Share, count: Count, places: number, perHost: number) =>
    count.total < places &&
    count.of(share.host) < perHost &&
    count.of(share.caller) < Math.ceil(places / 2)
  const hasPlace = (share: Share) => fits(share, running, limits.running, limits.perHost)
  const mayWait = (share: Share) =>
    fits(share, queued, limits.waiting, Math.ceil(limits.waiting / 2))

  function waitForPlace(share: Share, signal: AbortSignal): Promise<Admission> {
    return new Promise((resolve) => {
      const entry = {
        share,
        settle(admission: Admission) {
          waiting.delete(entry)
          queued.change(share, -1)
          clearTimeout(timer)
          signal.removeEventListener('abort', leave)
          resolve(admission)
        },
      }
      const leave = () => entry.settle('gone')
      const timer = setTimeout(() => entry.settle('busy'), limits.maxWaitMs)
      signal.addEventListener('abort', leave, { once: true })
      waiting.add(entry)
      queued.change(share, 1)
    })
  }

  /**
   * Frees a place and admits the probes that now have one, the longest waiting first. There may be two:
   * one that waited for the host, and one that waited for the caller.
   */
  function release(share: Share) {
    running.change(share, -1)
    for (const entry of waiting) {
      if (!hasPlace(entry.share)) continue
      running.change(entry.share, 1)
      entry.settle('admitted')
    }
  }

  return {
    async run(task, signal, { host, caller }) {
      if (signal.aborted) return { ok: false, reason: 'gone' }
      // The prefixes keep hosts and callers apart.
      const share = { host: `host ${host.toLowerCase()}`, caller: `caller ${caller}` }
      if (hasPlace(share)) {
        running.change(share, 1)
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
      return running.total
    },
    get waiting() {
      return queued.total
    },
  }
}

type Count = ReturnType<typeof createCount>

/** Counts probes in all, by host and by caller. */
function createCount() {
  const counts = new Map<string, number>()
  let total = 0
  return {
    get total() {
      return total
    },
    of: (name: string) => counts.get(name) ?? 0,
    change({ host, caller }: Share, by: number) {
      total += by
      for (const name of [host, caller]) {
        const count = (counts.get(name) ?? 0) + by
        if (count === 0) counts.delete(name)
        else counts.set(name, count)
      }
    },
  }
}
