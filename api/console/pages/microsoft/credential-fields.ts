/** What the app proves itself with, typed in: a client secret, or a certificate. It never comes out. */
import type { Credential, CredentialInput } from '../../../../schema/credential.ts'
import { h } from '../../dom.ts'
import { type Field, selectField, textArea, textField } from '../../ui/fields.ts'

/** `made` and `own` are certificates: of a key that is made here, or of one that is brought along. */
export type Kind = Credential['type']
type Source = 'keep' | 'made' | 'own'

export type CredentialFields = {
  element: HTMLElement
  /** Undefined when nothing was typed. */
  read: () => CredentialInput | undefined
  /** Whether anything differs from what `reset` left. */
  typed: () => boolean
  /** Forgets what was typed. `stored` is what can be kept. */
  reset: (stored: Kind | null) => void
  /** Where complaints belong just now, by JSON pointers under `at`. */
  fields: (at: string) => Record<string, Pick<Field<HTMLElement>, 'complain' | 'input'>>
}

/** `secret` names the field of the client secret: two of them may stand on one page. */
export function credentialFields(names: { kind: string; secret: string; end: string }) {
  const kind = selectField<Kind>({
    label: names.kind,
    options: [
      { value: 'client_secret', label: 'Client secret' },
      { value: 'certificate', label: 'Certificate' },
    ],
  })
  const secret = textField({
    label: names.secret,
    type: 'password',
    help: 'The text of the column "Value" in Certificates & secrets, not the secret\'s ID.',
  })
  // Not a password of this person: password managers are to leave it alone.
  secret.input.autocomplete = 'new-password'
  const end = textField({
    label: names.end,
    type: 'date',
    help: 'As Entra shows it under "Expires". You are warned 30 days before.',
  })
  const source = sourcePart()
  const pair = h('div', { class: 'pair' }, secret.element, end.element)
  let kept: Kind = 'client_secret'

  const isSecret = () => kind.input.value === 'client_secret'
  const show = () => {
    pair.hidden = !isSecret()
    source.element.hidden = isSecret()
  }
  kind.input.addEventListener('input', () => {
    source.offer(kept === 'certificate')
    show()
  })

  const readSecret = (): CredentialInput | undefined => {
    const value = secret.input.value.trim()
    if (value === '') return undefined
    return {
      type: 'client_secret',
      client_secret: value,
      ...(end.input.value && { expires_at: noonOf(end.input.value) }),
    }
  }
  const parts: CredentialFields = {
    element: h('div', { class: 'fields' }, kind.element, pair, source.element),
    read: () => (isSecret() ? readSecret() : source.read()),
    typed: () =>
      kind.input.value !== kept ||
      (isSecret() ? secret.input.value !== '' || end.input.value !== '' : source.typed()),
    reset: (stored) => {
      kept = stored ?? 'client_secret'
      kind.input.value = kept
      secret.input.value = ''
      end.input.value = ''
      source.reset()
      source.offer(stored === 'certificate')
      show()
    },
    fields: (at) => ({
      [at]: isSecret() ? secret : source.fields.certificate,
      [`${at}/client_secret`]: secret,
      [`${at}/expires_at`]: end,
      [`${at}/private_key`]: source.fields.key,
      [`${at}/certificate`]: source.fields.certificate,
    }),
  }
  parts.reset(null)
  return parts
}

/** Noon in UTC is that same day in nearly every time zone. */
const noonOf = (date: string) => `${date}T12:00:00.000Z`

/** Where a certificate comes from. */
function sourcePart() {
  const source = selectField<Source>({
    label: 'The certificate and its key',
    options: [
      { value: 'keep', label: 'Stay as they are stored' },
      { value: 'made', label: 'Are made by Mailgrant (the key never leaves it)' },
      { value: 'own', label: 'Are my own: I paste them' },
    ],
  })
  const certificate = textArea({
    label: 'Certificate',
    help: 'X.509 in PEM, as it is uploaded at Entra: "-----BEGIN CERTIFICATE-----".',
  })
  const key = textArea({
    label: 'Private key',
    help: 'PKCS#8 in PEM, RSA of 2048 bits or more, not encrypted: "-----BEGIN PRIVATE KEY-----". It is not shown again.',
  })
  key.input.autocomplete = 'off'
  const own = h('div', { class: 'pair' }, certificate.element, key.element)
  const keep = source.input.querySelector<HTMLOptionElement>('option[value="keep"]')
  const show = () => {
    own.hidden = source.input.value !== 'own'
  }
  source.input.addEventListener('input', show)
  return {
    element: h('div', { class: 'fields' }, source.element, own),
    fields: { certificate, key },
    /** `kept`: there is a certificate that can stay. */
    offer: (kept: boolean) => {
      if (keep) keep.hidden = keep.disabled = !kept
      source.input.value = kept ? 'keep' : 'made'
      show()
    },
    reset: () => {
      certificate.input.value = ''
      key.input.value = ''
    },
    typed: () => source.input.value !== 'keep',
    read: (): CredentialInput | undefined => {
      if (source.input.value === 'keep') return undefined
      if (source.input.value === 'made') return { type: 'certificate' }
      const [privateKey, pem] = [key.input.value.trim(), certificate.input.value.trim()]
      if (privateKey === '' && pem === '') return undefined
      return {
        type: 'certificate',
        ...(privateKey && { private_key: privateKey }),
        ...(pem && { certificate: pem }),
      }
    },
  }
}
