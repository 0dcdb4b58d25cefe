/** Signing in with an API key, and again in a dialog over the page when the session has ended. */
import { onSessionEnd, send } from './api.ts'
import { fill, h } from './dom.ts'
import { whileBusy } from './ui/busy.ts'
import { textField } from './ui/fields.ts'
import { problemNotice } from './ui/notice.ts'

export type Session = {
  key: { id: string; name: string; scopes: string[] }
  expires_at: string
}

export async function readSession(): Promise<Session | null> {
  const response = await send('/console/session', {})
  return response.ok ? ((await response.json()) as Session) : null
}

export const signOut = () => send('/console/session', { method: 'DELETE', body: {} })

/** The page that asks for a key, in place of everything. Resolves when a key was taken. */
export function askForKey(root: HTMLElement): Promise<void> {
  return new Promise((resolve) => {
    document.title = 'Sign in - Mailgrant'
    fill(
      root,
      h(
        'div',
        { class: 'alone' },
        h(
          'main',
          { class: 'stack' },
          h('span', { class: 'brand' }, 'Mailgrant'),
          h('h1', {}, 'Sign in'),
          h(
            'p',
            { class: 'quiet' },
            'With an API key of this Mailgrant. Whoever runs it has the first one: it is the setting ',
            h('code', {}, 'ROOT_API_KEY'),
            '. The demo prints its key when it starts.',
          ),
          keyForm(resolve),
        ),
      ),
    )
    root.querySelector('input')?.focus()
  })
}

/** Over the page, which keeps what was typed into it. All calls that wait share one dialog. */
export function renewInDialog(): void {
  let open: Promise<void> | null = null
  onSessionEnd(() => {
    open ??= showDialog().finally(() => {
      open = null
    })
    return open
  })
}

function showDialog(): Promise<void> {
  return new Promise((resolve) => {
    const dialog = h(
      'dialog',
      { 'aria-labelledby': 'sign-in-again', oncancel: (event: Event) => event.preventDefault() },
      h('h2', { id: 'sign-in-again' }, 'Your session has ended'),
      h('p', { class: 'quiet' }, 'Sign in again to go on. What you have typed is still there.'),
      keyForm(() => {
        dialog.close()
        dialog.remove()
        resolve()
      }),
    )
    document.body.append(dialog)
    dialog.showModal()
  })
}

function keyForm(done: () => void): HTMLFormElement {
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
          if (response?.ok) return done()
          fill(wrong, problemNotice(await refusal(response)))
          key.input.select()
        })
      },
    },
    key.element,
    wrong,
    h('div', { class: 'row' }, button),
  )
}

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
