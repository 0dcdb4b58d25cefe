import { describe, expect, it } from 'vitest'
import {
  findAccounts,
  groupByOwner,
  sortByName,
} from '../../../../../api/console/pages/email-accounts/lists.ts'
import type { MailAccount } from '../../../../../schema/mail-account.ts'

type Account = Pick<MailAccount, 'name' | 'username' | 'delegate' | 'owner' | 'grant'>

const account = (username: string, more: Partial<Account> = {}): Account => ({
  name: null,
  username,
  delegate: null,
  owner: { type: 'department', id: 'Sales' },
  ...more,
})
const names = (accounts: readonly Account[]) => accounts.map(({ username }) => username)

describe('a search for accounts', () => {
  const accounts = [
    account('alice@contoso.com', { name: 'Help desk' }),
    account('support@contoso.com', { delegate: 'bob@contoso.com' }),
    account('news@contoso.com', { owner: { type: 'global' } }),
  ]
  it.each([
    ['desk help', ['alice@contoso.com']],
    ['bob', ['support@contoso.com']],
    ['SALES', ['alice@contoso.com', 'support@contoso.com']],
    ['all brands', ['news@contoso.com']],
    ['sales news', []],
    [' ', ['alice@contoso.com', 'support@contoso.com', 'news@contoso.com']],
  ])('for "%s" looks at all that tells them apart', (search, found) => {
    expect(names(findAccounts(accounts, search))).toEqual(found)
  })
})

describe('a list of accounts', () => {
  it('is sorted by name, or by mailbox without one, with numbers in their order', () => {
    const unsorted = [account('team10@a'), account('z@a', { name: 'Archive' }), account('team2@a')]
    expect(names(sortByName(unsorted))).toEqual(['z@a', 'team2@a', 'team10@a'])
  })

  it('is grouped by owner, in the order of their names', () => {
    const of = (id: string, username: string) =>
      account(username, { owner: { type: 'department', id } })
    const groups = groupByOwner([of('Team 10', 'a@a'), of('Team 2', 'b@a'), of('Team 10', 'c@a')])
    expect(groups.map(([owner, accounts]) => [owner, names(accounts)])).toEqual([
      ['Team 2', ['b@a']],
      ['Team 10', ['a@a', 'c@a']],
    ])
  })
})
