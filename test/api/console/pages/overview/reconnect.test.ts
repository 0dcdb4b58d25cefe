import { expect, it } from 'vitest'
import { afterSignIn } from '../../../../../api/console/pages/overview/reconnect.ts'
import type { MailAccount } from '../../../../../schema/mail-account.ts'

const accountsWith = (...grants: (string | null)[]) =>
  grants.map((id) => ({ grant: id === null ? null : { id } }) as MailAccount)

it.each([
  ['one grant', ['gr_1', 'gr_1'], /^Then the mailbox is connected again/],
  ['two grants', ['gr_1', 'gr_2'], /^Keep this page open/],
  ['a grant for one of them', ['gr_1', null], /^Keep this page open/],
  ['no grant', [null, null], /^Keep this page open/],
] as const)('a link for accounts with %s says what connects them', (_, grants, words) => {
  expect(afterSignIn(accountsWith(...grants))).toMatch(words)
})
