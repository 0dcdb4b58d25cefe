/**
 * The budget of one run. Cloudflare allows an invocation of a paid plan 1,000 queries to D1, 10,000
 * subrequests of all kinds, six connections at a time, 30 s of CPU time for a trigger of less than an
 * hour, and 15 minutes. The queries run out first. Every statement of a batch counts as one here, which
 * is the cautious reading.
 */
import type { IntegrationRecord } from '../../model/integration.ts'
import type { Call, Services } from '../../services.ts'

/** The limit of 1,000, less a margin. */
const QUERIES = 900

/** Fewer than the six connections that an invocation may have open. */
export const CONCURRENCY = 4

export type Budget = {
  /** Spends the cost. Returns false, with nothing spent, when it exceeds the rest or the run must end. */
  take: (cost: number) => boolean
  /** True when the process ends: what is begun is finished, and nothing else starts. */
  ending: () => boolean
}

/** `more`: true when work is left for the next run. */
export type Outcome = { count: number; more: boolean }

/** One task of the run. `integration` is as the run found it. */
export type Task = (
  services: Services,
  call: Call,
  budget: Budget,
  integration: IntegrationRecord,
) => Promise<Outcome>

export function createBudget(left = QUERIES, signal?: AbortSignal): Budget {
  let rest = left
  const ending = () => signal?.aborted ?? false
  return {
    ending,
    take(cost) {
      if (cost > rest || ending()) return false
      rest -= cost
      return true
    },
  }
}

/**
 * Processes a queue with limited concurrency, until it is empty or `work` returns "stop". Throws the first
 * error after all work in progress has ended, so that nothing overlaps the next task.
 */
export async function processQueue<Item>(
  next: () => Promise<Item | undefined> | Item | undefined,
  work: (item: Item) => Promise<'go on' | 'stop'>,
): Promise<void> {
  let stopped = false
  const turn = async () => {
    try {
      while (!stopped) {
        const item = await next()
        if (item === undefined) return
        if ((await work(item)) === 'stop') stopped = true
      }
    } catch (error) {
      stopped = true
      throw error
    }
  }
  const turns = await Promise.allSettled(Array.from({ length: CONCURRENCY }, turn))
  const fault = turns.find((one) => one.status === 'rejected')
  if (fault) throw fault.reason
}
