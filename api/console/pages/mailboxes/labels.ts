/** Labels of the list of mailboxes, and what it points out. Pure. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { ownerKey } from '../../ui/mail-account.ts'
import { count } from '../../ui/phrase.ts'

/** "51–100 of 640 mailboxes" */
export function rangeLabel(page: number, perPage: number, shown: number, found: number): string {
  const first = (page - 1) * perPage + 1
  if (shown === 0) return 'No mailboxes'
  return shown === found
    ? count(found, 'mailbox', 'mailboxes')
    : `${first}–${first + shown - 1} of ${found} mailboxes`
}

export const duplicateLabel = (found: number) =>
  `${count(found, 'account repeats a mailbox', 'accounts repeat mailboxes')} of the same owner`

type Entry = Pick<MailAccount, 'owner' | 'protocol'>

/** Returns true if two accounts of a mailbox have the same owner and protocol. */
export const isRepeated = (accounts: readonly Entry[]): boolean =>
  new Set(accounts.map(({ owner, protocol }) => `${protocol} ${ownerKey(owner)}`)).size <
  accounts.length
