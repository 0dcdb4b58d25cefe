/**
 * Shares the connections of an invocation among endpoints. Workers queue requests beyond six, whose timeouts would run
 * meanwhile, so they wait here. A free connection goes to the customer that has used the least time, and among its
 * endpoints to the one that has used the least, so that slow ones cannot crowd out fast ones.
 */
import type { Services } from '../../services.ts'

const CONNECTIONS = 6
/** Connections for all endpoints together that were paused because they kept failing. */
const CONNECTIONS_FOR_SUSPECTS = 2

/** An endpoint's claim on connections. `usedMs`: time that its, or its customer's, requests have taken in this run. */
export type Share = { usedMs: number; suspect: boolean; customer: { usedMs: number } }

export type Connections = ReturnType<typeof createConnections>

export function createConnections({ now }: Pick<Services, 'now'>) {
  const waiting: { share: Share; start: () => void }[] = []
  const busy = { all: 0, suspects: 0 }

  function admit(): void {
    while (busy.all < CONNECTIONS) {
      const [next] = waiting
        .filter(({ share }) => !share.suspect || busy.suspects < CONNECTIONS_FOR_SUSPECTS)
        .sort(
          ({ share: a }, { share: b }) =>
            a.customer.usedMs - b.customer.usedMs || a.usedMs - b.usedMs,
        )
      if (!next) return
      waiting.splice(waiting.indexOf(next), 1)
      busy.all += 1
      if (next.share.suspect) busy.suspects += 1
      next.start()
    }
  }

  /** Runs a request as soon as a connection is free. */
  return async <Value>(share: Share, request: () => Promise<Value>): Promise<Value> => {
    await new Promise<void>((start) => {
      waiting.push({ share, start })
      admit()
    })
    const { suspect } = share
    const started = now().getTime()
    try {
      return await request()
    } finally {
      const usedMs = now().getTime() - started
      share.usedMs += usedMs
      share.customer.usedMs += usedMs
      busy.all -= 1
      if (suspect) busy.suspects -= 1
      admit()
    }
  }
}
