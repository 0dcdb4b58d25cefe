/**
 * What one run may ask for. Cloudflare lets an invocation of a paid plan make 1,000 queries to D1, and
 * on older plans 1,000 subrequests of all kinds together; six connections at a time; 15 minutes.
 * Every statement of a batch is counted here as a query, which is the cautious reading.
 */
import type { IntegrationRecord } from '../../model/integration.ts'
import type { Call, Services } from '../../services.ts'

/** The rest is margin. */
const QUERIES_AND_FETCHES = 900

/** At the same time, below the six connections that an invocation may have open. */
export const AT_ONCE = 4

export type Budget = { take: (cost: number) => boolean }

/** `more`: something was left for the next run. */
export type Outcome = { count: number; more: boolean }

/** `integration` is as the run found it. */
export type Task = (
  services: Services,
  call: Call,
  budget: Budget,
  integration: IntegrationRecord,
) => Promise<Outcome>

export function createBudget(left = QUERIES_AND_FETCHES): Budget {
  let rest = left
  return {
    /** False when it cannot be afforded any more; then nothing is taken. */
    take(cost) {
      if (cost > rest) return false
      rest -= cost
      return true
    },
  }
}

/**
 * Works through a queue, a few at a time, until it is empty or `work` says "stop". The first fault is
 * thrown once all that was begun has ended: nothing goes on behind the next task's back.
 */
export async function inTurns<Item>(
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
  const turns = await Promise.allSettled(Array.from({ length: AT_ONCE }, turn))
  const fault = turns.find((one) => one.status === 'rejected')
  if (fault) throw fault.reason
}
