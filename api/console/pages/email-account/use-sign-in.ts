/** "Get Access Token": an existing sign-in for the mailbox, or a new one at Microsoft. */
import { useEffect, useState } from 'preact/hooks'
import type { Grant } from '../../../../schema/grant.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { request } from '../../api.ts'
import type { FormHandle } from '../../components/form.tsx'
import { useSignInWaiting } from '../../components/sign-in-waiting.tsx'
import { useAction } from '../../components/use-action.ts'
import { delegateOf, isAddress, sameAddress, signInErrors, signInRequestOf, tidy } from './draft.ts'
import { coveringGrant } from './grant-match.ts'
import { type SignInEnd, signIn } from './sign-in.ts'
import { endSignIn, type FormOptions, type FormValues } from './state.ts'

export function useSignIn(
  { latest, change, showErrors }: FormHandle<FormValues>,
  { settings, customer, saved, grant, visit }: FormOptions,
  /** Called once the form has the access token, or shows why it has none. */
  onEnd: (end: SignInEnd['kind']) => void,
) {
  const { busy, run } = useAction()
  const [waiting, show] = useSignInWaiting()

  /** Must run in the click handler, since browsers block windows that open later. */
  function start(): void {
    const draft = tidy(latest())
    if (busy) return
    change({ signInEnd: null })
    if (!showErrors(signInErrors(draft))) return
    change({ tokenStatus: '' })
    // The new grant covers no less than the saved one, which another account may use.
    const protocols = [...new Set<Protocol>([...draft.protocols, ...(grant?.protocols ?? [])])]
    void run(async () => {
      const input = signInRequestOf(draft, protocols, saved[0]?.account, customer)
      const end = await signIn(input, { show, signal: visit.signal })
      if (visit.signal.aborted) return
      change((now) => endSignIn(now, end, settings.mail_servers))
      onEnd(end.kind)
    })
  }
  return { busy, start, waiting }
}

/** Time without a key press before the address is looked up. */
const PAUSE_MS = 300

/** Returns a grant of the account that signs in which covers all uses of the form; null while the form has a grant. */
export function useKnownSignIn(values: FormValues, options: FormOptions): Grant | null {
  const [found, setFound] = useState<readonly Grant[]>([])
  const draft = tidy(values)
  const who = delegateOf(draft) ?? draft.mailbox
  const isWanted = draft.authentication === 'oauth' && values.grant === null && isAddress(who)
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
  const excluded = [options.grant?.id, values.dropped?.id]
  // A new mailbox without a customer takes that of its sign-in.
  const isOpen = options.saved.length === 0 && options.customer === null
  const others = found.filter(
    ({ id, signed_in_as: as, customer }) =>
      sameAddress(as, who) && !excluded.includes(id) && (isOpen || customer === options.customer),
  )
  return coveringGrant(others, draft) ?? null
}
