/** "Change API key": its name, what it may do, for which mailboxes, and until when. The key itself stays the same. */
import { useState } from 'preact/hooks'
import type { ApiKey } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { type Fetched, list, problemOf, request } from '../../api.ts'
import { Form, useForm } from '../../components/form.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { LatestLoaded, SaveConflict } from '../../components/save-conflict.tsx'
import { useLeaveGuard } from '../../components/use-leave-guard.ts'
import { isImplied } from '../../rights.ts'
import { clearLeaveGuards, go, type Page, type Visit } from '../../router.ts'
import { setFlash } from '../../ui/flash.ts'
import { draftOf, errorsOf, type KeyDraft, replacementOf, type Scope } from './draft.ts'
import {
  AccountsField,
  AppOnlyField,
  ExpiryField,
  keyPointers,
  NameField,
  ScopesField,
} from './fields.tsx'

export async function apiKeyPage({ params, signal }: Visit): Promise<Page> {
  const path = `/v1/api-keys/${encodeURIComponent(params.id ?? '')}`
  const [first, accounts] = await Promise.all([
    request<ApiKey>(path, { signal }),
    list<MailAccount>('/v1/mail-accounts', 10_000),
  ])
  return {
    title: first.body.name,
    content: <ChangeApiKey path={path} first={first} accounts={accounts} />,
  }
}

function ChangeApiKey(props: {
  path: string
  first: Fetched<ApiKey>
  accounts: readonly MailAccount[]
}) {
  const { path, first, accounts } = props
  const [stored, setStored] = useState(first)
  /** A save of another person: not loaded yet, or loaded around what was typed. */
  const [conflict, setConflict] = useState<'overtaken' | 'loaded' | null>(null)
  const form = useForm<KeyDraft>({
    initial: draftOf(first.body, accounts),
    pointers: keyPointers,
    tidy: (draft) => ({ ...draft, selected: draft.selected.toSorted() }),
    check: (draft) => errorsOf(draft, accounts),
    send: save,
  })
  useLeaveGuard(
    form.isChanged ? 'The changes to the API key are not saved. Leave this page?' : null,
  )

  /** Resolves to false if it is not saved. */
  async function save(draft: KeyDraft): Promise<boolean> {
    setConflict(null)
    try {
      await request(path, {
        method: 'PUT',
        etag: stored.etag,
        body: replacementOf(draft, stored.body),
      })
    } catch (error) {
      if (problemOf(error).code !== 'precondition_failed') throw error
      setConflict('overtaken')
      return false
    }
    clearLeaveGuards()
    setFlash('Changed', `"${draft.name}" has its new rights from its next request on.`)
    go('#/api-keys')
    return true
  }
  async function loadLatest(): Promise<void> {
    const newer = await request<ApiKey>(path)
    form.merge(draftOf(newer.body, accounts))
    setStored(newer)
    setConflict('loaded')
    // The button disappears.
    form.focus('[type=submit]')
  }
  const { scopes, mail_accounts, customer, app_only } = stored.body
  const mayKeep = (scope: Scope) => scopes.includes(scope) || isImplied(scope, scopes)
  return (
    <>
      <PageHead
        title={`Change "${stored.body.name}"`}
        lead={`Programs keep using the same key. Permissions can only be taken away.${customer === null ? '' : ` The key stays limited to the customer ${customer}.`}`}
        back={{ href: '#/api-keys', text: 'API keys' }}
      />
      <Form
        label="Change API key"
        button="Save"
        submission={form.submission}
        done={conflict === 'loaded' && <LatestLoaded />}
      >
        <NameField form={form} />
        <ScopesField form={form} offered={mayKeep} />
        {mail_accounts !== null && <AccountsField form={form} accounts={accounts} />}
        {app_only && <AppOnlyField form={form} />}
        <ExpiryField form={form} />
        {conflict === 'overtaken' && (
          <div role="alert">
            <SaveConflict title="This API key was changed in the meantime" onLoad={loadLatest} />
          </div>
        )}
      </Form>
    </>
  )
}
