/** Optional facts that distinguish causes. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { PROTOCOL_NAMES } from '../../../../schema/protocols.ts'
import { SelectField, TextField } from '../../components/fields.tsx'
import type { useForm } from '../../components/form.tsx'
import type { ReportDraft, YesNo } from './draft.ts'

/** The fields of facts. If an account is chosen, the API fills in what it knows. */
export function FactsFields(props: {
  accounts: readonly MailAccount[]
  field: ReturnType<typeof useForm<ReportDraft>>['field']
}) {
  const { accounts, field } = props
  return (
    <div class="fields">
      {accounts.length > 0 && (
        <SelectField
          {...field('mail_account_id')}
          label="Email account (optional)"
          help="Adds what Mailgrant knows about it."
          options={[
            { value: '', label: 'None' },
            ...accounts.map(({ id, username, protocol }) => ({
              value: id,
              label: `${username} (${PROTOCOL_NAMES[protocol]})`,
            })),
          ]}
        />
      )}
      <details>
        <summary>More facts</summary>
        <p class="quiet">Each can rule out a cause. Skip what you do not know.</p>
        <div class="pair">
          <SelectField {...field('account_type')} label="Account type" options={accountTypes} />
          <SelectField
            {...field('shared_mailbox')}
            label="Is it a shared mailbox?"
            options={yesOrNo}
          />
          <SelectField
            {...field('worked_before')}
            label="Has it worked before?"
            options={yesOrNo}
          />
          <SelectField
            {...field('intermittent')}
            label="Does it work sometimes?"
            options={yesOrNo}
          />
          <SelectField
            {...field('other_protocol')}
            label="The other protocol (IMAP or SMTP)"
            options={otherProtocolResults}
          />
          <TextField {...field('username')} label="Mailbox" placeholder="support@contoso.com" />
          <TextField
            {...field('signed_in_as')}
            label="Who signed in"
            placeholder="alice@contoso.com"
          />
          <TextField {...field('host')} label="Server" placeholder="outlook.office365.com" />
          <TextField {...field('port')} label="Port" type="number" placeholder="993" />
        </div>
      </details>
    </div>
  )
}

const accountTypes: { value: ReportDraft['account_type']; label: string }[] = [
  { value: '', label: 'Unknown' },
  { value: 'work', label: 'Work or school' },
  { value: 'personal', label: 'Personal (Outlook.com)' },
]

const otherProtocolResults: { value: ReportDraft['other_protocol']; label: string }[] = [
  { value: '', label: 'Not tried' },
  { value: 'ok', label: 'Works' },
  { value: 'failed', label: 'Fails too' },
]

const yesOrNo: { value: YesNo; label: string }[] = [
  { value: '', label: 'Unknown' },
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
]
