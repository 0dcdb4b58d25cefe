/** The message about what was done on the page before. */
import { useEffect, useState } from 'preact/hooks'
import { type Flash, takeFlash } from '../ui/flash.ts'
import { Notice } from './notice.tsx'

/** A screen reader reads out only what changes, so the text arrives after the status itself. */
const DELAY_MS = 50

/** `isOver`: something else has been done since. */
export function FlashNotice({ isOver = false }: { isOver?: boolean }) {
  const [flash, setFlash] = useState<Flash | null>(null)
  useEffect(() => {
    const taken = takeFlash()
    if (taken === null) return
    const timer = setTimeout(() => setFlash(taken), DELAY_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div role="status">
      {flash && !isOver && (
        <Notice tone="good" title={flash.title}>
          {flash.text && <div>{flash.text}</div>}
          {flash.link && (
            <div>
              <a href={flash.link.href}>{flash.link.text}</a>
            </div>
          )}
        </Notice>
      )}
    </div>
  )
}
