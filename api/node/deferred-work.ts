/** Work that continues after its response, as ExecutionContext.waitUntil of Workers does. */

type DeferredWork = {
  /** Passed to the app with each request. */
  context: ExecutionContext
  /** Resolves when nothing is running any more, including what is deferred meanwhile. */
  idle: () => Promise<void>
}

/** `onError` receives what a piece of work threw. */
export function createDeferredWork(onError: (error: unknown) => void): DeferredWork {
  const running = new Set<Promise<unknown>>()
  return {
    context: {
      waitUntil(work) {
        const tracked = work.catch(onError).finally(() => running.delete(tracked))
        running.add(tracked)
      },
      passThroughOnException: () => {},
      props: {},
    } as ExecutionContext,
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
