/** A status that says what was done on the page before. */
import { useEffect, useRef } from 'preact/hooks'
import { takeTold } from '../ui/told.ts'

/** A screen reader hears only what changes, so the text arrives after the status itself. */
export function Told() {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const told = takeTold()
    if (told === null) return
    const timer = setTimeout(() => place.current?.replaceChildren(told), 50)
    return () => clearTimeout(timer)
  }, [])
  return <div role="status" ref={place} />
}
