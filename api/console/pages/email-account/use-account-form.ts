/** The account form: its state, and what its buttons do. */
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { MailAccountInput } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { useBusy } from '../../components/busy.ts'
import { useSignInWaiting } from '../../components/sign-in-waiting.tsx'
import { bodyOf, type Fault, faultsOf, signInFaults } from './draft.ts'
import type { FormCore, FormOptions } from './form-core.ts'
import { dropDraft, keepDraft } from './kept.ts'
import { authenticationOf, credentialFaults } from './kinds.ts'
import { signIn, wishOf } from './sign-in.ts'
import { beginForm, endSignIn, objectionOf, showFaults, tidy } from './state.ts'
import { useFormFocus } from './use-form-focus.ts'
import { useSave } from './use-save.ts'
import { useValidation } from './use-validation.ts'

export type AccountForm = ReturnType<typeof useAccountForm>

export function useAccountForm(options: FormOptions) {
  const { protocol, settings, saved, grant, visit } = options
  const [state, setState] = useState(() =>
    beginForm({
      ...options,
      servers: settings.mail_servers[protocol],
      isSaved: saved !== null,
      validation: saved?.validation ?? null,
    }),
  )
  const letLeave = useObjection(visit, objectionOf(state, grant))
  const focus = useFormFocus(state.focus)
  const { signal } = visit
  const update = useCallback<FormCore['update']>(
    (change) => {
      if (!signal.aborted) setState(change)
    },
    [signal],
  )

  /** Returns true when nothing is wrong; else the form shows what is. */
  function check(faults: readonly Fault[]): boolean {
    update((now) => showFaults(now, faults))
    return faults.length === 0
  }

  function readBody(): MailAccountInput | null {
    const draft = tidy(state.draft)
    const credential = { grantId: state.grant?.id ?? null, password: state.password }
    const account = saved?.account ?? null
    return check([...faultsOf(draft), ...credentialFaults(draft, credential, account)])
      ? bodyOf(draft, protocol, authenticationOf(draft, credential))
      : null
  }

  const core: FormCore = { options, state, update, readBody, letLeave }
  const access = useSignIn(core, check)
  return { ...core, focus, access, validation: useValidation(core), save: useSave(core) }
}

/** Objects to leaving the page, and returns a way to let go. */
function useObjection({ beforeLeaving }: FormOptions['visit'], objection: string | null) {
  const isLeaving = useRef(false)
  // An effect after the paint could come too late for a person who types and leaves at once.
  useLayoutEffect(() => {
    beforeLeaving(() => (isLeaving.current ? null : objection))
  }, [beforeLeaving, objection])
  return (leaving: boolean) => {
    isLeaving.current = leaving
  }
}

/** "Get Access Token": a sign-in at Microsoft, which may need the whole page. */
function useSignIn(core: FormCore, check: (faults: readonly Fault[]) => boolean) {
  const { options, state, update, letLeave } = core
  const { protocol, settings, saved, visit } = options
  const [busy, run] = useBusy()
  const [waiting, show] = useSignInWaiting()

  /** Must run in the click: a window could not open later. */
  function start(): void {
    const draft = tidy(state.draft)
    if (busy || !check(signInFaults(draft))) return
    update((now) => ({ ...now, tokenStatus: '' }))
    const protocols: Protocol[] = state.asksBoth ? ['imap', 'smtp'] : [protocol]
    const leave = (authorization: string) => {
      keepDraft({ authorization, draft })
      letLeave(true)
    }
    run(async () => {
      try {
        const wish = wishOf(draft, protocols, saved?.account ?? null)
        const end = await signIn(wish, { show, leaving: leave, signal: visit.signal })
        update((now) => endSignIn(now, end, settings.mail_servers[protocol]))
      } finally {
        letLeave(false)
        dropDraft()
      }
    })
  }
  return { busy, start, waiting }
}
