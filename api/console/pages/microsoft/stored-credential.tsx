/** The visible part of the stored credential. */
import { useRef } from 'preact/hooks'
import type { Credential } from '../../../../schema/credential.ts'
import { Day } from '../../components/time.tsx'
import { CertificateView } from './certificate.tsx'
import { FederatedView } from './federated.tsx'

const thumbprintOf = (credential: Credential | null) =>
  credential?.type === 'certificate' ? credential.thumbprint_sha256 : null

export function StoredCredential({ credential }: { credential: Credential | null }) {
  const thumbprint = thumbprintOf(credential)
  const first = useRef(thumbprint)
  if (credential === null) return <>None is stored yet.</>
  if (credential.type === 'client_secret') return <CredentialWords credential={credential} />
  if (credential.type === 'federated') {
    return (
      <details>
        <summary>
          <CredentialWords credential={credential} />
        </summary>
        <FederatedView values={credential} />
      </details>
    )
  }
  return (
    // A new certificate must be uploaded to Entra.
    <details key={thumbprint} open={thumbprint !== first.current}>
      <summary>
        <CredentialWords credential={credential} />
      </summary>
      <CertificateView credential={credential} name="Mailgrant certificate" />
    </details>
  )
}

/** "Client secret that begins with abc, expires on Nov 24, 2028"; a federated credential does not expire. */
export function CredentialWords({ credential }: { credential: Credential }) {
  if (credential.type === 'federated') {
    return (
      <>
        Federated credential of <code>{credential.issuer}</code>
      </>
    )
  }
  const { expires_at } = credential
  const expiry =
    expires_at === null ? (
      'expiry date not known'
    ) : (
      <>
        expires on <Day time={expires_at} />
      </>
    )
  if (credential.type === 'certificate') return <>Certificate, {expiry}</>
  return (
    <>
      Client secret
      {credential.hint && (
        <>
          {' '}
          that begins with <code>{credential.hint}</code>
        </>
      )}
      , {expiry}
    </>
  )
}
