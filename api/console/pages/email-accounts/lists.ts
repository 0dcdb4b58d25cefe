/** Lists of mail accounts: which are found by a search, in which groups and order. Pure. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { hasWords } from '../../ui/search.ts'
import { accountName } from '../api-keys/words.ts'
import { ownerName } from '../email-account/words.ts'

/** Compares names as people sort them: "Team 2" before "Team 10". */
const byText = new Intl.Collator('en', { numeric: true }).compare

type Named = Pick<MailAccount, 'name' | 'username'>

export const sortByName = <Account extends Named>(accounts: readonly Account[]): Account[] =>
  [...accounts].sort((a, b) => byText(accountName(a), accountName(b)))

type Searched = Named & Pick<MailAccount, 'delegate' | 'owner' | 'grant'>

/** Returns the accounts with every word of `search` in what tells one account from another. */
export const findAccounts = <Account extends Searched>(
  accounts: readonly Account[],
  search: string,
): Account[] =>
  accounts.filter(({ name, username, delegate, owner, grant }) =>
    hasWords([name, username, delegate, ownerName(owner), grant?.signed_in_as].join('\n'), search),
  )

/** Returns the accounts of each owner, by the owner's name. */
export const groupByOwner = <Account extends Pick<MailAccount, 'owner'>>(
  accounts: readonly Account[],
): [owner: string, accounts: Account[]][] =>
  [...Map.groupBy(accounts, ({ owner }) => ownerName(owner))].sort(([a], [b]) => byText(a, b))
