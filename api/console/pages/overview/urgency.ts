/** Finds the accounts that need somebody, and orders the list. Pure. */
import type { MailAccount } from '../../../../schema/mail-account.ts'

type Known = Pick<MailAccount, 'health' | 'username'>

/** `somebody` must act, `waiting` goes on by itself, `untried` nobody has tried, `works`. */
export type Group = 'somebody' | 'waiting' | 'untried' | 'works'

export const groups: readonly Group[] = ['somebody', 'waiting', 'untried', 'works']

export function groupOf({ health }: Pick<MailAccount, 'health'>): Group {
  if (health === 'ok') return 'works'
  if (health === 'cooling_down') return 'waiting'
  return health === 'unverified' ? 'untried' : 'somebody'
}

/** Sorts accounts that need somebody first, then by mailbox. */
export function byUrgency<Account extends Known>(accounts: readonly Account[]): Account[] {
  const rank = (account: Account) => groups.indexOf(groupOf(account))
  return [...accounts].sort(
    (a, b) => rank(a) - rank(b) || a.username.localeCompare(b.username, 'en'),
  )
}

export function countGroups(accounts: readonly Known[]): Record<Group, number> {
  const counts: Record<Group, number> = { somebody: 0, waiting: 0, untried: 0, works: 0 }
  for (const account of accounts) counts[groupOf(account)] += 1
  return counts
}
