/** Signing in with an API key, and again in a dialog over the page when the session has ended. */
import { type ComponentChildren, render, type VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { onSessionEnd, type Problem, problemOf } from './api.ts'
import { Button } from './components/button.tsx'
import { TextField } from './components/fields.tsx'
import { ProblemAlert, ProblemNotice } from './components/notice.tsx'
import { useAction } from './components/use-action.ts'
import { readSession, type Session, signIn } from './session.ts'

/** Shows the sign-in in place of everything until there is a session. */
export async function untilSignedIn(root: HTMLElement): Promise<Session> {
  for (;;) {
    try {
      const session = await readSession()
      if (session !== null) return session
      return await showUntil<Session>(root, (done) => <SignIn onSignedIn={done} />)
    } catch (error) {
      const problem = problemOf(error)
      await showUntil<void>(root, (done) => <TryAgain problem={problem} onClick={done} />)
    }
  }
}

/** Renders a view until it calls `done`. Resolves with the value. */
const showUntil = <Value,>(root: HTMLElement, view: (done: (value: Value) => void) => VNode) =>
  new Promise<Value>((resolve) => render(view(resolve), root))

/** Frame of what is shown in place of everything. */
function Alone({ title, children }: { title: string; children: ComponentChildren }) {
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

const SignIn = ({ onSignedIn }: { onSignedIn: (session: Session) => void }) => (
  <Alone title="Sign in">
    <p class="quiet">
      Sign in with an API key. The first one is the root key: the setting <code>ROOT_API_KEY</code>,
      or the key that the first start printed and saved as <code>root-key</code> in the data folder.
    </p>
    <KeyForm onSignedIn={onSignedIn} />
  </Alone>
)

function TryAgain(props: { problem: Problem; onClick: () => void }) {
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => row.current?.querySelector('button')?.focus(), [])
  return (
    <Alone title="The console could not be opened">
      <ProblemNotice problem={props.problem} />
      <div class="row" ref={row}>
        <Button class="main" onClick={() => props.onClick()}>
          Try again
        </Button>
      </div>
    </Alone>
  )
}

function KeyForm({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const [key, setKey] = useState('')
  const { busy, problem, run } = useAction()
  const form = useRef<HTMLFormElement>(null)
  const input = () => form.current?.querySelector('input')
  useEffect(() => input()?.focus(), [])

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
        <Button type="submit" class="main" busy={busy}>
          Sign in
        </Button>
      </div>
    </form>
  )
}

/**
 * Asks for the key over the page, which keeps what was typed into it, when the session has ended. All calls
 * that wait share one dialog. `onSignedIn` receives the new session, whose key may be another one.
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
  const place = document.createElement('div')
  document.body.append(place)
  onSignedIn(await showUntil<Session>(place, (done) => <SignInAgain onSignedIn={done} />))
  render(null, place)
  place.remove()
  // A dialog that is removed does not give it back.
  if (focused instanceof HTMLElement) focused.focus()
}

function SignInAgain({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
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
      <KeyForm onSignedIn={onSignedIn} />
    </dialog>
  )
}
