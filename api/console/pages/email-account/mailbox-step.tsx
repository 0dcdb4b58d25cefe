/** First step: which mailbox it is, what it is for, and whose it is. */
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { CheckboxGroup } from '../../components/checkbox-group.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import { may } from '../../rights.ts'
import { protocolOptions, senderTypes } from '../../ui/mail-account.ts'
import type { OwnerDraft } from './draft.ts'
import { MoreSettings } from './more-settings.tsx'
import { changeMailbox, changeOwner, isFolded, tidy, toggleProtocol } from './state.ts'
import { ChangeButton, FormStep } from './step.tsx'
import type { AccountForm } from './use-account-form.ts'
import { mailboxWords } from './words.ts'

type Props = { form: AccountForm }

const TITLE = 'Account'

export function MailboxStep({ form }: Props) {
  const { options, state } = form
  const { saved } = options
  const draft = tidy(state.draft)
  // A read-only key sees the values.
  if (isFolded(state, 'mailbox', saved !== null) && may('write')) {
    return (
      <FormStep
        name="mailbox"
        title={TITLE}
        sign="good"
        button={<ChangeButton form={form} step="mailbox" name="account" />}
      >
        <strong>{draft.mailbox}</strong>
        <div class="quiet small">{mailboxWords(draft)}</div>
      </FormStep>
    )
  }
  return (
    <FormStep name="mailbox" title={TITLE} sign={1}>
      <div class="fields">
        <div class="pair">
          <Mailbox form={form} />
          {draft.protocols.includes('imap') && <Owner form={form} protocol="imap" />}
        </div>
        {saved === null && <Uses form={form} />}
        {draft.protocols.includes('smtp') && <Sender form={form} />}
        <MoreSettings form={form} />
      </div>
    </FormStep>
  )
}

const Mailbox = ({ form: { options, state, update } }: Props) => (
  <TextField
    label="Mailbox"
    type="email"
    required
    placeholder="support@example.com"
    error={state.errors['/username']}
    value={state.draft.mailbox}
    onChange={(mailbox) => update((now) => changeMailbox(now, mailbox, options.owners.imap))}
  />
)

const Uses = ({ form: { state, update } }: Props) => (
  <CheckboxGroup<Protocol>
    label="Use it to"
    options={protocolOptions.filter(
      ({ value }) => !state.created.some(({ protocol }) => protocol === value),
    )}
    error={state.errors['/protocol']}
    value={state.draft.protocols}
    onChange={(chosen) =>
      update((now) =>
        protocolOptions.reduce(
          (next, { value }) => toggleProtocol(next, value, chosen.includes(value)),
          now,
        ),
      )
    }
  />
)

/** The owner of the mailbox. The type of an incoming account's owner cannot be changed here. */
function Owner({ form, protocol }: Props & { protocol: Protocol }) {
  const { options, state, update } = form
  const { errors, draft } = state
  const name = protocol === 'imap' ? 'department' : 'brand'
  return (
    <TextField
      label={protocol === 'imap' ? 'Department' : 'Brand'}
      required
      suggestions={options.owners[protocol]}
      help={`Name or id of the ${name} in your own system.`}
      error={errors[`/${protocol}/owner/id`] ?? errors[`/${protocol}/owner`]}
      value={draft.owners[protocol].id}
      onChange={(id) => update((now) => changeOwner(now, protocol, { id }))}
    />
  )
}

function Sender({ form }: Props) {
  const { type } = form.state.draft.owners.smtp
  return (
    <div class="pair">
      <SelectField<OwnerDraft['type']>
        label="Send for"
        value={type}
        onChange={(chosen) => form.update((now) => changeOwner(now, 'smtp', { type: chosen }))}
        options={senderTypes}
      />
      {type !== 'global' && <Owner form={form} protocol="smtp" />}
    </div>
  )
}
