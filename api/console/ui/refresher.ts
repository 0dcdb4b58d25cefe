/** Decides when the data of a page are refreshed. Pure: the browser is passed in. */

export type Environment = {
  isVisible: () => boolean
  /** Calls when the reader comes back to the window. Returns a function that stops listening. */
  onReturn: (call: () => void) => () => void
  /** Calls once after that time. Returns a function that cancels the call. */
  after: (ms: number, call: () => void) => () => void
}

const EVERY_MS = 60_000
const RETRY_MS = 15_000

/**
 * Refreshes when the reader comes back, and every minute while the window is visible; sooner after a
 * failure. `refresh` resolves with false if it failed. Returns a function that stops it.
 */
export function startRefresher(
  refresh: () => Promise<boolean>,
  environment: Environment,
): () => void {
  let isRunning = false
  let hasEnded = false
  let cancel = environment.after(EVERY_MS, run)
  const ignore = environment.onReturn(run)

  function run(): void {
    if (isRunning || hasEnded || !environment.isVisible()) return
    isRunning = true
    cancel()
    void refresh().then((worked) => {
      isRunning = false
      if (!hasEnded) cancel = environment.after(worked ? EVERY_MS : RETRY_MS, run)
    })
  }
  return () => {
    hasEnded = true
    cancel()
    ignore()
  }
}
