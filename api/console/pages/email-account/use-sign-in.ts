/** "Get Access Token": a sign-in at Microsoft, which may need the whole page. */
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { useSignInWaiting } from '../../components/sign-in-waiting.tsx'
import { useAction } from '../../components/use-action.ts'
import { signInFaults } from './draft.ts'
import type { FormCore } from './form-core.ts'
import { discardDraft, saveDraft } from './saved-draft.ts'
import { signIn, signInRequestOf } from './sign-in.ts'
import { endSignIn, tidy } from './state.ts'

/** `onSignedIn` is called once the form has the access token. */
export function useSignIn(core: FormCore, onSignedIn: () => void) {
  const { options, state, update, check, letLeave } = core
  const { settings, saved, grant, visit } = options
  const { busy, run } = useAction()
  const [waiting, show] = useSignInWaiting()

  /** Must run in the click handler: browsers block windows that open later. */
  function start(): void {
    const draft = tidy(state.draft)
    if (busy || !check(signInFaults(draft))) return
    update((now) => ({ ...now, tokenStatus: '' }))
    // Another account may use the saved grant: the new one covers no less.
    const protocols = [...new Set<Protocol>([...draft.protocols, ...(grant?.protocols ?? [])])]
    const leaving = (authorization: string) => {
      saveDraft({ authorization, draft })
      letLeave(true)
    }
    void run(async () => {
      try {
        const input = signInRequestOf(draft, protocols, saved?.account ?? null)
        const end = await signIn(input, { show, leaving, signal: visit.signal })
        update((now) => endSignIn(now, end, settings.mail_servers))
        if (end.kind === 'completed') onSignedIn()
      } finally {
        letLeave(false)
        discardDraft()
      }
    })
  }
  return { busy, start, waiting }
}
