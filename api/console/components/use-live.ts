/** Data of a page that stay current while the page is visible. Focus, scroll and what is typed stay as they are. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { ApiError, get, peek, type Read } from '../api.ts'

export type Live<Data> = ReturnType<typeof useLive<Data>>

/**
 * Returns `first` and later what `load` reads: when the window gets the focus, and every minute while it is visible. An
 * expired session is a failure then, so no dialog interrupts the person. Another `first` starts over.
 */
export function useLive<Data>(
  first: Data,
  load: (read: Read) => Promise<Data>,
  signal: AbortSignal,
) {
  const fresh = useMemo(
    () => ({ first, data: first, updatedAt: Date.now(), isStale: false }),
    [first],
  )
  const [latest, setLatest] = useState(fresh)
  const current = latest.first === first ? latest : fresh
  const calls = useRef(0)
  const change = (part: Partial<typeof fresh>) =>
    setLatest((before) => ({ ...(before.first === first ? before : fresh), ...part }))

  async function refresh(read: Read): Promise<boolean> {
    calls.current += 1
    const call = calls.current
    const isWanted = () => call === calls.current && !signal.aborted
    try {
      const data = await load(read)
      if (isWanted()) change({ data, updatedAt: Date.now(), isStale: false })
      return true
    } catch (error) {
      if (!signal.aborted && !(error instanceof ApiError)) throw error
      if (isWanted()) change({ isStale: true })
      return false
    }
  }
  // The timer calls the function of the latest rendering, not of the first.
  const refreshNow = useRef(refresh)
  refreshNow.current = refresh
  useEffect(() => startRefresher(() => refreshNow.current((path) => peek(path, signal))), [signal])
  return {
    ...current,
    /** Refreshes now, and asks for the key if the session has ended. */
    refresh: async () => {
      await refresh((path) => get(path, signal))
    },
  }
}

const EVERY_MS = 60_000
const RETRY_MS = 15_000

/**
 * Refreshes when the person comes back to the window, and every minute while it is visible; sooner after a failure.
 * `refresh` resolves with false if it failed. Returns a function that stops it.
 */
export function startRefresher(refresh: () => Promise<boolean>): () => void {
  const listening = new AbortController()
  const { signal } = listening
  let isRunning = false
  let timer = setTimeout(run, EVERY_MS)

  function run(): void {
    if (isRunning || document.visibilityState !== 'visible') return
    isRunning = true
    clearTimeout(timer)
    void refresh().then((worked) => {
      isRunning = false
      if (!signal.aborted) timer = setTimeout(run, worked ? EVERY_MS : RETRY_MS)
    })
  }
  window.addEventListener('focus', run, { signal })
  document.addEventListener('visibilitychange', run, { signal })
  return () => {
    listening.abort()
    clearTimeout(timer)
  }
}
