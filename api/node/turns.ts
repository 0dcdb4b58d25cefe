/** Turns of token requests: one that waits here has sent nothing, so that no deadline of it runs. */
import type { Outside } from '../services.ts'

/** Lets `limit` requests run at a time, and the others in the order in which they came. */
export function createTurns(limit: number): Outside['takeConnection'] {
  const waiting = new Set<() => void>()
  let running = 0

  function end(): void {
    const [next] = waiting
    if (next) next()
    else running -= 1
  }
  const turn = { [Symbol.dispose]: end }

  return async (waitMs) => {
    if (running < limit) {
      running += 1
      return turn
    }
    const { promise, resolve } = Promise.withResolvers<Disposable | null>()
    const leave = (outcome: Disposable | null) => {
      waiting.delete(start)
      clearTimeout(timer)
      resolve(outcome)
    }
    const start = () => leave(turn)
    const timer = setTimeout(() => leave(null), waitMs)
    waiting.add(start)
    return promise
  }
}
