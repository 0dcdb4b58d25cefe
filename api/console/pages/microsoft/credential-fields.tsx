/** The fields of a credential: a federated one, a certificate or a client secret. The API never returns a secret. */
import type { JSX } from 'preact'
import { Checkbox, SelectField, TextAreaField, TextField } from '../../components/fields.tsx'
import type { Submission } from '../../components/form.tsx'
import { RadioGroup } from '../../components/radio-group.tsx'
import { exactDay } from '../../components/time.tsx'
import {
  type CredentialDraft,
  chooseKind,
  type Kind,
  type Source,
  type Stored,
} from './credential-draft.ts'
import { dayAfter, type Expiry } from './expiry.ts'
import { type FederatedValues, FederatedView } from './federated.tsx'
import { Marked } from './pictures.tsx'

type CredentialFieldsProps = {
  /** Label of the secret, unique on the page. */
  label: string
  /** Number of the first field in the drawing. */
  first: number
  draft: CredentialDraft
  stored: Stored
  /** Values of a federated credential, and whether there can be one. */
  federated: FederatedValues
  /** JSON pointer of the credential in the request. */
  at: string
  submission: Pick<Submission, 'errors' | 'clearErrors'>
  onChange: (changes: Partial<CredentialDraft>) => void
}

export function CredentialFields(props: CredentialFieldsProps) {
  const { draft, stored, federated, at, submission, onChange } = props
  const Fields = fieldsOf[draft.kind]
  return (
    <>
      <RadioGroup<Kind>
        label="Credential"
        help={federated.available ? undefined : NO_FEDERATED}
        value={draft.kind}
        onChange={(kind) => {
          if (kind !== '') onChange(chooseKind(kind, stored))
          submission.clearErrors(at)
        }}
        options={kinds.filter(
          ({ value }) => value !== 'federated' || federated.available || draft.kind === value,
        )}
      />
      <Fields {...props} />
    </>
  )
}

const kinds: readonly { value: Kind; label: string; help: string }[] = [
  { value: 'federated', label: 'Federated credential', help: 'No secret, and nothing expires.' },
  {
    value: 'certificate',
    label: 'Certificate',
    help: 'No secret to copy. Mailgrant reminds you to renew it.',
  },
  { value: 'client_secret', label: 'Client secret', help: 'Copied from Entra. Renew it in time.' },
]

const NO_FEDERATED =
  'A federated credential, without any secret, requires a PUBLIC_URL with https and a public name.'

/** A federated credential has nothing to enter here but the consent to another issuer. */
function FederatedFields({ draft, stored, federated, onChange }: CredentialFieldsProps) {
  const { issuer } = federated
  const isOtherIssuer = stored?.issuer !== undefined && stored.issuer !== issuer
  return (
    <>
      <FederatedView values={federated} />
      {isOtherIssuer && (
        <Checkbox
          label={`The issuer at Entra is now ${issuer}`}
          checked={draft.source === 'made'}
          onChange={(isEntered) => onChange({ source: isEntered ? 'made' : 'keep' })}
        />
      )}
    </>
  )
}

function SecretFields({
  label,
  first,
  draft,
  stored,
  at,
  submission,
  onChange,
}: CredentialFieldsProps) {
  const { errors, clearErrors } = submission
  const expiry = `${at}/expires_at`
  const isStored = stored?.type === 'client_secret'
  return (
    <>
      <Marked number={first}>
        <RadioGroup<Expiry>
          label="When does the secret expire?"
          help="As chosen in Entra. You are warned 30 days before."
          error={draft.expiry === 'date' ? undefined : errors[expiry]}
          value={draft.expiry}
          onChange={(chosen) => {
            onChange({ expiry: chosen })
            clearErrors(expiry)
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
              clearErrors(expiry)
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
            clearErrors(at, `${at}/client_secret`)
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
          submission.clearErrors(at)
        }}
        options={sources.filter(({ value }) => value !== 'keep' || canKeep)}
      />
      {draft.source === 'made' && (
        <TextField
          label="Lifetime in days"
          type="number"
          short
          help="7 to 730. A policy of your organisation may allow fewer."
          error={submission.errors[`${at}/lifetime_days`]}
          value={draft.lifetimeDays}
          onChange={(lifetimeDays) => {
            onChange({ lifetimeDays })
            submission.clearErrors(`${at}/lifetime_days`)
          }}
        />
      )}
      {draft.source === 'own' && <OwnCertificate {...props} />}
    </>
  )
}

function OwnCertificate({ draft, at, submission, onChange }: CredentialFieldsProps) {
  const { errors, clearErrors } = submission
  return (
    <>
      <TextAreaField
        label="Certificate"
        help={'X.509 in PEM, as it is uploaded at Entra: "-----BEGIN CERTIFICATE-----".'}
        error={errors[`${at}/certificate`] ?? errors[at]}
        value={draft.certificate}
        onChange={(certificate) => {
          onChange({ certificate })
          clearErrors(at, `${at}/certificate`)
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
          clearErrors(`${at}/private_key`)
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
