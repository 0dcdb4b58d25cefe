/** How the account proves itself: the kind, the provider, and what the kind needs. */
import type { Integration } from '../../../../schema/integration.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { fill, h } from '../../dom.ts'
import { type Field, selectField, textField } from '../../ui/fields.ts'
import { appOnlyPart } from './app-only.ts'
import type { Draft } from './draft.ts'
import { kinds } from './kinds.ts'
import { isOffered, missingProvider, onComingBack } from './provider.ts'

export type AuthenticationPart = {
  element: HTMLElement
  read: () => Pick<Draft, 'authentication' | 'tenant'>
  write: (draft: Pick<Draft, 'authentication' | 'tenant'>) => void
  tenant: Field
  isOffered: () => boolean
  /** Where it is said that there is no token, while there is nobody to get one from. */
  noProvider: Pick<Field<HTMLElement>, 'complain' | 'input'>
  password: Field
  passwordEdits: () => number
}

type Around = {
  integration: Integration
  homeTenant: string | null
  saved: MailAccount | null
  /** Where the access token is got and shown. */
  token: HTMLElement
  signal: AbortSignal
}

export function authenticationPart(around: Around): AuthenticationPart {
  const { homeTenant, saved, token, signal } = around
  let { integration } = around
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
  const oauth = h('div', { class: 'fields' })
  const said = h('div', { role: 'status', class: 'unseen' })
  const appOnly = appOnlyPart(homeTenant)
  const chosen = () => kinds.find(({ value }) => value === kind.input.value)?.value ?? 'oauth'
  const show = () => {
    const now = chosen()
    provider.element.hidden = now === 'password' || !isOffered(integration)
    // What is missing of the integration is missing for both.
    oauth.hidden = now === 'password' || (now === 'app_only' && isOffered(integration))
    appOnly.element.hidden = now !== 'app_only'
    password.element.hidden = now !== 'password'
    if (now === 'app_only') appOnly.chosen()
  }
  const offer = (now: Integration) => {
    integration = now
    fill(oauth, missingProvider(now, true) ?? token)
    kind.complain(null)
    show()
  }
  kind.input.addEventListener('input', show)
  offer(integration)
  onComingBack(signal, (now) => {
    // Once it is offered, a refusal says what has changed: a token on its way is not taken from sight.
    if (isOffered(integration)) return
    if (now.status === integration.status && now.configured === integration.configured) return
    offer(now)
    fill(said, isOffered(now) && `${now.name} can be used now.`)
  })

  return {
    element: h(
      'div',
      { class: 'fields' },
      h('div', { class: 'pair' }, kind.element, provider.element),
      said,
      oauth,
      appOnly.element,
      password.element,
    ),
    read: () => ({ authentication: chosen(), tenant: appOnly.tenant.input.value.trim() }),
    write: ({ authentication, tenant }) => {
      kind.input.value = authentication
      appOnly.tenant.input.value = tenant
      show()
    },
    tenant: appOnly.tenant,
    isOffered: () => isOffered(integration),
    noProvider: {
      input: kind.input,
      complain: (message) =>
        kind.complain(message && `${integration.name} cannot be used yet: see what is missing.`),
    },
    password,
    passwordEdits: () => edits,
  }
}
