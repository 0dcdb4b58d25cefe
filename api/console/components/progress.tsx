/** Progress of work that takes at most so many seconds. */
import { useEffect, useState } from 'preact/hooks'

/** Shows the seconds. A screen reader skips them: they would drown everything else. */
export function Progress({ title, most }: { title: string; most: number }) {
  const [passed, setPassed] = useState(0)
  useEffect(() => {
    const started = Date.now()
    const timer = setInterval(() => setPassed(Math.round((Date.now() - started) / 1000)), 1000)
    return () => clearInterval(timer)
  }, [])
  return (
    <>
      <div class="row spread">
        <span>{title} ...</span>
        <span class="quiet small" aria-hidden="true">
          {passed} of at most {most} seconds
        </span>
      </div>
      <progress max={most} value={Math.min(passed, most)} aria-label={title} />
    </>
  )
}
