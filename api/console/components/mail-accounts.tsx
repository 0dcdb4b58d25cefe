/** Mail accounts in a table with the state of each, and a search when there are many. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { MailAccount } from '../../../schema/mail-account.ts'
import { MOST } from '../api.ts'
import { accountName } from '../pages/api-keys/words.ts'
import { accountHref, serverName } from '../pages/email-account/words.ts'
import { findAccounts, sortByName } from '../pages/email-accounts/lists.ts'
import { MANY } from '../ui/search.ts'
import { SearchField } from './search-field.tsx'
import { HealthBadge, OutcomeBadge } from './state.tsx'
import { type Column, Table } from './table.tsx'
import { Ago } from './time.tsx'

type SearchableAccountsProps = {
  accounts: readonly MailAccount[]
  /** Shows all accounts, or those that were found. */
  children: (found: readonly MailAccount[], isSearched: boolean) => ComponentChildren
}

export function SearchableAccounts({ accounts, children }: SearchableAccountsProps) {
  const [words, search] = useState('')
  const found = findAccounts(accounts, words)
  const isSearched = words.trim() !== ''
  return (
    <div>
      {accounts.length >= MOST && (
        <p class="quiet">Only the newest {MOST} accounts are shown here.</p>
      )}
      {accounts.length > MANY && (
        <SearchField
          label="Find an email account"
          value={words}
          onInput={search}
          found={found.length > 0}
        />
      )}
      {(found.length > 0 || !isSearched) && children(found, isSearched)}
    </div>
  )
}

/** The outcome of an account's last validation, and when that was. */
export const LastValidation = (props: {
  validation: NonNullable<MailAccount['last_validation']>
}) => (
  <>
    <OutcomeBadge outcome={props.validation.outcome} />{' '}
    <span class="small quiet nowrap">
      <Ago time={props.validation.checked_at} />
    </span>
  </>
)

export const MailAccountTable = (props: { caption: string; accounts: readonly MailAccount[] }) => (
  <Table caption={props.caption} columns={columns} rows={sortByName(props.accounts)} even />
)

const columns: Column<MailAccount>[] = [
  {
    name: 'Mailbox',
    cell: (account) => (
      <>
        <a href={accountHref(account)}>{accountName(account)}</a>
        {account.name !== null && <div class="quiet small plain">{account.username}</div>}
        {account.delegate !== null && (
          <div class="quiet small plain">signs in as {account.delegate}</div>
        )}
      </>
    ),
  },
  { name: 'Server', cell: serverName },
  { name: 'Authentication', cell: ({ authentication }) => authenticationName(authentication) },
  { name: 'Health', cell: ({ health }) => <HealthBadge health={health} /> },
  {
    name: 'Last validation',
    cell: ({ last_validation: last }) => (last ? <LastValidation validation={last} /> : 'None yet'),
  },
]

function authenticationName(authentication: MailAccount['authentication']): string {
  if (authentication.type === 'password') return 'Password'
  return authentication.flow === 'app_only' ? 'OAuth (app-only)' : 'OAuth, Microsoft'
}
