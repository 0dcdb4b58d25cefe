/** "Create API key": what it may do, for which mailboxes, and until when; then the key, once. */
import { useState } from 'preact/hooks'
import type { ApiKeyCreated } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { get, list, post } from '../../api.ts'
import { NewTab } from '../../components/button.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import { Form, useForm, useLeaveGuard } from '../../components/form.tsx'
import { PageHead } from '../../components/layout.tsx'
import { RadioGroup } from '../../components/radio-group.tsx'
import { FocusedStatus, ShownOnce } from '../../components/shown-once.tsx'
import type { Page } from '../../router.ts'
import { readCustomers } from '../mailboxes/read-list.ts'
import {
  emptyKeyDraft,
  errorsOf,
  inputOf,
  type KeyDraft,
  type Purpose,
  presetFor,
  questionsOf,
} from './draft.ts'
import { AccountsField, AppOnlyField, FirstFields, keyPointers, ScopesField } from './fields.tsx'

const purposeOptions: { value: Purpose; label: string; help: string }[] = [
  {
    value: 'program',
    label: 'A mail program',
    help: 'Fetches access tokens of selected accounts, for a year.',
  },
  {
    value: 'backend',
    label: "My product's backend",
    help: 'Connects and manages mailboxes. Its mail worker gets its own key.',
  },
  { value: 'monitoring', label: 'Monitoring', help: 'Reads metrics and health, for a year.' },
]

export async function newApiKeyPage(): Promise<Page> {
  const [accounts, customers] = await Promise.all([
    list<MailAccount>('/v1/mail-accounts', 10_000),
    readCustomers(get),
  ])
  return { title: 'Create API key', content: <NewApiKey {...{ accounts, customers }} /> }
}

/** `customers`: names of those that exist. */
type Known = { accounts: readonly MailAccount[]; customers: readonly string[] }

function NewApiKey(known: Known) {
  const [created, setCreated] = useState<ApiKeyCreated | null>(null)
  return (
    <>
      <PageHead title="Create API key" back={{ href: '#/api-keys', text: 'API keys' }} />
      {created ? <Created apiKey={created} /> : <KeyForm {...known} onCreated={setCreated} />}
    </>
  )
}

function Created({ apiKey }: { apiKey: ApiKeyCreated }) {
  return (
    <>
      <FocusedStatus>
        <ShownOnce title={`API key "${apiKey.name}" created`} secret={apiKey.key} name="API key">
          <p class="after small">
            Programs send it as <code>{'Authorization: Bearer <key>'}</code>.
            {apiKey.scopes.includes('tokens') && (
              <>
                {' '}
                <NewTab href="/docs/mail-programs" text="Set up a mail program" />, in a new tab.
              </>
            )}
          </p>
        </ShownOnce>
      </FocusedStatus>
      <a class="button" href="#/api-keys">
        All API keys
      </a>
    </>
  )
}

function KeyForm(props: Known & { onCreated: (key: ApiKeyCreated) => void }) {
  const { accounts, customers, onCreated } = props
  const hasAccounts = accounts.length > 0
  const [purpose, setPurpose] = useState<Purpose | ''>('')
  const form = useForm<KeyDraft>({
    initial: emptyKeyDraft,
    pointers: keyPointers,
    check: (draft) => errorsOf(draft, accounts),
    send: async (draft) =>
      onCreated(await post<ApiKeyCreated>('/v1/api-keys', inputOf(draft, accounts))),
  })
  const { values, field, submission } = form
  const isTyped = values.name !== '' || values.scopes.length > 0
  useLeaveGuard(isTyped ? 'The API key has not been created. Leave this page?' : null)

  const { hasFullAccess, limit, asksAppOnly } = questionsOf(values, accounts)
  return (
    <Form label="Create API key" button="Create API key" submission={submission}>
      <RadioGroup
        label="What is it for?"
        class="tiles"
        help={`Sets permissions, limit and expiry.${hasAccounts ? '' : ' For a mail program, add a mailbox first.'}`}
        value={purpose}
        options={purposeOptions.filter(({ value }) => hasAccounts || value !== 'program')}
        onChange={(chosen) => {
          setPurpose(chosen)
          if (chosen !== '') form.change(presetFor(chosen))
        }}
      />
      <FirstFields form={form} />
      <ScopesField form={form} offered={() => true} />
      {hasFullAccess ? (
        <p class="quiet small">
          A key with full access cannot be limited to certain email accounts or a customer.
        </p>
      ) : (
        <SelectField
          {...field('accounts')}
          label="Email accounts"
          options={[
            { value: 'all', label: 'All, including future ones' },
            ...(hasAccounts ? [{ value: 'selected' as const, label: 'Only selected ones' }] : []),
            { value: 'customer', label: 'Only those of one customer' },
          ]}
        />
      )}
      {limit === 'selected' && <AccountsField form={form} accounts={accounts} />}
      {limit === 'customer' && (
        <TextField
          {...field('customer')}
          label="Customer"
          help="Your own name or number for the customer. What the key creates belongs to the customer, and the key sees nothing else. This cannot be changed later."
          required
          placeholder="4711"
          maxLength={64}
          suggestions={customers}
          short
        />
      )}
      {asksAppOnly && <AppOnlyField form={form} />}
    </Form>
  )
}
