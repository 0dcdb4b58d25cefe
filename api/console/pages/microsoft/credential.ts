/** What the app proves itself with: what is stored, and another one in its place. */
import type { Credential } from '../../../../schema/credential.ts'
import type { IntegrationSettingsInput } from '../../../../schema/integration.ts'
import { fill, h } from '../../dom.ts'
import type { Field } from '../../ui/fields.ts'
import { day } from '../../ui/time.ts'
import { certificateView } from './certificate.ts'
import { credentialFields } from './credential-fields.ts'

export type CredentialPart = {
  element: HTMLElement
  /** What to send; undefined leaves the stored one as it is. */
  read: () => IntegrationSettingsInput['credential']
  typed: () => boolean
  /** Shows what is stored and forgets what was typed. */
  settle: (stored: Credential | null) => void
  /** By the JSON pointers of the API's complaints, as they belong just now. */
  fields: () => Record<string, Pick<Field<HTMLElement>, 'complain' | 'input'>>
}

export function credentialPart(): CredentialPart {
  const parts = credentialFields({
    kind: 'The app proves itself with',
    secret: 'Client secret',
    end: 'End date of this secret',
  })
  const stored = h('div', { class: 'stack' })
  let shown: string | undefined
  return {
    element: h('div', { class: 'fields' }, parts.element, stored),
    read: parts.read,
    typed: parts.typed,
    settle: (credential) => {
      parts.reset(credential?.type ?? null)
      // A certificate that has just come is to be taken to Entra.
      const which = credential?.type === 'certificate' ? credential.thumbprint_sha256 : ''
      fill(
        stored,
        describe(credential, shown !== undefined && shown !== which),
        credential !== null && atOnce(),
      )
      shown = which
    },
    fields: () => parts.fields('/credential'),
  }
}

const atOnce = () =>
  h(
    'p',
    { class: 'quiet small' },
    'Another one that is saved here is used at once. To try it first, use "Change the credential without a gap" below.',
  )

function describe(credential: Credential | null, isNew: boolean) {
  if (credential === null) {
    return h('p', { class: 'quiet small' }, 'No client secret or certificate is stored yet.')
  }
  if (credential.type === 'certificate') {
    return h(
      'details',
      { open: isNew },
      h('summary', {}, 'A certificate is stored that ends on ', day(credential.expires_at)),
      certificateView(credential, 'Mailgrant certificate'),
    )
  }
  const { hint, expires_at } = credential
  return h(
    'p',
    { class: 'quiet small' },
    hint
      ? ['A client secret is stored that begins with ', h('code', {}, hint)]
      : 'A client secret is stored',
    expires_at ? [' and ends on ', day(expires_at)] : ', without an end date',
    '. Leave the field blank to keep it.',
  )
}
