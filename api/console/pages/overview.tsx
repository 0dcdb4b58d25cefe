/** The overview: all mail accounts, those that need somebody, and the first steps. */
import type { Integration } from '../../../schema/integration.ts'
import type { MailAccount } from '../../../schema/mail-account.ts'
import { get, list } from '../api.ts'
import { IntegrationProblems } from '../components/integration.tsx'
import { SearchableAccounts } from '../components/mail-accounts.tsx'
import { Notice } from '../components/notice.tsx'
import { PageHead } from '../components/page-head.tsx'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { DiagnosisForm } from './diagnosis/form.tsx'
import { AccountCounts, AccountsByUrgency } from './overview/accounts.tsx'
import { FirstSteps } from './overview/first-steps.tsx'
import { HistoryCard } from './overview/history.tsx'

export async function overviewPage(visit: Visit): Promise<Page> {
  const [integration, accounts] = await Promise.all([
    get<Integration>('/v1/integrations/microsoft', visit.signal),
    list<MailAccount>('/v1/mail-accounts'),
  ])
  const view =
    accounts.length === 0 ? (
      <FirstOverview integration={integration} />
    ) : (
      <Overview integration={integration} accounts={accounts} />
    )
  return { title: 'Overview', content: view }
}

function FirstOverview({ integration }: { integration: Integration }) {
  // The first steps say by themselves that nothing is configured.
  const problems = integration.problems.filter(({ code }) => code !== 'not_configured')
  return (
    <>
      <PageHead title="Overview" lead="No email account is connected yet." />
      <IntegrationProblems problems={problems} />
      <FirstSteps integration={integration} />
      <DiagnosisCard />
    </>
  )
}

const Overview = (props: { integration: Integration; accounts: readonly MailAccount[] }) => (
  <>
    <PageHead title="Overview" lead="All email accounts, and whether they work." />
    <IntegrationProblems problems={props.integration.problems} />
    {props.integration.status === 'inactive' && <InactiveNotice />}
    <AccountCounts accounts={props.accounts} />
    <SearchableAccounts accounts={props.accounts}>
      {(found) => <AccountsByUrgency accounts={found} />}
    </SearchableAccounts>
    <HistoryCard />
    <DiagnosisCard />
  </>
)

const InactiveNotice = () => (
  <Notice tone="ask" title="Microsoft is inactive">
    <div>Accounts with OAuth cannot read or send mail until it is activated.</div>
    <div>
      <a href="#/integrations">Activate it in Third-Party Integrations</a>
    </div>
  </Notice>
)

/** A key that may only read about causes has the diagnosis page. */
const DiagnosisCard = () =>
  may('write') ? (
    <div class="card">
      <h2>Something fails?</h2>
      <p class="quiet">
        Paste the error and read what it means. The <a href="#/diagnosis">diagnosis page</a> takes
        more facts.
      </p>
      <DiagnosisForm level="h3" />
    </div>
  ) : null
