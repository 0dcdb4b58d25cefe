/** A message about what was just done, which the next page shows once. */
import { useEffect, useState } from 'preact/hooks'
import type { Tone } from '../ui/state.ts'
import { Notice } from './notice.tsx'

type Flash = { tone: Tone; title: string; text?: string | undefined }

let pending: Flash | null = null

export function setFlash(title: string, text?: string, tone: Tone = 'good'): void {
  pending = { tone, title, text }
}

/** A screen reader reads out only what changes, so the text arrives after the status itself. */
const DELAY_MS = 50

/** `isOutdated`: hides the message, after another action. */
export function FlashNotice({ isOutdated = false }: { isOutdated?: boolean }) {
  const [shown, setShown] = useState<Flash | null>(null)
  useEffect(() => {
    const taken = pending
    pending = null
    if (taken === null) return
    const timer = setTimeout(() => setShown(taken), DELAY_MS)
    return () => clearTimeout(timer)
  }, [])
  return <div role="status">{shown && !isOutdated && <Notice {...shown} />}</div>
}
