/** The visible part of a credential, with the values to upload or enter at Entra. */
import { useRef } from 'preact/hooks'
import type { Credential } from '../../../../schema/credential.ts'
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import { Download } from '../../components/button.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { Day } from '../../components/time.tsx'

type Certificate = Extract<Credential, { type: 'certificate' }>

export function StoredCredential({ credential }: { credential: Credential | null }) {
  const thumbprint = credential?.type === 'certificate' ? credential.thumbprint_sha256 : null
  const first = useRef(thumbprint)
  if (credential === null) return <>None is stored yet.</>
  if (credential.type === 'client_secret') return <CredentialSummary credential={credential} />
  return (
    // A new certificate must be uploaded to Entra.
    <details key={thumbprint} open={thumbprint !== null && thumbprint !== first.current}>
      <summary>
        <CredentialSummary credential={credential} />
      </summary>
      {credential.type === 'federated' ? (
        <FederatedView values={credential} />
      ) : (
        <CertificateView credential={credential} name="Mailgrant certificate" />
      )}
    </details>
  )
}

/** "Client secret that begins with abc, expires on Nov 24, 2028"; a federated credential does not expire. */
export function CredentialSummary({ credential }: { credential: Credential }) {
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

/** `name`: of the file. */
export function CertificateView(props: { credential: Certificate; name: string }) {
  const { credential, name } = props
  const { certificate, thumbprint_sha256: thumbprint, expires_at } = credential
  return (
    <div class="stack">
      <p>
        Upload it in the Microsoft Entra admin center, in the app registration under Certificates
        &amp; secrets &gt; Certificates &gt; Upload certificate. It is public. Only the key, which
        stays here, is secret.
      </p>
      <div class="row">
        <Download
          text={certificate}
          file={`${name.replaceAll(' ', '-')}.pem`}
          label="Download for Entra"
        />
      </div>
      <p class="quiet small">
        It expires on <Day time={expires_at} />. Its SHA-256 thumbprint is <code>{thumbprint}</code>
        .
      </p>
    </div>
  )
}

export type FederatedValues = IntegrationSettings['federated']

/** Shows the values under the labels of Entra. */
export const FederatedView = ({ values }: { values: Omit<FederatedValues, 'available'> }) => (
  <div class="stack">
    <p>
      In the Microsoft Entra admin center, open Certificates &amp; secrets &gt; Federated
      credentials &gt; Add credential &gt; Other issuer in the app registration. Enter these values
      exactly. Entra may take a few minutes to accept them.
    </p>
    {fields.map(([name, label]) => (
      <div key={name}>
        <span class="quiet">{label}</span>
        <Copyable text={values[name]} name={label} />
      </div>
    ))}
  </div>
)

const fields = [
  ['issuer', 'Issuer'],
  ['subject', 'Value (subject identifier)'],
  ['audience', 'Audience'],
] as const
