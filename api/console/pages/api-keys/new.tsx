/** "Create API key": what it may do, for which mailboxes, and until when; then the key, once. */
import { useState } from 'preact/hooks'
import type { ApiKeyCreated } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { list, post } from '../../api.ts'
import { Choices } from '../../components/choices.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import { Form, useSubmission } from '../../components/form.tsx'
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

const scopeChoices = (Object.keys(scopes) as Scope[]).map((value) => ({
  value,
  label: scopes[value].label,
  // The name in the API reference and the README.
  help: `${scopes[value].help} In the API: "${value}".`,
}))

const appOnlyChoice = {
  value: 'app_only' as const,
  label: 'Let this key fetch their access tokens',
  help: 'An app-only token opens every mailbox in the organisation that the app has access to, not only those selected above. Without this, the key gets no tokens for app-only accounts. In the API: "app_only".',
}

const accountChoice = (account: MailAccount) => ({
  value: account.id,
  label: accountLabel(account),
  ...(account.name !== null && { help: account.username }),
})

function KeyForm(props: {
  accounts: readonly MailAccount[]
  onCreated: (key: ApiKeyCreated) => void
}) {
  const { accounts, onCreated } = props
  const [draft, setDraft] = useState<KeyDraft>(emptyKeyDraft)
  const submission = useSubmission({
    fields: ['/name', '/scopes', '/mail_accounts', '/expires_at'],
    check: () => errorsOf(draft, accounts),
    send: async () =>
      onCreated(await post<ApiKeyCreated>('/v1/api-keys', inputOf(draft, accounts))),
  })
  const { errors, forget } = submission
  const change = (changes: Partial<KeyDraft>, pointer: string) => {
    setDraft((before) => ({ ...before, ...changes }))
    forget(pointer)
  }
  const isTyped = draft.name !== '' || draft.scopes.length > 0
  useLeaveGuard(isTyped ? 'The API key has not been created. Leave this page?' : null)

  const { isEverything, asksReach, isLimited, asksAppOnly } = questionsOf(draft, accounts)
  return (
    <Form label="Create API key" button="Create API key" submission={submission}>
      <TextField
        label="Name"
        help="Who uses it and for what. People see this name when they are asked to sign in."
        error={errors['/name']}
        value={draft.name}
        onChange={(name) => change({ name }, '/name')}
        required
        placeholder="Help desk, mail worker"
        maxLength={100}
        short
      />
      <Choices
        label="Permissions"
        help="Grant only what the program needs."
        error={errors['/scopes']}
        value={draft.scopes}
        onChange={(chosen) => change({ scopes: chosen }, '/scopes')}
        choices={scopeChoices}
        isDisabled={(scope) => isImplied(scope, draft.scopes)}
      />
      {isEverything && (
        <p class="quiet small">
          A key with full access cannot be limited to certain email accounts.
        </p>
      )}
      {asksReach && (
        <SelectField
          label="Email accounts"
          value={draft.reach}
          onChange={(reach) => change({ reach }, '/mail_accounts')}
          options={[
            { value: 'all', label: 'All, including future ones' },
            { value: 'chosen', label: 'Only selected ones' },
          ]}
        />
      )}
      {isLimited && (
        <Choices
          label="Selected email accounts"
          help="The key cannot see or use any other account, and cannot create accounts."
          error={errors['/mail_accounts']}
          value={draft.chosen}
          onChange={(chosen) => change({ chosen }, '/mail_accounts')}
          choices={accounts.map(accountChoice).sort((a, b) => a.label.localeCompare(b.label))}
          search="Find an email account"
        />
      )}
      {asksAppOnly && (
        <Choices
          label="App-only accounts"
          value={draft.appOnly ? ['app_only'] : []}
          onChange={(chosen) => change({ appOnly: chosen.length > 0 }, '/app_only')}
          choices={[appOnlyChoice]}
        />
      )}
      <TextField
        label="Expires on (optional)"
        type="date"
        help="The key works until the end of this day. Leave blank for no expiry."
        error={errors['/expires_at']}
        value={draft.end}
        onChange={(end) => change({ end }, '/expires_at')}
        min={today()}
        short
      />
    </Form>
  )
}
