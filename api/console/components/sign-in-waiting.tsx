/** The wait for a sign-in in another window. This page only learns how it ends. */
import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import type { ShowWaiting } from '../../connect/open-sign-in.ts'
import { Button } from './button.tsx'
import { DiagnosisView } from './diagnosis.tsx'

export type Waiting = {
  /** Opens the sign-in in a new window; null until its URL is known. */
  again: (() => void) | null
  stop: () => void
  /** Possible cause of a long wait. */
  hint: Diagnosis | null
}

/** Returns the current wait, or null, and the callback that `openSignIn` needs to show it. */
export function useSignInWaiting(): [waiting: Waiting | null, show: ShowWaiting] {
  const [waiting, setWaiting] = useState<Waiting | null>(null)
  const show = useCallback<ShowWaiting>((again, stop) => {
    const change = (changes: Partial<Waiting>) =>
      setWaiting((before) => before && { ...before, ...changes })
    setWaiting({ again: null, stop, hint: null })
    return {
      ready: () => change({ again }),
      hint: (hint) => change({ hint }),
      close: () => setWaiting(null),
    }
  }, [])
  return [waiting, show]
}

/** Time after which the window may have been closed. A closed window looks the same as one that Microsoft has severed. */
const LATE_MS = 10_000

export function SignInWaiting({ waiting }: { waiting: Waiting }) {
  const { again, stop, hint } = waiting
  // A screen reader reads it out only if it changes after it has appeared.
  const [text, setText] = useState('')
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    setText('Continue in the window that has opened.')
    const timer = setTimeout(() => {
      setText('Window closed?')
      setLate(true)
    }, LATE_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div>
      <div class="row small">
        <span role="status" class="quiet">
          {text}
        </span>
        {isLate && again && (
          <Button class="link" onClick={again}>
            Open again
          </Button>
        )}
        <Button class="link" onClick={stop}>
          Stop
        </Button>
      </div>
      {hint && (
        <details>
          <summary>
            {hint.candidates[0]
              ? `Possible cause: ${hint.candidates[0].title}`
              : 'What may be wrong'}
          </summary>
          <DiagnosisView diagnosis={hint} />
        </details>
      )}
    </div>
  )
}
