/** Work that takes a while and is started by a button. */
import { useState } from 'preact/hooks'

/** Returns whether work is running, and a function that starts work unless some is running. */
export function useBusy(): [busy: boolean, run: (work: () => Promise<void>) => void] {
  const [busy, setBusy] = useState(false)
  const run = (work: () => Promise<void>) => {
    if (busy) return
    setBusy(true)
    void work().finally(() => setBusy(false))
  }
  return [busy, run]
}
