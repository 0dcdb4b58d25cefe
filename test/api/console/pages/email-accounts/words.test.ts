import { expect, it } from 'vitest'
import {
  duplicateWords,
  rangeWords,
  repeatedIn,
} from '../../../../../api/console/pages/email-accounts/words.ts'
import { healths } from '../../../../../api/console/ui/state.ts'
import { HEALTH_BY_URGENCY } from '../../../../../schema/mail-account.ts'

it('says which accounts are shown', () => {
  expect(rangeWords(1, 50, 50, 640)).toBe('1–50 of 640 accounts')
  expect(rangeWords(13, 50, 40, 640)).toBe('601–640 of 640 accounts')
  expect(rangeWords(1, 50, 1, 1)).toBe('1 account')
  expect(rangeWords(1, 50, 0, 0)).toBe('No accounts')
})

it('finds a mailbox that one owner has twice with one protocol', () => {
  const entry = (id: string, username: string, owner = 'Support', protocol = 'imap') =>
    ({ id, username, protocol, owner: { type: 'department', id: owner } }) as const
  const accounts = [
    entry('1', 'a@x.org'),
    entry('2', 'A@x.org'),
    entry('3', 'a@x.org', 'Sales'),
    { ...entry('4', 'a@x.org'), protocol: 'smtp' as const },
  ]
  expect(repeatedIn(accounts as Parameters<typeof repeatedIn>[0])).toEqual(new Set(['1', '2']))
  expect(duplicateWords(1)).toBe('1 account repeats a mailbox of the same owner')
})

it('shows the states of health in the order in which the API sorts them', () => {
  expect(Object.keys(healths)).toEqual(HEALTH_BY_URGENCY)
})
