/** The credential that is stored, as far as it may be seen. */
import { useRef } from 'preact/hooks'
import type { Credential } from '../../../../schema/credential.ts'
import { Day } from '../../components/time.tsx'
import { CertificateView } from './certificate.tsx'

const thumbprintOf = (credential: Credential | null) =>
  credential?.type === 'certificate' ? credential.thumbprint_sha256 : null

export function StoredCredential({ credential }: { credential: Credential | null }) {
  const thumbprint = thumbprintOf(credential)
  const first = useRef(thumbprint)
  if (credential === null) {
    return <p class="quiet small">No client secret or certificate is stored yet.</p>
  }
  return (
    <>
      {credential.type === 'certificate' ? (
        // One that has just come is to be taken to Entra.
        <details key={thumbprint} open={thumbprint !== first.current}>
          <summary>
            A certificate is stored that ends on <Day time={credential.expires_at} />
          </summary>
          <CertificateView credential={credential} name="Mailgrant certificate" />
        </details>
      ) : (
        <p class="quiet small">
          {credential.hint ? (
            <>
              A client secret is stored that begins with <code>{credential.hint}</code>
            </>
          ) : (
            'A client secret is stored'
          )}
          <EndOfSecret time={credential.expires_at} />. Leave the field blank to keep it.
        </p>
      )}
      <p class="quiet small">
        Another one that is saved here is used at once. To try it first, use "Change the credential
        without a gap" below.
      </p>
    </>
  )
}

/** Begins the sentence about the stored credential. */
export function CredentialWords({ credential }: { credential: Credential }) {
  if (credential.type === 'certificate') {
    return (
      <>
        A certificate that ends on <Day time={credential.expires_at} />
      </>
    )
  }
  return (
    <>
      {credential.hint ? (
        <>
          A client secret that begins with <code>{credential.hint}</code>
        </>
      ) : (
        'A client secret'
      )}
      <EndOfSecret time={credential.expires_at} />
    </>
  )
}

const EndOfSecret = ({ time }: { time: string | null }) =>
  time === null ? (
    <>, without an end date</>
  ) : (
    <>
      {' '}
      and ends on <Day time={time} />
    </>
  )
