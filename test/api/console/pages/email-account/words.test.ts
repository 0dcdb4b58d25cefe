import { expect, it } from 'vitest'
import {
  accountHref,
  newAccountHref,
  rightsOf,
  serverName,
} from '../../../../../api/console/pages/email-account/words.ts'

it('leads to the pages of both lists, and a form begins with what was asked for', () => {
  expect(accountHref({ id: 'ma_1', protocol: 'imap' })).toBe('#/email-accounts/ma_1')
  expect(accountHref({ id: 'ma_1', protocol: 'smtp' })).toBe('#/outgoing-email/ma_1')
  const [page, query] = newAccountHref('imap', { owner: 'Sales & more' }).split('?')
  expect(page).toBe('#/email-accounts/new')
  expect(new URLSearchParams(query).get('owner')).toBe('Sales & more')
})

it('says servers and rights in words', () => {
  expect(serverName({ host: 'smtp.office365.com', port: 587, security: 'starttls' })).toBe(
    'smtp.office365.com, port 587, STARTTLS',
  )
  expect(rightsOf(['imap'])).toBe('reading mail')
  expect(rightsOf(['smtp'])).toBe('sending mail')
  expect(rightsOf(['smtp', 'imap'])).toBe('reading and sending mail')
})
