/** Work that continues after its response, as ExecutionContext.waitUntil of Workers does. */

/** `onError` receives what a piece of work threw. */
export function createDeferredWork(onError: (error: unknown) => void) {
  const running = new Set<Promise<unknown>>()
  return {
    /** Passed to the app with each request. */
    context: {
      waitUntil(work) {
        const tracked = work.catch(onError).finally(() => running.delete(tracked))
        running.add(tracked)
      },
      passThroughOnException: () => {},
      props: {},
    } as ExecutionContext,
    /** Resolves when nothing is running any more, including what is deferred meanwhile. */
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
