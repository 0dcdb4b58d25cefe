/** The budget of one run, and a queue that it works through. */

export type Budget = {
  /** Spends the cost. Returns false, with nothing spent, when it exceeds the rest or the run must end. */
  take: (cost: number) => boolean
  /** True when the process or the time of the run ends. What has begun is finished, and nothing else starts. */
  ending: () => boolean
}

export function createBudget(left: number, ending = () => false): Budget {
  let rest = left
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
  atOnce: number,
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
  const turns = await Promise.allSettled(Array.from({ length: atOnce }, turn))
  const fault = turns.find((one) => one.status === 'rejected')
  if (fault) throw fault.reason
}
