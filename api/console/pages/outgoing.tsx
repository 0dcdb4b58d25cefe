/** Outgoing email of all brands and of single ones: through which mailboxes mail is sent. */
import { useId } from 'preact/hooks'
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

export async function outgoingPage(visit: Visit): Promise<Page> {
  const [accounts, integration] = await Promise.all([
    list<MailAccount>('/v1/mail-accounts?protocol=smtp'),
    get<Integration>('/v1/integrations/microsoft', visit.signal),
  ])
  const view = <OutgoingEmail accounts={accounts} integration={integration} />
  return { title: words.smtp.list, content: view }
}

const OutgoingEmail = ({ accounts, integration }: Accounts & { integration: Integration }) => (
  <>
    <PageHead title={words.smtp.list} lead="The mailboxes through which mail is sent.">
      {may('write') && (
        <a class="button main" href={newAccountHref('smtp')}>
          {words.smtp.add}
        </a>
      )}
    </PageHead>
    <Told />
    {accounts.length === 0 && <MissingProvider integration={integration} />}
    <SearchableAccounts accounts={accounts}>
      {(found, isSearched) => <Brands accounts={found} isSearched={isSearched} />}
    </SearchableAccounts>
  </>
)

function Brands({ accounts, isSearched }: Accounts & { isSearched: boolean }) {
  const everybody = accounts.filter(({ owner }) => owner.type === 'global')
  const brands = groupByOwner(accounts.filter(({ owner }) => owner.type !== 'global'))
  return (
    <>
      {/* What is missing is said of all accounts, not of those that were found. */}
      {(everybody.length > 0 || !isSearched) && <AllBrands accounts={everybody} />}
      {brands.map(([brand, theirs]) => (
        <Senders key={brand} title={brand} accounts={theirs} owner={brand} />
      ))}
      {brands.length === 0 && !isSearched && <NoBrand />}
    </>
  )
}

const AllBrands = ({ accounts }: Accounts) => (
  <Senders
    title="All brands"
    lead="What every brand sends through, unless it has its own."
    accounts={accounts}
  />
)

const NoBrand = () => (
  <p class="quiet">
    No brand has an outgoing account of its own.{' '}
    {may('write') && <a href={newAccountHref('smtp', { scope: 'brand' })}>Add one for a brand</a>}
  </p>
)

/** `owner`: the brand that another account is added for; all of them if not said. */
function Senders(props: Accounts & { title: string; lead?: string; owner?: string }) {
  const { title, lead, accounts, owner } = props
  const id = useId()
  return (
    <section aria-labelledby={id}>
      <div class="row spread group">
        <h2 id={id}>{title}</h2>
        {accounts.length > 0 && may('write') && (
          <a
            href={newAccountHref('smtp', owner === undefined ? {} : { owner })}
            aria-label={`Add another for ${title}`}
          >
            Add another
          </a>
        )}
      </div>
      {lead && <p class="quiet">{lead}</p>}
      {accounts.length > 0 ? (
        <MailAccountTable caption={`Outgoing email of ${title}`} accounts={accounts} />
      ) : (
        <div class="empty">
          <p>No mailbox sends for all brands yet.</p>
        </div>
      )}
    </section>
  )
}
