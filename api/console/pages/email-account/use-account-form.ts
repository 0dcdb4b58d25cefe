/** The account form: its state, and what its buttons do. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Grant } from '../../../../schema/grant.ts'
import { useLeaveGuard } from '../../components/use-leave-guard.ts'
import { type Fault, faultsOf } from './draft.ts'
import type { FormCore, FormOptions } from './form-core.ts'
import {
  beginForm,
  type FormState,
  isSignedIn,
  leaveWarning,
  showFaults,
  signInThrough,
  takeGrant,
  tidy,
} from './state.ts'
import { useFormFocus } from './use-form-focus.ts'
import { useKnownSignIn } from './use-known-sign-in.ts'
import { useSave } from './use-save.ts'
import { useSignIn } from './use-sign-in.ts'
import { useValidation } from './use-validation.ts'

export type AccountForm = ReturnType<typeof useAccountForm>

export function useAccountForm(options: FormOptions) {
  const core = useFormCore(options)
  const { latest, update } = core
  const { settings, resumed } = options
  const validation = useValidation(core)

  /** Validates once everything is entered: the login is quick and changes nothing. */
  function validateWhenReady(): void {
    const state = latest()
    if (isSignedIn(state) && faultsOf(tidy(state.draft)).length === 0) void validation.run()
  }
  useEffect(() => {
    if (resumed?.end.kind === 'completed') validateWhenReady()
  }, [])

  return {
    ...core,
    form: useFormFocus(core.state.focus),
    known: useKnownSignIn(core),
    access: useSignIn(core, validateWhenReady),
    validation,
    save: useSave(core, validation.run),
    /** Uses an existing grant, without another sign-in. */
    take(grant: Grant): void {
      update((now) => takeGrant(now, grant, settings.mail_servers))
      validateWhenReady()
    },
    /** Confirms that this account signs in for the mailbox. */
    confirm(delegate: string): void {
      update((now) => signInThrough(now, delegate))
      validateWhenReady()
    },
  }
}

function useFormCore(options: FormOptions): FormCore {
  const { settings, owners, grant, visit } = options
  const [state, setState] = useState<FormState>(() =>
    beginForm({ ...options, servers: settings.mail_servers, departments: owners.imap }),
  )
  // Work that takes seconds needs the latest state, not the one that it began with.
  const now = useRef(state)
  const update: FormCore['update'] = (change) => {
    if (visit.signal.aborted) return
    now.current = change(now.current)
    setState(now.current)
  }
  return {
    options,
    state,
    latest: () => now.current,
    update,
    check(faults: readonly Fault[]) {
      update((state) => showFaults(state, faults))
      return faults.length === 0
    },
    letLeave: useLeaveGuard(leaveWarning(state, grant)),
  }
}
