/** The fields of a credential: a federated one, a certificate or a client secret. The API never returns a secret. */
import type { JSX } from 'preact'
import type { Credential } from '../../../../schema/credential.ts'
import { Checkbox, TextField } from '../../components/fields.tsx'
import { type FieldsPart, fieldOf } from '../../components/form.tsx'
import { RadioGroup } from '../../components/radio-group.tsx'
import type { CredentialDraft, Kind } from './credential-draft.ts'
import { CertificateView, type FederatedValues, FederatedView } from './credential-views.tsx'

type CredentialFieldsProps = {
  /** Label of the secret, unique on the page. */
  label: string
  part: FieldsPart<CredentialDraft>
  /** The credential that can be kept. */
  stored: Credential | null
  /** Values of a federated credential, and whether there can be one. */
  federated: FederatedValues
  /** JSON pointer of the credential in the request. */
  at: string
  /** The setup script adds the credential, or the steps by hand beside the fields do. */
  isScripted?: boolean
}

export function CredentialFields(props: CredentialFieldsProps) {
  const { part, federated } = props
  const { kind } = part.values
  const Fields = fieldsOf[kind]
  return (
    <>
      <RadioGroup<Kind>
        label="Credential"
        help={federated.available ? undefined : NO_FEDERATED}
        value={kind}
        onChange={(chosen) => {
          if (chosen !== '') part.change({ kind: chosen, isNewIssuer: false })
        }}
        options={kinds.filter(
          ({ value }) => value !== 'federated' || federated.available || kind === value,
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
  'A federated credential, without any secret, requires that Mailgrant has a public https address.'

/** A federated credential has nothing to enter here but the consent to another issuer. */
function FederatedFields({ part, stored, federated, isScripted }: CredentialFieldsProps) {
  const { issuer } = federated
  const isOtherIssuer = stored?.type === 'federated' && stored.issuer !== issuer
  return (
    <>
      {!isScripted && <FederatedView values={federated} />}
      {isOtherIssuer && (
        <Checkbox
          label={`The issuer at Entra is now ${issuer}`}
          checked={part.values.isNewIssuer}
          onChange={(isNewIssuer) => part.change({ isNewIssuer })}
        />
      )}
    </>
  )
}

function SecretFields({ label, part, stored, at }: CredentialFieldsProps) {
  const isStored = stored?.type === 'client_secret'
  return (
    <>
      <TextField
        {...fieldOf(part, 'secret', `${at}/client_secret`, at)}
        label={label}
        type="password"
        help={`In Entra, under Certificates & secrets: the "Value" of the secret, not its "Secret ID".${isStored ? ' Leave blank to keep the stored one.' : ''}`}
        // Keeps password managers away, since this is not a password of the person.
        autocomplete="new-password"
      />
      <TextField
        {...fieldOf(part, 'end', `${at}/expires_at`)}
        label="Expiry date"
        type="date"
        short
        help="Entra shows it beside the secret. Mailgrant warns you 30 days before."
      />
    </>
  )
}

/** A stored certificate is kept, since another one must be uploaded before it is used. */
function CertificateFields({ part, stored, at, isScripted }: CredentialFieldsProps) {
  if (stored?.type !== 'certificate') {
    return (
      <TextField
        {...fieldOf(part, 'lifetimeDays', `${at}/lifetime_days`)}
        label="Lifetime in days"
        type="number"
        short
        help="7 to 730. A policy of your organisation may allow fewer. Mailgrant generates the certificate, and the key never leaves it."
      />
    )
  }
  return isScripted ? (
    <details>
      <summary>To add it by hand</summary>
      <CertificateView credential={stored} name="Mailgrant certificate" />
    </details>
  ) : (
    <p class="quiet">To replace the stored certificate, rotate the credential.</p>
  )
}

const fieldsOf: Record<Kind, (props: CredentialFieldsProps) => JSX.Element> = {
  federated: FederatedFields,
  certificate: CertificateFields,
  client_secret: SecretFields,
}
