/** "Create API key": what it may do, for which mailboxes, and until when; then the key, once. */
import { useState } from 'preact/hooks'
import type { ApiKeyCreated } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { get, list, post } from '../../api.ts'
import { Form, useForm } from '../../components/form.tsx'
import { NewTab } from '../../components/new-tab.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { FocusedStatus, ShownOnce } from '../../components/shown-once.tsx'
import { useLeaveGuard } from '../../components/use-leave-guard.ts'
import type { Page } from '../../router.ts'
import { readCustomers } from '../mailboxes/read-list.ts'
import { emptyKeyDraft, errorsOf, inputOf, type KeyDraft, questionsOf } from './draft.ts'
import {
  AccountsField,
  AppOnlyField,
  CustomerField,
  FirstFields,
  keyPointers,
  LimitField,
  PurposeField,
  ScopesField,
} from './fields.tsx'

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
  const form = useForm<KeyDraft>({
    initial: emptyKeyDraft,
    pointers: keyPointers,
    check: (draft) => errorsOf(draft, accounts),
    send: async (draft) =>
      onCreated(await post<ApiKeyCreated>('/v1/api-keys', inputOf(draft, accounts))),
  })
  const { values, submission } = form
  const isTyped = values.name !== '' || values.scopes.length > 0
  useLeaveGuard(isTyped ? 'The API key has not been created. Leave this page?' : null)

  const { hasFullAccess, limit, asksAppOnly } = questionsOf(values, accounts)
  return (
    <Form label="Create API key" button="Create API key" submission={submission}>
      <PurposeField form={form} hasAccounts={accounts.length > 0} />
      <FirstFields form={form} />
      <ScopesField form={form} offered={() => true} />
      {hasFullAccess ? (
        <p class="quiet small">
          A key with full access cannot be limited to certain email accounts or a customer.
        </p>
      ) : (
        <LimitField form={form} hasAccounts={accounts.length > 0} />
      )}
      {limit === 'selected' && <AccountsField form={form} accounts={accounts} />}
      {limit === 'customer' && <CustomerField form={form} customers={customers} />}
      {asksAppOnly && <AppOnlyField form={form} />}
    </Form>
  )
}
