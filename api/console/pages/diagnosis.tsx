/** The diagnosis page: explains any error text, from Mailgrant or from another program. */
import type { MailAccount } from '../../../schema/mail-account.ts'
import { list } from '../api.ts'
import { PageHead } from '../components/page-head.tsx'
import { ScopeNotice } from '../components/scope.tsx'
import { may } from '../rights.ts'
import type { Page } from '../router.ts'
import { Catalogue } from './diagnosis/catalogue.tsx'
import { DiagnosisForm } from './diagnosis/form.tsx'

/** Limit of accounts in the list to choose from. */
const MAX_ACCOUNTS = 200

export async function diagnosisPage(): Promise<Page> {
  const accounts = await list<MailAccount>('/v1/mail-accounts', MAX_ACCOUNTS)
  return { title: 'Diagnosis', content: <DiagnosisOfErrors accounts={accounts} /> }
}

const DiagnosisOfErrors = ({ accounts }: { accounts: readonly MailAccount[] }) => (
  <>
    <PageHead
      title="Diagnosis"
      lead="Paste an error from any program to get the cause, who must act, and the fix."
    />
    {may('write') && (
      <div class="card">
        <DiagnosisForm level="h2" accounts={accounts} />
      </div>
    )}
    <ScopeNotice scope="write" text="Your API key can read the causes, but not diagnose errors." />
    <Catalogue />
  </>
)
