/** The diagnosis page: explains any error text, from Mailgrant or from another program. */
import type { MailAccount } from '../../../schema/mail-account.ts'
import { list } from '../api.ts'
import { NewTab } from '../components/new-tab.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ScopeNotice } from '../components/scope.tsx'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { DiagnosisForm, type DiagnosisFormProps } from './diagnosis/form.tsx'

/** Limit of accounts in the list to choose from. */
const MAX_ACCOUNTS = 200

export async function diagnosisPage({ signal }: Visit): Promise<Page> {
  const accounts = await list<MailAccount>('/v1/mail-accounts', MAX_ACCOUNTS)
  return { title: 'Diagnosis', content: <DiagnosisOfErrors {...{ accounts, signal }} /> }
}

const DiagnosisOfErrors = ({ accounts, signal }: DiagnosisFormProps) => (
  <>
    <PageHead
      title="Diagnosis"
      lead="Paste an error from any program to get the cause, who must act, and the fix."
    />
    {may('write') && <DiagnosisForm accounts={accounts} signal={signal} />}
    <ScopeNotice scope="write" text="Your API key can read the causes, but not diagnose errors." />
    <p class="after">
      <NewTab href="/docs/causes" text="All known causes" />
    </p>
  </>
)
