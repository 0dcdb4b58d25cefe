/** How the account proves itself: the kind, the provider, and what the kind needs. */
import type { Integration } from '../../../../schema/integration.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { h } from '../../dom.ts'
import { type Field, selectField, textField } from '../../ui/fields.ts'
import type { Draft } from './draft.ts'
import { kinds } from './kinds.ts'
import { isOffered, missingProvider } from './provider.ts'

export type AuthenticationPart = {
  element: HTMLElement
  read: () => Draft['authentication']
  write: (kind: Draft['authentication']) => void
  /** Where it is said that there is no token, while there is nobody to get one from. */
  noProvider: Pick<Field<HTMLElement>, 'complain' | 'input'>
  password: Field
  passwordEdits: () => number
}

/** `token` is where the access token is got and shown. */
export function authenticationPart(
  integration: Integration,
  saved: MailAccount | null,
  token: HTMLElement,
): AuthenticationPart {
  const kind = selectField({ label: 'Authentication', options: kinds })
  const provider = selectField({
    label: 'Provider',
    options: [{ value: integration.id, label: integration.name }],
  })
  const stored = saved?.authentication.type === 'password'
  const password = textField({
    label: 'Password',
    type: 'password',
    required: !stored,
    help: stored
      ? 'Leave it blank to keep the stored one. It is never shown.'
      : 'It is stored encrypted and never shown again.',
  })
  // Not a password of this person: password managers are to leave it alone.
  password.input.autocomplete = 'new-password'
  let edits = 0
  password.input.addEventListener('input', () => {
    edits += 1
  })
  const missing = missingProvider(integration)
  const oauth = h('div', { class: 'fields' }, missing ?? token)
  const isOAuth = () => kind.input.value === 'oauth'
  const show = () => {
    provider.element.hidden = !isOAuth() || !isOffered(integration)
    oauth.hidden = !isOAuth()
    password.element.hidden = isOAuth()
  }
  kind.input.addEventListener('input', show)
  show()

  return {
    element: h(
      'div',
      { class: 'fields' },
      h('div', { class: 'pair' }, kind.element, provider.element),
      oauth,
      password.element,
    ),
    read: () => (isOAuth() ? 'oauth' : 'password'),
    write: (value) => {
      kind.input.value = value
      show()
    },
    noProvider: {
      input: kind.input,
      complain: (message) =>
        kind.complain(message && `${integration.name} cannot be used yet: see what is missing.`),
    },
    password,
    passwordEdits: () => edits,
  }
}
