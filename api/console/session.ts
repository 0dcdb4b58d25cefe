/** Signing in with an API key, and again in a dialog over the page when the session has ended. */
import type { ConsoleSession } from '../../schema/console-session.ts'
import { ApiError, onSessionEnd, request, send } from './api.ts'
import { type Children, fill, h } from './dom.ts'
import { whileBusy } from './ui/busy.ts'
import { textField } from './ui/fields.ts'
import { problemNotice } from './ui/notice.ts'

export type Session = ConsoleSession

/** Null: nobody is signed in. Throws ApiError when that cannot be told. */
export async function readSession(): Promise<Session | null> {
  try {
    return (await request<Session>('/console/session', { renew: false })).body
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === 'unauthorized') return null
    throw error
  }
}

export const signOut = () =>
  request('/console/session', { method: 'DELETE', body: {}, renew: false })

/** In place of everything, until somebody is signed in. */
export async function untilSignedIn(root: HTMLElement): Promise<Session> {
  for (;;) {
    try {
      const session = await readSession()
      if (session !== null) return session
      await askForKey(root)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      await askToTryAgain(root, error.problem)
    }
  }
}

function askForKey(root: HTMLElement): Promise<unknown> {
  return new Promise((resolve) => {
    showAlone(
      root,
      'Sign in',
      h(
        'p',
        { class: 'quiet' },
        'Use an API key. The operator has the first one: the root key, which is the setting ',
        h('code', {}, 'ROOT_API_KEY'),
        ', or which the first start has printed or written to ',
        h('code', {}, 'root-key'),
        ' in its data folder.',
      ),
      keyForm(resolve),
    )
    root.querySelector('input')?.focus()
  })
}

function askToTryAgain(root: HTMLElement, problem: ApiError['problem']): Promise<unknown> {
  return new Promise((resolve) => {
    const button = h('button', { class: 'main', type: 'button', onclick: resolve }, 'Try again')
    showAlone(
      root,
      'The console could not be opened',
      problemNotice(problem),
      h('div', { class: 'row' }, button),
    )
    button.focus()
  })
}

function showAlone(root: HTMLElement, title: string, ...content: Children[]): void {
  document.title = `${title} - Mailgrant`
  const brand = h('span', { class: 'brand' }, 'Mailgrant')
  const main = h('main', { class: 'stack' }, brand, h('h1', {}, title), content)
  fill(root, h('div', { class: 'alone' }, main))
}

/**
 * Over the page, which keeps what was typed into it. All calls that wait share one dialog. `signedIn`
 * hears with which key, which need not be the one before.
 */
export function renewInDialog(signedIn: (session: Session) => void): void {
  let open: Promise<void> | null = null
  onSessionEnd(() => {
    open ??= showDialog(signedIn).finally(() => {
      open = null
    })
    return open
  })
}

function showDialog(signedIn: (session: Session) => void): Promise<void> {
  return new Promise((resolve) => {
    let taken = false
    const dialog: HTMLDialogElement = h(
      'dialog',
      {
        'aria-labelledby': 'sign-in-again',
        oncancel: (event: Event) => event.preventDefault(),
        // A second Escape closes it in spite of that, and whatever waits would wait for ever.
        onclose: () => {
          if (!taken) dialog.showModal()
        },
      },
      h('h2', { id: 'sign-in-again' }, 'Your session has ended'),
      h('p', { class: 'quiet' }, 'Sign in again to go on. What you have typed is still there.'),
      keyForm((session) => {
        taken = true
        signedIn(session)
        dialog.close()
        dialog.remove()
        resolve()
      }),
    )
    document.body.append(dialog)
    dialog.showModal()
  })
}

function keyForm(done: (session: Session) => void): HTMLFormElement {
  const key = textField({ label: 'API key', type: 'password', required: true })
  key.input.autocomplete = 'current-password'
  const wrong = h('div', { role: 'alert' })
  const button = h('button', { class: 'main', type: 'submit' }, 'Sign in')
  return h(
    'form',
    {
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault()
        fill(wrong)
        void whileBusy(button, async () => {
          const response = await send('/console/session', {
            method: 'POST',
            body: {},
            headers: { authorization: `Bearer ${key.input.value.trim()}` },
          }).catch(() => null)
          const session = response?.ok ? ((await response.json()) as Session) : null
          // Read back: a browser may discard the cookie without an error.
          if (session && (await readSession().catch(() => session))) return done(session)
          fill(wrong, problemNotice(session ? cookieNotKept() : await refusal(response)))
          key.input.select()
        })
      },
    },
    key.element,
    wrong,
    h('div', { class: 'row' }, button),
  )
}

const cookieNotKept = () => ({
  title: 'Your browser did not keep the session',
  detail:
    location.protocol === 'https:'
      ? 'The console requires a cookie. Allow cookies for this site, then sign in again.'
      : // https://bugs.webkit.org/show_bug.cgi?id=281149
        'Safari does not store secure cookies on http://localhost. Use Chrome, Edge or Firefox, or open Mailgrant over https.',
})

async function refusal(response: Response | null) {
  if (response === null) {
    return { title: 'Mailgrant does not answer', detail: 'Check the connection, then try again.' }
  }
  if (response.status === 401) {
    return {
      title: 'This key does not work',
      detail: 'Check that all of it was copied, and that it was not revoked.',
    }
  }
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string }
  return { title: problem.title ?? 'No sign-in', detail: problem.detail ?? 'Try again.' }
}
