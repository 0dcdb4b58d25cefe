/** What the app proves itself with: a client secret, which goes in and never comes out. */
import type { Credential } from '../../../../schema/credential.ts'
import type { IntegrationSettingsInput } from '../../../../schema/integration.ts'
import { fill, h } from '../../dom.ts'
import { type Field, textField } from '../../ui/fields.ts'
import { day } from '../../ui/time.ts'

export type CredentialPart = {
  element: HTMLElement
  /** What to send; undefined leaves the stored one as it is. */
  read: () => IntegrationSettingsInput['credential']
  typed: () => boolean
  /** Shows what is stored and forgets what was typed. */
  settle: (stored: Credential | null) => void
  /** By the JSON pointers of the API's complaints. */
  fields: Record<string, Field>
}

export function credentialPart(): CredentialPart {
  const secret = textField({
    label: 'Client secret',
    type: 'password',
    help: 'The text of the column "Value" in Certificates & secrets, not the secret\'s ID.',
  })
  // Not a password of this person: password managers are to leave it alone.
  secret.input.autocomplete = 'new-password'
  const end = textField({
    label: 'End date of this secret',
    type: 'date',
    help: 'As Entra shows it under "Expires". You are warned 30 days before.',
  })
  const stored = h('p', { class: 'quiet small' })

  return {
    element: h(
      'div',
      { class: 'fields' },
      h('div', { class: 'pair' }, secret.element, end.element),
      stored,
    ),
    read: () => {
      const value = secret.input.value.trim()
      if (value === '') return undefined
      return {
        type: 'client_secret',
        client_secret: value,
        ...(end.input.value && { expires_at: endOf(end.input.value) }),
      }
    },
    typed: () => secret.input.value !== '' || end.input.value !== '',
    settle: (credential) => {
      secret.input.value = ''
      end.input.value = ''
      fill(stored, describe(credential))
    },
    fields: {
      '/credential': secret,
      '/credential/client_secret': secret,
      '/credential/expires_at': end,
    },
  }
}

/** Noon in UTC is that same day in nearly every time zone. */
const endOf = (date: string) => `${date}T12:00:00.000Z`

function describe(credential: Credential | null) {
  if (credential === null) return 'No client secret is stored yet.'
  if (credential.type === 'certificate') {
    return ['A certificate is stored; it ends on ', day(credential.expires_at), '.']
  }
  const { hint, expires_at } = credential
  return [
    hint
      ? ['A client secret is stored that begins with ', h('code', {}, hint)]
      : 'A client secret is stored',
    expires_at ? [' and ends on ', day(expires_at)] : ', without an end date',
    '. Leave the field blank to keep it.',
  ]
}
