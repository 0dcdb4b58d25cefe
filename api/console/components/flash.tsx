/** The message about the last action, which led to this page. */
import { useEffect, useState } from 'preact/hooks'
import { type Flash, takeFlash } from '../ui/flash.ts'
import { Notice } from './notice.tsx'

/** A screen reader reads out only what changes, so the text arrives after the status itself. */
const DELAY_MS = 50

/** `isOutdated`: hides the message, after another action. */
export function FlashNotice({ isOutdated = false }: { isOutdated?: boolean }) {
  const [flash, setFlash] = useState<Flash | null>(null)
  useEffect(() => {
    const taken = takeFlash()
    if (taken === null) return
    const timer = setTimeout(() => setFlash(taken), DELAY_MS)
    return () => clearTimeout(timer)
  }, [])
  return <div role="status">{flash && !isOutdated && <Notice {...flash} />}</div>
}
