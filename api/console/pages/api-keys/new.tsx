/** "Create API key": what it may do, for which mailboxes, and until when; then the key, once. */
import { useState } from 'preact/hooks'
import type { ApiKeyCreated } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { list, post } from '../../api.ts'
import { CheckboxGroup } from '../../components/checkbox-group.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import { Form, useForm } from '../../components/form.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { FocusedStatus, ShownOnce } from '../../components/shown-once.tsx'
import { useLeaveGuard } from '../../components/use-leave-guard.ts'
import { isImplied } from '../../rights.ts'
import type { Page } from '../../router.ts'
import {
  emptyKeyDraft,
  errorsOf,
  inputOf,
  type KeyDraft,
  questionsOf,
  type Scope,
} from './draft.ts'
import { accountLabel, scopes, today } from './words.ts'

export async function newApiKeyPage(): Promise<Page> {
  const accounts = await list<MailAccount>('/v1/mail-accounts', 10_000)
  return { title: 'Create API key', content: <NewApiKey accounts={accounts} /> }
}

function NewApiKey({ accounts }: { accounts: readonly MailAccount[] }) {
  const [created, setCreated] = useState<ApiKeyCreated | null>(null)
  return (
    <>
      <PageHead title="Create API key" back={{ href: '#/api-keys', text: 'API keys' }} />
      {created ? (
        <Created apiKey={created} />
      ) : (
        <KeyForm accounts={accounts} onCreated={setCreated} />
      )}
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
                <a href="/docs/mail-programs" target="_blank" rel="noreferrer">
                  Set up a mail program
                </a>
                , in a new tab.
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

const scopeOptions = (Object.keys(scopes) as Scope[]).map((value) => ({
  value,
  label: scopes[value].label,
  // The name in the API reference and the README.
  help: `${scopes[value].help} In the API: "${value}".`,
}))

const appOnlyOption = {
  value: 'app_only' as const,
  label: 'Let this key fetch their access tokens',
  help: 'An app-only token opens every mailbox in the organisation that the app has access to, not only those selected above. Without this, the key gets no tokens for app-only accounts. In the API: "app_only".',
}

const accountOption = (account: MailAccount) => ({
  value: account.id,
  label: accountLabel(account),
  ...(account.name !== null && { help: account.username }),
})

function KeyForm(props: {
  accounts: readonly MailAccount[]
  onCreated: (key: ApiKeyCreated) => void
}) {
  const { accounts, onCreated } = props
  const { values, field, submission } = useForm<KeyDraft>({
    initial: emptyKeyDraft,
    pointers: {
      name: '/name',
      scopes: '/scopes',
      selected: '/mail_accounts',
      expiresOn: '/expires_at',
    },
    check: (draft) => errorsOf(draft, accounts),
    send: async (draft) =>
      onCreated(await post<ApiKeyCreated>('/v1/api-keys', inputOf(draft, accounts))),
  })
  const isTyped = values.name !== '' || values.scopes.length > 0
  useLeaveGuard(isTyped ? 'The API key has not been created. Leave this page?' : null)

  const { hasFullAccess, asksAccounts, isLimited, asksAppOnly } = questionsOf(values, accounts)
  return (
    <Form label="Create API key" button="Create API key" submission={submission}>
      <TextField
        {...field('name')}
        label="Name"
        help="Who uses it and for what. People see this name when they are asked to sign in."
        required
        placeholder="Help desk, mail worker"
        maxLength={100}
        short
      />
      <CheckboxGroup
        {...field('scopes')}
        label="Permissions"
        help="Grant only what the program needs."
        options={scopeOptions}
        isDisabled={(scope) => isImplied(scope, values.scopes)}
      />
      {hasFullAccess && (
        <p class="quiet small">
          A key with full access cannot be limited to certain email accounts.
        </p>
      )}
      {asksAccounts && (
        <SelectField
          {...field('accounts')}
          label="Email accounts"
          options={[
            { value: 'all', label: 'All, including future ones' },
            { value: 'selected', label: 'Only selected ones' },
          ]}
        />
      )}
      {isLimited && (
        <CheckboxGroup
          {...field('selected')}
          label="Selected email accounts"
          help="The key cannot see or use any other account, and cannot create accounts."
          options={accounts.map(accountOption).sort((a, b) => a.label.localeCompare(b.label))}
          search="Find an email account"
        />
      )}
      {asksAppOnly && (
        <CheckboxGroup {...field('appOnly')} label="App-only accounts" options={[appOnlyOption]} />
      )}
      <TextField
        {...field('expiresOn')}
        label="Expires on (optional)"
        type="date"
        help="The key works until the end of this day. Leave blank for no expiry."
        min={today()}
        short
      />
    </Form>
  )
}
