/** A status that says what was done on the page before. */
import { useEffect, useState } from 'preact/hooks'
import { type News, takeTold } from '../ui/told.ts'
import { Notice } from './notice.tsx'

/** A screen reader hears only what changes, so the text arrives after the status itself. */
const DELAY_MS = 50

/** `isOver`: it is history, since something else has been done. */
export function Told({ isOver = false }: { isOver?: boolean }) {
  const [told, setTold] = useState<News | null>(null)
  useEffect(() => {
    const news = takeTold()
    if (news === null) return
    const timer = setTimeout(() => setTold(news), DELAY_MS)
    return () => clearTimeout(timer)
  }, [])
  return <div role="status">{told && !isOver && <NewsNotice {...told} />}</div>
}

const NewsNotice = ({ title, text, link }: News) => (
  <Notice tone="good" title={title}>
    {(text || link) && (
      <div>
        {text}
        {link && (
          <div>
            <a href={link.href}>{link.text}</a>
          </div>
        )}
      </div>
    )}
  </Notice>
)
