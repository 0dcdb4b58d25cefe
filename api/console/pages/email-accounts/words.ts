/** Words of the lists of incoming and outgoing accounts, and what they point out. Pure. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { MailProtocol } from '../../../../schema/mail-servers.ts'
import { count } from '../../ui/words.ts'
import { ownerKey } from './address.ts'

type ListWords = { lead: string; owner: string; allOwners: string; none: string; hint: string }

export const listWords: Record<MailProtocol, ListWords> = {
  imap: {
    lead: 'The mailboxes that are read, and the department of each.',
    owner: 'Department',
    allOwners: 'All departments',
    none: 'No mailbox is read yet.',
    hint: 'Add the first one and say which department it belongs to.',
  },
  smtp: {
    lead: 'The mailboxes that send mail, for all brands or for one.',
    owner: 'Brand',
    allOwners: 'Any brand',
    none: 'No mailbox sends mail yet.',
    hint: 'Add one for all brands first. A brand can have its own later.',
  },
}

/** "51–100 of 640" */
export function rangeWords(page: number, perPage: number, shown: number, found: number): string {
  const first = (page - 1) * perPage + 1
  if (shown === 0) return 'No accounts'
  return shown === found
    ? count(found, 'account')
    : `${first}–${first + shown - 1} of ${found} accounts`
}

export const duplicateWords = (found: number) =>
  `${count(found, 'account repeats a mailbox', 'accounts repeat mailboxes')} of the same owner`

type Entry = Pick<MailAccount, 'id' | 'owner' | 'protocol' | 'username'>

/** Returns the ids of accounts whose mailbox another of these has for the same owner and protocol. */
export function repeatedIn(accounts: readonly Entry[]): Set<string> {
  const groups = Map.groupBy(accounts, ({ owner, protocol, username }) =>
    [ownerKey(owner), protocol, username.toLowerCase()].join(' '),
  )
  return new Set(
    [...groups.values()]
      .filter(({ length }) => length > 1)
      .flat()
      .map(({ id }) => id),
  )
}
