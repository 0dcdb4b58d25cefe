/** The fields of a credential: a federated one, a certificate or a client secret. The API never returns a secret. */
import type { JSX } from 'preact'
import { Button } from '../../components/button.tsx'
import { SelectField, TextAreaField, TextField } from '../../components/fields.tsx'
import type { Submission } from '../../components/form.tsx'
import { RadioField } from '../../components/radio-field.tsx'
import { exactDay } from '../../components/time.tsx'
import {
  type CredentialDraft,
  chooseKind,
  type Kind,
  type Source,
  type Stored,
} from './credential-draft.ts'
import { dayAfter, type Expiry } from './expiry.ts'
import { Marked } from './pictures.tsx'

type CredentialFieldsProps = {
  /** Label of the secret, unique on the page. */
  label: string
  /** Number of the first field in the drawing. */
  first: number
  draft: CredentialDraft
  stored: Stored
  /** JSON pointer of the credential in the request. */
  at: string
  submission: Pick<Submission, 'errors' | 'forget'>
  onChange: (changes: Partial<CredentialDraft>) => void
}

export function CredentialFields(props: CredentialFieldsProps) {
  const { draft, stored, at, submission, onChange } = props
  const Fields = fieldsOf[draft.kind]
  return (
    <>
      <Fields {...props} />
      {kinds
        .filter((kind) => kind !== draft.kind)
        .map((kind) => (
          <div key={kind}>
            <Button
              class="link"
              onClick={() => {
                onChange(chooseKind(kind, stored))
                submission.forget(at)
              }}
            >
              {`Use a ${names[kind]} instead`}
            </Button>
          </div>
        ))}
    </>
  )
}

const kinds: readonly Kind[] = ['federated', 'certificate', 'client_secret']
const names: Record<Kind, string> = {
  federated: 'federated credential',
  certificate: 'certificate',
  client_secret: 'client secret',
}

/** A federated credential has no fields: its values are entered at Entra. */
const FederatedFields = () => (
  <div>
    <strong>Federated credential</strong>
    <p class="quiet">
      There is no secret: Entra trusts what Mailgrant signs. First add it at Entra, by script or by
      the steps of the app registration.
    </p>
  </div>
)

function SecretFields({
  label,
  first,
  draft,
  stored,
  at,
  submission,
  onChange,
}: CredentialFieldsProps) {
  const { errors, forget } = submission
  const expiry = `${at}/expires_at`
  const isStored = stored?.type === 'client_secret'
  return (
    <>
      <Marked number={first}>
        <RadioField<Expiry>
          label="When does the secret expire?"
          help="As chosen in Entra. You are warned 30 days before."
          error={draft.expiry === 'date' ? undefined : errors[expiry]}
          value={draft.expiry}
          onChange={(chosen) => {
            onChange({ expiry: chosen })
            forget(expiry)
          }}
          options={expiries(new Date())}
        />
      </Marked>
      {draft.expiry === 'date' && (
        <Marked number={undefined}>
          <TextField
            label="Expiry date"
            type="date"
            error={errors[expiry]}
            value={draft.end}
            onChange={(end) => {
              onChange({ end })
              forget(expiry)
            }}
          />
        </Marked>
      )}
      <Marked number={first + 1}>
        <TextField
          label={label}
          type="password"
          help={`The "Value" of the secret, not its "Secret ID".${isStored ? ' Leave blank to keep the stored one.' : ''}`}
          error={errors[`${at}/client_secret`] ?? errors[at]}
          value={draft.secret}
          onChange={(secret) => {
            onChange({ secret })
            forget(at, `${at}/client_secret`)
          }}
          // Keeps password managers away: this is not a password of the person.
          autocomplete="new-password"
        />
      </Marked>
    </>
  )
}

const expiries = (now: Date): { value: Expiry; label: string; help?: string }[] => [
  {
    value: '730',
    label: "In 24 months, Entra's maximum",
    help: `(${exactDay(dayAfter('730', now))})`,
  },
  { value: '180', label: 'In 6 months', help: `(${exactDay(dayAfter('180', now))})` },
  { value: 'date', label: 'On another date' },
  { value: 'unknown', label: "I don't know", help: '(no warning before mailboxes stop working)' },
]

const sources: { value: Source; label: string }[] = [
  { value: 'keep', label: 'Keep the stored ones' },
  { value: 'made', label: 'Created by Mailgrant (the key never leaves it)' },
  { value: 'own', label: 'My own, pasted here' },
]

function CertificateFields(props: CredentialFieldsProps) {
  const { draft, stored, at, submission, onChange } = props
  const canKeep = stored?.type === 'certificate'
  return (
    <>
      <SelectField<Source>
        label="Certificate and key"
        value={draft.source}
        onChange={(source) => {
          onChange({ source })
          submission.forget(at)
        }}
        options={sources.filter(({ value }) => value !== 'keep' || canKeep)}
      />
      {draft.source === 'made' && (
        <TextField
          label="Lifetime in days"
          type="number"
          min="7"
          max="730"
          short
          help="7 to 730. A policy of your organisation may allow fewer."
          error={submission.errors[`${at}/lifetime_days`]}
          value={draft.lifetimeDays}
          onChange={(lifetimeDays) => {
            onChange({ lifetimeDays })
            submission.forget(`${at}/lifetime_days`)
          }}
        />
      )}
      {draft.source === 'own' && <OwnCertificate {...props} />}
    </>
  )
}

function OwnCertificate({ draft, at, submission, onChange }: CredentialFieldsProps) {
  const { errors, forget } = submission
  return (
    <>
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
    </>
  )
}

const fieldsOf: Record<Kind, (props: CredentialFieldsProps) => JSX.Element> = {
  federated: FederatedFields,
  certificate: CertificateFields,
  client_secret: SecretFields,
}
