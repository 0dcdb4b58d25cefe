/** The wait for a sign-in in another window, of which this page only gets the outcome. */
import { useCallback, useEffect, useState } from 'preact/hooks'
import type { AuthorizationCreated } from '../../../schema/authorization.ts'
import type { ShowWaiting } from '../../connect/open-sign-in.ts'
import { Button } from './button.tsx'
import { MicrosoftHelp } from './microsoft-help.tsx'

type Show = ShowWaiting<AuthorizationCreated>

export type Waiting = {
  /** Opens the sign-in in a new window; null until its URL is known. */
  again: (() => void) | null
  stop: () => void
  /** ID of the sign-in; null until it is known. */
  authorization: string | null
}

/** Returns the current wait, or null, and the callback that `openSignIn` needs to show it. */
export function useSignInWaiting(): [waiting: Waiting | null, show: Show] {
  const [waiting, setWaiting] = useState<Waiting | null>(null)
  const show = useCallback<Show>((again, stop) => {
    setWaiting({ again: null, stop, authorization: null })
    return {
      ready: ({ id }) => setWaiting({ again, stop, authorization: id }),
      close: () => setWaiting(null),
    }
  }, [])
  return [waiting, show]
}

/**
 * Time after which the window may have been closed. A closed window looks the same as one that Microsoft's page has
 * disconnected.
 */
const LATE_MS = 10_000

export function SignInWaiting({ waiting }: { waiting: Waiting }) {
  const { again, stop, authorization } = waiting
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
      {authorization && <MicrosoftHelp authorization={authorization} />}
    </div>
  )
}
