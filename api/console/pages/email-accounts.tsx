/** Email accounts of departments: whose mail is read. */
import type { Integration } from '../../../schema/integration.ts'
import type { MailAccount } from '../../../schema/mail-account.ts'
import { get, list } from '../api.ts'
import { MailAccountTable, SearchableAccounts } from '../components/mail-accounts.tsx'
import { MissingProvider } from '../components/missing-provider.tsx'
import { PageHead } from '../components/page-head.tsx'
import { Told } from '../components/told.tsx'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { newAccountHref, words } from './email-account/words.ts'
import { groupByOwner } from './email-accounts/lists.ts'

type Accounts = { accounts: readonly MailAccount[] }

export async function emailAccountsPage(visit: Visit): Promise<Page> {
  const [accounts, integration] = await Promise.all([
    list<MailAccount>('/v1/mail-accounts?protocol=imap'),
    get<Integration>('/v1/integrations/microsoft', visit.signal),
  ])
  const view = <EmailAccounts accounts={accounts} integration={integration} />
  return { title: words.imap.list, content: view }
}

const EmailAccounts = ({ accounts, integration }: Accounts & { integration: Integration }) => (
  <>
    <PageHead title={words.imap.list} lead="The mailboxes that are read, by department.">
      {may('write') && (
        <a class="button main" href={newAccountHref('imap')}>
          {words.imap.add}
        </a>
      )}
    </PageHead>
    <Told />
    {accounts.length === 0 && (
      <>
        <MissingProvider integration={integration} />
        <NoAccounts />
      </>
    )}
    <SearchableAccounts accounts={accounts}>
      {(found) => <Departments accounts={found} />}
    </SearchableAccounts>
  </>
)

const Departments = ({ accounts }: Accounts) => (
  <>
    {groupByOwner(accounts).map(([department, theirs], index) => (
      <section key={department} aria-labelledby={`department-${index}`}>
        <div class="row spread group">
          <h2 id={`department-${index}`}>{department}</h2>
          {may('write') && (
            <a
              href={newAccountHref('imap', { owner: department })}
              aria-label={`Add another to ${department}`}
            >
              Add another
            </a>
          )}
        </div>
        <MailAccountTable caption={`Email accounts of ${department}`} accounts={theirs} />
      </section>
    ))}
  </>
)

const NoAccounts = () => (
  <div class="empty">
    <p>No mailbox is read yet.</p>
    <p>
      Add the first one and say which department it belongs to: departments appear here as soon as
      they have a mailbox.
    </p>
  </div>
)
