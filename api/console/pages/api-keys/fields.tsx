/** The fields of an API key, new or stored. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { CheckboxGroup } from '../../components/checkbox-group.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import type { FormHandle } from '../../components/form.tsx'
import { isImplied } from '../../rights.ts'
import type { KeyDraft, Scope } from './draft.ts'
import { accountLabel, scopes, today } from './labels.ts'

const scopeOptions = (Object.keys(scopes) as Scope[]).map((value) => ({
  value,
  label: scopes[value].label,
  // The name in the API reference and the README.
  help: `${scopes[value].help} In the API: "${value}".`,
}))

const appOnlyOption = {
  value: 'app_only' as const,
  label: 'Let this key fetch their access tokens',
  help: 'An app-only token opens every mailbox in the organisation that the app has access to, not only those that the key is limited to. Without this, the key gets no tokens for app-only accounts. In the API: "app_only".',
}

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

export const NameField = ({ form: { field } }: Props) => (
  <TextField
    {...field('name')}
    label="Name"
    help="Who uses it and for what. People see this name when they are asked to sign in."
    required
    placeholder="Help desk, mail worker"
    maxLength={100}
    short
  />
)

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

export const AppOnlyField = ({ form }: Props) => (
  <CheckboxGroup {...form.field('appOnly')} label="App-only accounts" options={[appOnlyOption]} />
)

export const ExpiryField = ({ form }: Props) => (
  <TextField
    {...form.field('expiresOn')}
    label="Expires on (optional)"
    type="date"
    help="The key works until the end of this day. Leave blank for no expiry."
    min={today()}
    short
  />
)
