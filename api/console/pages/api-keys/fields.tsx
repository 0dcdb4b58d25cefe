/** The fields of an API key, new or stored. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { CheckboxGroup } from '../../components/checkbox-group.tsx'
import { Checkbox, TextField } from '../../components/fields.tsx'
import type { FormHandle } from '../../components/form.tsx'
import { isImplied } from '../../rights.ts'
import type { KeyDraft, Scope } from './draft.ts'
import { accountLabel, scopes, today } from './labels.ts'

const scopeOptions = (Object.keys(scopes) as Scope[]).map((value) => ({
  value,
  label: scopes[value].label,
  help: scopes[value].help,
}))

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
      help="People see this name when they are asked to sign in."
      required
      placeholder="Help desk, mail worker"
      maxLength={100}
    />
    <TextField
      {...field('expiresOn')}
      label="Expires on (optional)"
      type="date"
      help="The key works until the end of this day."
      min={today()}
    />
  </div>
)

/** `offered`: the scopes that can be chosen. */
export const ScopesField = ({ form, offered }: Props & { offered: (scope: Scope) => boolean }) => (
  <CheckboxGroup
    {...form.field('scopes')}
    label="Permissions"
    options={scopeOptions.filter(({ value }) => offered(value))}
    isDisabled={(scope) => isImplied(scope, form.values.scopes)}
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
