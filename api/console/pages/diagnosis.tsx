/** The diagnosis page: explains any error text, from Mailgrant or from another program. */
import type { IntegrationSettings } from '../../../schema/integration.ts'
import type { MailAccount } from '../../../schema/mail-account.ts'
import { list } from '../api.ts'
import { Loaded } from '../components/loaded.tsx'
import { NewTab } from '../components/new-tab.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ScopeNotice } from '../components/scope.tsx'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { accountHref } from '../ui/mail-account.ts'
import { DiagnosisForm } from './diagnosis/form.tsx'
import { avoidableCause, GraphOffer, GraphSwitch } from './email-account/graph.tsx'
import { senderOf } from './email-account/labels.ts'

/** Limit of accounts in the list to choose from. */
const MAX_ACCOUNTS = 200

export async function diagnosisPage({ signal }: Visit): Promise<Page> {
  const accounts = await list<MailAccount>('/v1/mail-accounts', MAX_ACCOUNTS)
  const content = <DiagnosisOfErrors accounts={accounts} signal={signal} />
  return { title: 'Diagnosis', content }
}

type Props = { accounts: readonly MailAccount[]; signal: AbortSignal }

const DiagnosisOfErrors = ({ accounts, signal }: Props) => (
  <>
    <PageHead
      title="Diagnosis"
      lead="Paste an error from any program to get the cause, who must act, and the fix."
    />
    {may('write') && (
      <div class="card">
        <DiagnosisForm accounts={accounts}>
          {(account, diagnosis) => (
            <>
              <p>
                <a href={accountHref(account)}>Open {account.username}</a>
              </p>
              {avoidableCause(senderOf(account), diagnosis) && (
                <Loaded<IntegrationSettings> path="/v1/integrations/microsoft/settings">
                  {(settings) => (
                    <GraphOffer
                      sender={senderOf(account)}
                      diagnosis={diagnosis}
                      settings={settings}
                    >
                      {(isPersonal) => (
                        <GraphSwitch account={account} isPersonal={isPersonal} signal={signal} />
                      )}
                    </GraphOffer>
                  )}
                </Loaded>
              )}
            </>
          )}
        </DiagnosisForm>
      </div>
    )}
    <ScopeNotice scope="write" text="Your API key can read the causes, but not diagnose errors." />
    <p class="after">
      <NewTab href="/docs/causes" text="All known causes" />
    </p>
  </>
)
