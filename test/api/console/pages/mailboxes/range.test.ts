import { expect, it } from 'vitest'
import { rangeLabel } from '../../../../../api/console/pages/mailboxes/address.ts'
import { healths } from '../../../../../api/console/ui/state.ts'
import { HEALTH_BY_URGENCY } from '../../../../../schema/mail-account.ts'

it('says which mailboxes are shown', () => {
  expect(rangeLabel(1, 50, 50, 640)).toBe('1–50 of 640 mailboxes')
  expect(rangeLabel(13, 50, 40, 640)).toBe('601–640 of 640 mailboxes')
  expect(rangeLabel(1, 50, 1, 1)).toBe('1 mailbox')
  expect(rangeLabel(1, 50, 0, 0)).toBe('No mailboxes')
})

it('shows the states of health in the order in which the API sorts them', () => {
  expect(Object.keys(healths)).toEqual(HEALTH_BY_URGENCY)
})
