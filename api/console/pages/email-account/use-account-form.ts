/** The account form: its values, and what its buttons do. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount, MailAccountInput } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { ApiError, post, problemOf, request } from '../../api.ts'
import { setFlash } from '../../components/flash.tsx'
import { useForm, useLeaveGuard } from '../../components/form.tsx'
import { clearLeaveGuards, go, leaveWarning, mayLeave } from '../../router.ts'
import { accountHref } from '../../ui/mail-account.ts'
import { authenticationOf } from './authentication-kinds.ts'
import { bodyOf, type Draft, errorsOf, tidy } from './draft.ts'
import { savedFlash } from './labels.ts'
import type { SignInEnd } from './sign-in.ts'
import {
  addCreated,
  allErrors,
  atFields,
  beginForm,
  credentialOf,
  type FormOptions,
  type FormValues,
  isFolded,
  isLoginSaved,
  isSignedIn,
  pointers,
  resetToken,
  type Step,
  savedFor,
  shownOf,
  takeGrant,
  unsavedWarning,
  verdictOf,
  withToken,
} from './state.ts'
import { useKnownSignIn, useSignIn } from './use-sign-in.ts'
import { useValidation } from './use-validation.ts'

export type AccountForm = ReturnType<typeof useAccountForm>

/** Elements that can get the focus. "Save" is always in sight, so the page must not scroll to it. */
const targets = {
  mailbox: '[data-step=mailbox] input',
  signIn: '[data-step=signIn] :is(button, select)',
  token: '[data-focus=token]',
  save: '[data-focus=save]',
} as const

/** Refusals of a save because someone else was faster. */
const conflicts: Partial<Record<string, NonNullable<FormValues['conflict']>>> = {
  precondition_failed: 'changed',
  not_found: 'deleted',
}

export function useAccountForm(options: FormOptions) {
  const { settings, saved, grant, signedIn, visit } = options
  const servers = settings.mail_servers
  const [initial] = useState(() => beginForm(options))
  const form = useForm<FormValues>({
    initial,
    stored: tidy(options.draft),
    pointers,
    within: shownOf,
    tidy: (values) => ({ ...values, ...tidy(values) }),
    check: (values) => allErrors(values, saved),
    send: save,
  })
  const { values, latest, change } = form
  const stored = form.stored as Draft
  const warning = unsavedWarning(values, form.isChanged, grant)
  useLeaveGuard(warning)
  /** Asks before a reload of the page hides an API key that is shown only once. Saved values need no question. */
  const mayReopen = () => leaveWarning() === warning || mayLeave()
  const moveTo = (target: keyof typeof targets) =>
    form.focus(targets[target], { preventScroll: target === 'save' })
  const validation = useValidation(form, options)

  /** Validates once everything is entered, since the login is quick and changes nothing. */
  function validateWhenReady(): void {
    const isReady = Object.keys(errorsOf(tidy(latest()))).length === 0
    if (isReady && isSignedIn(latest())) void validation.run()
  }
  /** Continues after a sign-in, or with an existing grant. */
  function goOn(end: SignInEnd['kind'] = 'completed'): void {
    moveTo(end === 'completed' && isSignedIn(latest()) ? 'save' : 'token')
    if (end === 'completed') validateWhenReady()
  }
  useEffect(() => {
    if (signedIn) goOn()
  }, [])

  const isSaved = saved.length > 0
  // If the response is lost, sending the same form again creates no second account.
  const keys = useRef(new Map<string, string>())
  const isUnchanged = (now: FormValues) => isSaved && isLoginSaved(now, stored, grant)

  async function save(): Promise<boolean> {
    const isKnown = verdictOf(latest()) !== 'untried' || isUnchanged(latest())
    if (!isKnown && !(await validation.run())) return false
    if (visit.signal.aborted) return false
    const created: MailAccount[] = []
    for (const protocol of latest().protocols) {
      try {
        created.push(await send(protocol))
      } catch (error) {
        const problem = atFields(problemOf(error), protocol)
        change((now) => addCreated(now, created))
        const conflict = savedFor(saved, protocol) && conflicts[problem.code ?? '']
        if (!conflict) throw new ApiError(problem)
        change({ conflict })
        return false
      }
    }
    if (!visit.signal.aborted) leave([...latest().created, ...created])
    return true
  }

  async function send(protocol: Protocol): Promise<MailAccount> {
    const draft = tidy(latest())
    const stored = savedFor(saved, protocol)
    const body: MailAccountInput = bodyOf(
      draft,
      protocol,
      authenticationOf(draft, credentialOf(latest())),
      stored ? null : options.customer,
    )
    if (stored) {
      const { account, etag } = stored
      const path = `/v1/mail-accounts/${account.id}`
      return (await request<MailAccount>(path, { method: 'PUT', body, etag })).body
    }
    const text = JSON.stringify(body)
    const key = keys.current.get(text) ?? crypto.randomUUID()
    keys.current.set(text, key)
    return post<MailAccount>('/v1/mail-accounts', body, key)
  }

  function leave(done: readonly MailAccount[]): void {
    const [account] = done
    if (!account || !mayReopen()) return
    clearLeaveGuards()
    const works = done.every(({ health }) => health === 'ok')
    setFlash('Saved', savedFlash(done), works ? 'good' : 'ask')
    go(accountHref(account))
  }

  const access = useSignIn(form, options, goOn)
  return {
    ...form,
    options,
    known: useKnownSignIn(values, options),
    access,
    validation,
    /** True where a save changes nothing that a login depends on. */
    isLoginSaved: isUnchanged(values),
    /** True if something is unsaved. */
    isUnsaved: warning !== null,
    /** True if the login does not work, so that the next click saves it anyway. */
    isAnyway: verdictOf(values) === 'failed' && !isUnchanged(values),
    isFolded: (step: Step) => isFolded(values, form.submission.errors, step, isSaved),
    save(): void {
      if (!mayReopen()) return
      change({ conflict: null, signInEnd: null })
      void form.submission.submit()
    },
    /** Makes the mailbox send through Microsoft Graph in place of SMTP, with a sign-in for it if none covers it. */
    sendThroughGraph(): void {
      change(({ protocols }) => ({
        protocols: protocols.map((one) => (one === 'smtp' ? 'graph_send' : one)),
      }))
      if (latest().authentication === 'oauth' && !isSignedIn(latest())) access.start()
      else void validation.run()
    },
    /** Opens a step that is done. */
    open(step: Step): void {
      change(({ opened }) => ({ opened: [...opened, step] }))
      moveTo(step)
    },
    /** Uses an existing grant, without another sign-in. */
    take(existing: Grant): void {
      change((now) => takeGrant(now, existing, servers))
      goOn()
    },
    /** Removes the access token from the form, or puts the saved one back. */
    reset(to: Grant | null = null): void {
      change(to ? withToken(to) : resetToken)
      moveTo('token')
    },
  }
}
