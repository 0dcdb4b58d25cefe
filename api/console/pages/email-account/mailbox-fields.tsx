/** The fields that say which mailbox it is, whose it is, and who signs in for it. */
import { Checkbox, SelectField, TextField } from '../../components/fields.tsx'
import type { Draft } from './draft.ts'
import { ServerFields } from './server-fields.tsx'
import { changeDraft } from './state.ts'
import type { AccountForm } from './use-account-form.ts'

type Props = { form: AccountForm }

const change = ({ update }: AccountForm, typed: Partial<Draft>) =>
  update((now) => changeDraft(now, typed))

export function MailboxFields({ form }: Props) {
  const { options, state } = form
  const isIncoming = options.protocol === 'imap'
  const hasOwner = state.draft.ownerType !== 'global'
  return (
    <div class="fields">
      <div class="pair">
        <Mailbox form={form} />
        {isIncoming ? hasOwner && <OwnerId form={form} /> : <OwnerType form={form} />}
      </div>
      {!isIncoming && hasOwner && <OwnerId form={form} />}
      {state.draft.authentication !== 'app_only' && <Delegate form={form} />}
      <ServerFields form={form} />
      {isIncoming ? (
        <Name form={form} />
      ) : (
        <div class="pair">
          <Name form={form} />
          <From form={form} />
        </div>
      )}
    </div>
  )
}

const Mailbox = ({ form }: Props) => (
  <TextField
    label="Mailbox"
    type="email"
    required
    placeholder="support@example.com"
    help={
      form.options.protocol === 'imap'
        ? 'Whose mail is read.'
        : 'Through which mailbox mail is sent.'
    }
    error={form.state.errors['/username']}
    value={form.state.draft.mailbox}
    onChange={(mailbox) => change(form, { mailbox })}
  />
)

const ownerTypes = [
  { value: 'global', label: 'All brands' },
  { value: 'brand', label: 'One brand' },
  { value: 'other', label: 'Another owner' },
] as const

/** The form of an incoming account does not offer the type, and keeps the one it was saved with. */
const OwnerType = ({ form }: Props) => (
  <SelectField<Draft['ownerType']>
    label="Used by"
    value={form.state.draft.ownerType}
    onChange={(ownerType) => change(form, { ownerType })}
    options={ownerTypes}
  />
)

function OwnerId({ form }: Props) {
  const { options, state } = form
  const isIncoming = options.protocol === 'imap'
  return (
    <TextField
      label={isIncoming ? 'Department' : 'Brand'}
      required
      suggestions={options.owners}
      help={`The name or id of the ${isIncoming ? 'department' : 'brand'} in your own system.`}
      error={state.errors['/owner/id'] ?? state.errors['/owner']}
      value={state.draft.ownerId}
      onChange={(ownerId) => change(form, { ownerId })}
    />
  )
}

const Delegate = ({ form }: Props) => (
  <>
    <Checkbox
      label="This is a shared mailbox"
      checked={form.state.draft.shared}
      onChange={(shared) => change(form, { shared })}
    />
    {form.state.draft.shared && (
      <TextField
        label="Who signs in"
        type="email"
        required
        placeholder="alice@example.com"
        help="A person with access to the mailbox. A shared mailbox has no sign-in of its own."
        error={form.state.errors['/delegate']}
        value={form.state.draft.delegate}
        onChange={(delegate) => change(form, { delegate })}
      />
    )}
  </>
)

const Name = ({ form }: Props) => (
  <TextField
    label="Name (optional)"
    help="What people call this account."
    error={form.state.errors['/name']}
    value={form.state.draft.name}
    onChange={(name) => change(form, { name })}
  />
)

const From = ({ form }: Props) => (
  <TextField
    label="Sender address (optional)"
    type="email"
    help="Left blank: the mailbox."
    error={form.state.errors['/from']}
    value={form.state.draft.from}
    onChange={(from) => change(form, { from })}
  />
)
