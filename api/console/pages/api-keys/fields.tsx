/** The fields of an API key, new or stored. */
import { useState } from 'preact/hooks'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { CheckboxGroup } from '../../components/checkbox-group.tsx'
import { Checkbox, SelectField, TextField } from '../../components/fields.tsx'
import type { FormHandle } from '../../components/form.tsx'
import { RadioGroup } from '../../components/radio-group.tsx'
import { isImplied } from '../../rights.ts'
import { type KeyDraft, type Purpose, presetFor, type Scope } from './draft.ts'
import { accountLabel, scopes, today } from './labels.ts'

const scopeOptions = (Object.keys(scopes) as Scope[]).map((value) => ({
  value,
  label: scopes[value].label,
  help: scopes[value].help,
}))

const purposeOptions: { value: Purpose; label: string; help: string }[] = [
  {
    value: 'program',
    label: 'A mail program',
    help: 'Fetches access tokens of the accounts that you select, for a year.',
  },
  {
    value: 'backend',
    label: "My product's backend",
    help: 'Connects mailboxes and manages them. Its mail worker gets its own key, like a mail program.',
  },
  { value: 'monitoring', label: 'Monitoring', help: 'Reads metrics and health, for a year.' },
]

const accountOption = (account: MailAccount) => ({
  value: account.id,
  label: accountLabel(account),
  ...(account.name !== null && { help: account.username }),
})

export const keyPointers = {
  name: '/name',
  scopes: '/scopes',
  selected: '/mail_accounts',
  customer: '/customer',
  expiresOn: '/expires_at',
}

type Props = { form: FormHandle<KeyDraft> }

/** The name and the expiry, beside each other where there is room. */
export const FirstFields = ({ form: { field } }: Props) => (
  <div class="pair">
    <TextField
      {...field('name')}
      label="Name"
      help="Who uses it and for what. People see this name when they are asked to sign in."
      required
      placeholder="Help desk, mail worker"
      maxLength={100}
    />
    <TextField
      {...field('expiresOn')}
      label="Expires on (optional)"
      type="date"
      help="The key works until the end of the chosen day. Leave blank for no expiry."
      min={today()}
    />
  </div>
)

/** Sets rights and limits by the purpose of the key. Without accounts, none can be selected for a mail program. */
export function PurposeField({ form, hasAccounts }: Props & { hasAccounts: boolean }) {
  const [purpose, setPurpose] = useState<Purpose | ''>('')
  return (
    <RadioGroup
      label="What is it for?"
      help={`Sets permissions, limit and expiry. You can change them below.${hasAccounts ? '' : ' For a mail program, add a mailbox first.'}`}
      error={undefined}
      value={purpose}
      options={purposeOptions.filter(({ value }) => hasAccounts || value !== 'program')}
      onChange={(chosen) => {
        setPurpose(chosen)
        if (chosen !== '') form.change(presetFor(chosen))
      }}
    />
  )
}

/** `offered`: the scopes that can be chosen. */
export const ScopesField = ({ form, offered }: Props & { offered: (scope: Scope) => boolean }) => (
  <CheckboxGroup
    {...form.field('scopes')}
    label="Permissions"
    help="Grant only what the program needs."
    options={scopeOptions.filter(({ value }) => offered(value))}
    isDisabled={(scope) => isImplied(scope, form.values.scopes)}
  />
)

/** Asks which email accounts the key covers. `hasAccounts`: some exist, which can be selected. */
export const LimitField = ({ form, hasAccounts }: Props & { hasAccounts: boolean }) => (
  <SelectField
    {...form.field('accounts')}
    label="Email accounts"
    options={[
      { value: 'all', label: 'All, including future ones' },
      ...(hasAccounts ? [{ value: 'selected' as const, label: 'Only selected ones' }] : []),
      { value: 'customer', label: 'Only those of one customer' },
    ]}
  />
)

/** `customers`: those that exist; another name adds one. */
export const CustomerField = ({ form, customers }: Props & { customers: readonly string[] }) => (
  <TextField
    {...form.field('customer')}
    label="Customer"
    help="Your own name or number for the customer. What the key creates belongs to the customer, and the key sees nothing else. This cannot be changed later."
    required
    placeholder="4711"
    maxLength={64}
    suggestions={customers}
    short
  />
)

export const AccountsField = ({ form, accounts }: Props & { accounts: readonly MailAccount[] }) => (
  <CheckboxGroup
    {...form.field('selected')}
    label="Selected email accounts"
    help="The key cannot see or use any other account, and cannot create accounts."
    options={accounts.map(accountOption).sort((a, b) => a.label.localeCompare(b.label))}
    search="Find an email account"
  />
)

/** Asks whether a key that is limited to accounts or a customer may fetch tokens that open other mailboxes, too. */
export const AppOnlyField = ({ form: { values, change } }: Props) => (
  <div class="field">
    <Checkbox
      label="Let this key fetch the access tokens of app-only accounts"
      checked={values.appOnly}
      onChange={(appOnly) => change({ appOnly })}
    />
    <div class="help">
      An app-only token opens every mailbox in the organisation that the app has access to, not only
      those that the key is limited to.
    </div>
  </div>
)
