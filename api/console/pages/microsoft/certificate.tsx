/** A public certificate, to be uploaded to Entra. */
import { useEffect, useMemo } from 'preact/hooks'
import type { Credential } from '../../../../schema/credential.ts'
import { Copyable } from '../../components/copyable.tsx'
import { Day } from '../../components/time.tsx'

type Certificate = Extract<Credential, { type: 'certificate' }>

/** `name`: name of the file, and of the certificate for screen readers. */
export function CertificateView(props: { credential: Certificate; name: string }) {
  const { credential, name } = props
  const { certificate, thumbprint_sha256: thumbprint, expires_at, upload } = credential
  return (
    <div class="stack">
      <p>
        Upload it in the Entra admin center, at the app registration: Certificates &amp; secrets
        &gt; Certificates &gt; Upload certificate. It is public: only the key, which stays here, is
        secret.
      </p>
      <div class="row">
        <a
          class="button"
          href={useFileUrl(certificate)}
          download={`${name.replaceAll(' ', '-')}.pem`}
        >
          Download for Entra
        </a>
      </div>
      <details>
        <summary>As text</summary>
        <Copyable text={certificate} name={name} lines />
      </details>
      {upload && (
        <details>
          <summary>Add it with a command</summary>
          <div class="stack">
            <p class="quiet">Each keeps the certificates that the app has already.</p>
            <p>Azure CLI</p>
            <Copyable text={upload.azure_cli} name={`command of the Azure CLI, ${name}`} lines />
            <p>PowerShell, with the module Microsoft.Graph.Applications</p>
            <Copyable text={upload.powershell} name={`command of PowerShell, ${name}`} lines />
          </div>
        </details>
      )}
      <p class="quiet small">
        It expires on <Day time={expires_at} />. Its SHA-256 thumbprint is <code>{thumbprint}</code>
        .
      </p>
    </div>
  )
}

/** Returns the URL of a file with this text, which is revoked with the component. */
function useFileUrl(pem: string): string {
  const url = useMemo(
    () => URL.createObjectURL(new Blob([pem], { type: 'application/x-pem-file' })),
    [pem],
  )
  useEffect(() => () => URL.revokeObjectURL(url), [url])
  return url
}
