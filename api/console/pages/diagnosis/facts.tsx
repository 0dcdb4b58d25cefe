/** Optional facts that distinguish causes. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { SelectField, TextField } from '../../components/fields.tsx'
import type { Facts, YesNo } from './draft.ts'

type FactsProps = { facts: Facts; onChange: (changes: Partial<Facts>) => void }

/** The fields of facts. If an account is chosen, the API fills in what it knows. */
export function FactsFields(props: FactsProps & { accounts: readonly MailAccount[] }) {
  const { accounts, facts, onChange } = props
  return (
    <div class="fields">
      {accounts.length > 0 && (
        <SelectField
          label="Email account (optional)"
          help="Adds what Mailgrant knows about it."
          value={facts.mailAccount}
          onChange={(mailAccount) => onChange({ mailAccount })}
          options={[
            { value: '', label: 'None' },
            ...accounts.map(({ id, username, protocol }) => ({
              value: id,
              label: `${username} (${protocol.toUpperCase()})`,
            })),
          ]}
        />
      )}
      <details>
        <summary>More facts</summary>
        <p class="quiet">Each can rule out a cause. Skip what you do not know.</p>
        <div class="pair">
          <Choosable facts={facts} onChange={onChange} />
          <Typed facts={facts} onChange={onChange} />
        </div>
      </details>
    </div>
  )
}

const kinds: { value: Facts['accountType']; label: string }[] = [
  { value: '', label: 'Unknown' },
  { value: 'work', label: 'Work or school' },
  { value: 'personal', label: 'Personal (Outlook.com)' },
]

const others: { value: Facts['otherProtocol']; label: string }[] = [
  { value: '', label: 'Not tried' },
  { value: 'ok', label: 'Works' },
  { value: 'failed', label: 'Fails too' },
]

const Choosable = ({ facts, onChange }: FactsProps) => (
  <>
    <SelectField
      label="Account type"
      value={facts.accountType}
      onChange={(accountType) => onChange({ accountType })}
      options={kinds}
    />
    <YesNoField
      label="Is it a shared mailbox?"
      value={facts.isShared}
      onChange={(isShared) => onChange({ isShared })}
    />
    <YesNoField
      label="Has it worked before?"
      value={facts.workedBefore}
      onChange={(workedBefore) => onChange({ workedBefore })}
    />
    <YesNoField
      label="Does it work sometimes?"
      value={facts.worksAtTimes}
      onChange={(worksAtTimes) => onChange({ worksAtTimes })}
    />
    <SelectField
      label="The other protocol (IMAP or SMTP)"
      value={facts.otherProtocol}
      onChange={(otherProtocol) => onChange({ otherProtocol })}
      options={others}
    />
  </>
)

const Typed = ({ facts, onChange }: FactsProps) => (
  <>
    <TextField
      label="Mailbox"
      placeholder="support@contoso.com"
      value={facts.username}
      onChange={(username) => onChange({ username })}
    />
    <TextField
      label="Who signed in"
      placeholder="alice@contoso.com"
      value={facts.signedInAs}
      onChange={(signedInAs) => onChange({ signedInAs })}
    />
    <TextField
      label="Server"
      placeholder="outlook.office365.com"
      value={facts.host}
      onChange={(host) => onChange({ host })}
    />
    <TextField
      label="Port"
      type="number"
      placeholder="993"
      value={facts.port}
      onChange={(port) => onChange({ port })}
    />
  </>
)

const answers: { value: YesNo; label: string }[] = [
  { value: '', label: 'Unknown' },
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
]

const YesNoField = (props: { label: string; value: YesNo; onChange: (value: YesNo) => void }) => (
  <SelectField options={answers} {...props} />
)
