/** Progress of work with a time limit. */
import { useEffect, useState } from 'preact/hooks'

/** Shows the passing seconds, which screen readers skip, since they would read out each one. */
export function Progress({ title, maxSeconds }: { title: string; maxSeconds: number }) {
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
          {passed} of at most {maxSeconds} seconds
        </span>
      </div>
      <progress max={maxSeconds} value={Math.min(passed, maxSeconds)} aria-label={title} />
    </>
  )
}
