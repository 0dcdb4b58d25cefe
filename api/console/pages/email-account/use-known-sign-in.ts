/** Finds an existing sign-in for the mailbox, so that nobody has to sign in again. */
import { useEffect, useState } from 'preact/hooks'
import type { Grant } from '../../../../schema/grant.ts'
import { request } from '../../api.ts'
import { delegateOf, isAddress, sameAddress } from './draft.ts'
import type { FormCore } from './form-core.ts'
import { tidy } from './state.ts'
import { coveringGrant } from './token-fit.ts'

/** Time without a key press before the address is looked up. */
const PAUSE_MS = 300

/** Returns a grant of the account that signs in which covers all uses of the form; null while the form has a grant. */
export function useKnownSignIn({ options, state }: FormCore): Grant | null {
  const [found, setFound] = useState<readonly Grant[]>([])
  const draft = tidy(state.draft)
  const who = delegateOf(draft) ?? draft.mailbox
  const isWanted = draft.authentication === 'oauth' && state.grant === null && isAddress(who)
  useEffect(() => {
    if (!isWanted) return
    const searching = new AbortController()
    const { signal } = searching
    const search = () =>
      request<{ data: Grant[] }>(`/v1/grants?${new URLSearchParams({ username: who })}`, {
        signal,
        // If the session has expired, only the next action asks for the key.
        renew: false,
      }).then(
        ({ body }) => setFound(body.data),
        () => {},
      )
    const timer = setTimeout(search, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      searching.abort()
    }
  }, [who, isWanted])
  if (!isWanted) return null
  const excluded = [options.grant?.id, state.dropped?.id]
  const others = found.filter(
    ({ id, signed_in_as: as }) => sameAddress(as, who) && !excluded.includes(id),
  )
  return coveringGrant(others, draft) ?? null
}
