/** A public certificate, to be taken to Entra. */
import type { Credential } from '../../../../schema/credential.ts'
import { h } from '../../dom.ts'
import { copyable } from '../../ui/copy.ts'
import { day } from '../../ui/time.ts'

type Certificate = Extract<Credential, { type: 'certificate' }>

/** `name` is what the file is called, and the certificate for screen readers. */
export const certificateView = (
  { certificate, thumbprint_sha256: thumbprint, expires_at }: Certificate,
  name: string,
) =>
  h(
    'div',
    { class: 'stack' },
    h(
      'p',
      {},
      'Upload it in the Entra admin center, at the app registration: Certificates & secrets > Certificates > Upload certificate. It is public: only the key, which stays here, is secret.',
    ),
    h(
      'div',
      { class: 'row' },
      h(
        'a',
        {
          class: 'button',
          href: fileOf(certificate),
          download: `${name.replaceAll(' ', '-')}.pem`,
        },
        'Download for Entra',
      ),
    ),
    h('details', {}, h('summary', {}, 'As text'), copyable(certificate, name, { lines: true })),
    h(
      'p',
      { class: 'quiet small' },
      'It ends on ',
      day(expires_at),
      '. Its SHA-256 thumbprint is ',
      h('code', {}, thumbprint),
      '.',
    ),
  )

/** It lives as long as the page of the browser: a few of them, two kilobytes each. */
const fileOf = (pem: string) =>
  URL.createObjectURL(new Blob([pem], { type: 'application/x-pem-file' }))

/** What it is, in one sentence that goes on. */
export function credentialWords(credential: Credential) {
  if (credential.type === 'certificate') {
    return ['A certificate that ends on ', day(credential.expires_at)]
  }
  const { hint, expires_at } = credential
  return [
    hint ? ['A client secret that begins with ', h('code', {}, hint)] : 'A client secret',
    expires_at ? [' and ends on ', day(expires_at)] : ', without an end date',
  ]
}
