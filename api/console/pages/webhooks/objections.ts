/** Both parts of the page of a webhook that object to leaving it. */
import { useCallback, useLayoutEffect, useState } from 'preact/hooks'
import type { Visit } from '../../router.ts'

type Objection = () => string | null

/** Lets the form and the secret object. The secret goes first: it cannot be typed again. */
export function useObjections(beforeLeaving: Visit['beforeLeaving']) {
  const [isFormChanged, onFormChange] = useState(false)
  const [secret, setSecret] = useState<{ objection: Objection } | null>(null)
  const onSecretShown = useCallback((objection: Objection) => setSecret({ objection }), [])
  // At once: an effect after the paint could come too late for a person who types and leaves.
  useLayoutEffect(() => {
    beforeLeaving(
      () =>
        secret?.objection() ??
        (isFormChanged ? 'The changes to the webhook are not saved. Leave this page?' : null),
    )
  }, [isFormChanged, secret, beforeLeaving])
  return { onFormChange, onSecretShown }
}
