/** The fields of a credential that is typed in: a client secret, or a certificate. It never comes out. */
import { SelectField, TextAreaField, TextField } from '../../components/fields.tsx'
import type { Submission } from '../../components/form.tsx'
import {
  type CredentialDraft,
  chooseKind,
  type Kind,
  type Source,
  type Stored,
} from './credential-draft.ts'

type CredentialFieldsProps = {
  /** Labels that tell two of them on one page apart. */
  labels: { kind: string; secret: string; end: string }
  draft: CredentialDraft
  stored: Stored
  /** JSON pointer of the credential in the request. */
  at: string
  submission: Pick<Submission, 'errors' | 'forget'>
  onChange: (changes: Partial<CredentialDraft>) => void
}

const kinds: { value: Kind; label: string }[] = [
  { value: 'client_secret', label: 'Client secret' },
  { value: 'certificate', label: 'Certificate' },
]

export function CredentialFields(props: CredentialFieldsProps) {
  const { labels, draft, stored, at, submission, onChange } = props
  return (
    <div class="fields">
      <SelectField<Kind>
        label={labels.kind}
        value={draft.kind}
        onChange={(kind) => {
          onChange(chooseKind(kind, stored))
          submission.forget(at)
        }}
        options={kinds}
      />
      {draft.kind === 'client_secret' ? (
        <SecretFields {...props} />
      ) : (
        <CertificateFields {...props} />
      )}
    </div>
  )
}

function SecretFields({ labels, draft, at, submission, onChange }: CredentialFieldsProps) {
  const { errors, forget } = submission
  return (
    <div class="pair">
      <TextField
        label={labels.secret}
        type="password"
        help={'The text of the column "Value" in Certificates & secrets, not the secret\'s ID.'}
        error={errors[`${at}/client_secret`] ?? errors[at]}
        value={draft.secret}
        onChange={(secret) => {
          onChange({ secret })
          forget(at, `${at}/client_secret`)
        }}
        // Not a password of this person: password managers are to leave it alone.
        autocomplete="new-password"
      />
      <TextField
        label={labels.end}
        type="date"
        help={'As Entra shows it under "Expires". You are warned 30 days before.'}
        error={errors[`${at}/expires_at`]}
        value={draft.end}
        onChange={(end) => {
          onChange({ end })
          forget(`${at}/expires_at`)
        }}
      />
    </div>
  )
}

const sources: { value: Source; label: string }[] = [
  { value: 'keep', label: 'Stay as they are stored' },
  { value: 'made', label: 'Are made by Mailgrant (the key never leaves it)' },
  { value: 'own', label: 'Are my own: I paste them' },
]

function CertificateFields(props: CredentialFieldsProps) {
  const { draft, stored, at, submission, onChange } = props
  const canKeep = stored?.type === 'certificate'
  return (
    <div class="fields">
      <SelectField<Source>
        label="The certificate and its key"
        value={draft.source}
        onChange={(source) => {
          onChange({ source })
          submission.forget(at)
        }}
        options={sources.filter(({ value }) => value !== 'keep' || canKeep)}
      />
      {draft.source === 'own' && <OwnCertificate {...props} />}
    </div>
  )
}

function OwnCertificate({ draft, at, submission, onChange }: CredentialFieldsProps) {
  const { errors, forget } = submission
  return (
    <div class="pair">
      <TextAreaField
        label="Certificate"
        help={'X.509 in PEM, as it is uploaded at Entra: "-----BEGIN CERTIFICATE-----".'}
        error={errors[`${at}/certificate`] ?? errors[at]}
        value={draft.certificate}
        onChange={(certificate) => {
          onChange({ certificate })
          forget(at, `${at}/certificate`)
        }}
      />
      <TextAreaField
        label="Private key"
        help={
          'PKCS#8 in PEM, RSA of 2048 bits or more, not encrypted: "-----BEGIN PRIVATE KEY-----". It is not shown again.'
        }
        error={errors[`${at}/private_key`]}
        value={draft.privateKey}
        onChange={(privateKey) => {
          onChange({ privateKey })
          forget(`${at}/private_key`)
        }}
        autocomplete="off"
      />
    </div>
  )
}
