/** "Change API key": its name, what it may do, for which mailboxes, and until when. The key itself stays the same. */
import { useState } from 'preact/hooks'
import type { ApiKey } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { list, type Options, problemOf, request } from '../../api.ts'
import { setFlash } from '../../components/flash.tsx'
import { Form, useForm, useLeaveGuard } from '../../components/form.tsx'
import { PageHead } from '../../components/layout.tsx'
import { SaveConflict } from '../../components/notice.tsx'
import { isImplied } from '../../rights.ts'
import { clearLeaveGuards, go, type Page, type Visit } from '../../router.ts'
import { draftOf, errorsOf, type KeyDraft, replacementOf, type Scope } from './draft.ts'
import { AccountsField, AppOnlyField, FirstFields, keyPointers, ScopesField } from './fields.tsx'

export async function apiKeyPage({ params, signal }: Visit): Promise<Page> {
  const path = `/v1/api-keys/${encodeURIComponent(params.id ?? '')}`
  const first = await readKey(path, { signal })
  return { title: first.body.name, content: <ChangeApiKey path={path} first={first} /> }
}

/** Reads a stored key, and the email accounts to choose from. */
async function readKey(path: string, options: Options = {}) {
  const [key, accounts] = await Promise.all([
    request<ApiKey>(path, options),
    list<MailAccount>('/v1/mail-accounts', 10_000),
  ])
  return { ...key, accounts }
}

type Stored = Awaited<ReturnType<typeof readKey>>

function ChangeApiKey({ path, first }: { path: string; first: Stored }) {
  const [{ body: stored, etag, accounts }, setStored] = useState(first)
  const [isOvertaken, setOvertaken] = useState(false)
  const form = useForm<KeyDraft>({
    initial: draftOf(first.body, first.accounts),
    pointers: keyPointers,
    tidy: (draft) => ({ ...draft, selected: draft.selected.toSorted() }),
    check: (draft) => errorsOf(draft, accounts),
    send: async (draft) => {
      try {
        await request(path, { method: 'PUT', etag, body: replacementOf(draft, stored) })
      } catch (error) {
        if (problemOf(error).code !== 'precondition_failed') throw error
        const newer = await readKey(path)
        form.merge(draftOf(newer.body, newer.accounts))
        setStored(newer)
        setOvertaken(true)
        return
      }
      clearLeaveGuards()
      setFlash('Changed', `"${draft.name}" has its new rights from its next request on.`)
      go('#/api-keys')
    },
  })
  useLeaveGuard(
    form.isChanged ? 'The changes to the API key are not saved. Leave this page?' : null,
  )
  const { name, scopes, mail_accounts, customer, app_only } = stored
  const mayKeep = (scope: Scope) => scopes.includes(scope) || isImplied(scope, scopes)
  return (
    <>
      <PageHead
        title={`Change "${name}"`}
        lead={`Programs keep using the same key. Permissions can only be taken away.${customer === null ? '' : ` The key stays limited to the customer ${customer}.`}`}
        back={{ href: '#/api-keys', text: 'API keys' }}
      />
      <Form
        label="Change API key"
        button="Save"
        submission={form.submission}
        done={isOvertaken && <SaveConflict title="This API key was changed in the meantime" />}
      >
        <FirstFields form={form} />
        <ScopesField form={form} offered={mayKeep} />
        {mail_accounts !== null && <AccountsField form={form} accounts={accounts} />}
        {app_only && <AppOnlyField form={form} />}
      </Form>
    </>
  )
}
