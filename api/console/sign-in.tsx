/** The sign-in with Microsoft or an API key, as a page, and as a dialog when the session has expired. */
import { type ComponentChildren, render, type VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { SignInMethods } from '../../schema/console-session.ts'
import { onSessionEnd, type Problem, problemOf } from './api.ts'
import { Button } from './components/button.tsx'
import { TextField } from './components/fields.tsx'
import { ProblemAlert, ProblemNotice } from './components/notice.tsx'
import { useAction } from './components/use-action.ts'
import {
  announceSession,
  onSessionElsewhere,
  readSession,
  readSignInMethods,
  rememberPage,
  returnToPage,
  type Session,
  signIn,
} from './session.ts'

/** Shows the sign-in page until there is a session. */
export async function untilSignedIn(root: HTMLElement): Promise<Session> {
  for (;;) {
    try {
      const session = await readSession()
      if (session !== null) {
        returnToPage()
        announceSession()
        return session
      }
      const methods = await readSignInMethods()
      return await showUntil<Session>(root, (done) => (
        <SignIn methods={methods} onSignedIn={done} />
      ))
    } catch (error) {
      const problem = problemOf(error)
      await showUntil<void>(root, (done) => <TryAgain problem={problem} onClick={done} />)
    }
  }
}

/** Renders a view until it calls `done`. Resolves with the value. */
const showUntil = <Value,>(root: HTMLElement, view: (done: (value: Value) => void) => VNode) =>
  new Promise<Value>((resolve) => render(view(resolve), root))

/** A page without navigation. */
function BarePage({ title, children }: { title: string; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} - Mailgrant`
  }, [title])
  return (
    <div class="alone">
      <main class="stack">
        <span class="brand">Mailgrant</span>
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  )
}

type SignInProps = { methods: SignInMethods; onSignedIn: (session: Session) => void }

const SignIn = ({ methods, onSignedIn }: SignInProps) => (
  <BarePage title="Sign in">
    {methods.microsoft && (
      <>
        <div class="row" ref={focusLink}>
          <a class="button main" href={MICROSOFT} onClick={rememberPage}>
            Sign in with Microsoft
          </a>
        </div>
        <h2>Or with {methods.keys === 'root' ? 'the root key' : 'an API key'}</h2>
      </>
    )}
    <p class="quiet">
      {methods.keys === 'all' && !methods.microsoft && 'Sign in with an API key. '}
      {methods.keys === 'all' && 'The first one is the root key. '}
      {methods.keys === 'root' && 'The console accepts only the root key. '}
      {PLACES[methods.root_key]}
    </p>
    <KeyForm methods={methods} onSignedIn={onSignedIn} />
  </BarePage>
)

const LOST = (
  <>
    {' '}
    If it is lost, <code>npm start -- --new-root-key</code> makes a new one.
  </>
)

const PLACES: Record<SignInMethods['root_key'], VNode> = {
  setting: (
    <>
      It is the setting <code>ROOT_API_KEY</code>.
    </>
  ),
  file: (
    <>
      Mailgrant wrote it to the file <code>root-key</code> in its data folder.{LOST}
    </>
  ),
  shown: (
    <>
      Mailgrant printed it in the terminal of its first start, or wrote it to the file{' '}
      <code>root-key</code>, which has since been deleted.{LOST}
    </>
  ),
}

const MICROSOFT = '/console/sign-in'

const focusLink = (row: HTMLElement | null) => row?.querySelector('a')?.focus()

function TryAgain(props: { problem: Problem; onClick: () => void }) {
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => row.current?.querySelector('button')?.focus(), [])
  return (
    <BarePage title="The console could not be opened">
      <ProblemNotice problem={props.problem} />
      <div class="row" ref={row}>
        <Button class="main" onClick={() => props.onClick()}>
          Try again
        </Button>
      </div>
    </BarePage>
  )
}

function KeyForm({ methods, onSignedIn }: SignInProps) {
  const [key, setKey] = useState('')
  const { busy, problem, run } = useAction()
  const form = useRef<HTMLFormElement>(null)
  const input = () => form.current?.querySelector('input')
  useEffect(() => {
    if (!methods.microsoft) input()?.focus()
  }, [])

  const submit = () =>
    signIn(key).then(onSignedIn, (error) => {
      input()?.select()
      throw error
    })
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault()
        void run(submit)
      }}
    >
      <TextField
        label="API key"
        type="password"
        autocomplete="current-password"
        required
        value={key}
        onChange={setKey}
      />
      <ProblemAlert problem={problem} />
      <div class="row">
        <Button type="submit" class={methods.microsoft ? undefined : 'main'} busy={busy}>
          Sign in
        </Button>
      </div>
    </form>
  )
}

/**
 * Renews an expired session in a dialog over the page, which keeps what was typed. All calls that wait share
 * one dialog. `onSignedIn` receives the new session, whose key may be a different one.
 */
export function renewInDialog(onSignedIn: (session: Session) => void): void {
  let open: Promise<void> | null = null
  onSessionEnd(() => {
    open ??= showDialog(onSignedIn).finally(() => {
      open = null
    })
    return open
  })
}

async function showDialog(onSignedIn: (session: Session) => void): Promise<void> {
  const focused = document.activeElement
  const container = document.createElement('div')
  document.body.append(container)
  const methods = await readSignInMethods()
  onSignedIn(
    await showUntil<Session>(container, (done) => (
      <SignInAgain methods={methods} onSignedIn={done} />
    )),
  )
  render(null, container)
  container.remove()
  // A dialog that is removed does not restore the focus.
  if (focused instanceof HTMLElement) focused.focus()
}

function SignInAgain({ methods, onSignedIn }: SignInProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  useEffect(() => onSessionElsewhere(onSignedIn), [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby="sign-in-again"
      onCancel={(event) => event.preventDefault()}
      // A second Escape closes it anyway, and the waiting calls would never end.
      onClose={() => dialog.current?.showModal()}
    >
      <h2 id="sign-in-again">Your session has expired</h2>
      <p class="quiet">Sign in again to continue. What you typed is still there.</p>
      {methods.microsoft && (
        <p>
          <a class="button main" href={MICROSOFT} target="_blank" rel="noopener">
            Sign in with Microsoft in a new tab
          </a>
        </p>
      )}
      <KeyForm methods={methods} onSignedIn={onSignedIn} />
    </dialog>
  )
}
