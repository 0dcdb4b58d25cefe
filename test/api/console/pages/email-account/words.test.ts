import { expect, it } from 'vitest'
import {
  accountHref,
  deletionWords,
  newAccountHref,
  otherAccountLink,
  outcomeWords,
  rightsOf,
  savedWords,
  serverName,
} from '../../../../../api/console/pages/email-account/words.ts'
import type { MailAccount } from '../../../../../schema/mail-account.ts'

const account = {
  id: 'ma_1',
  protocol: 'imap',
  username: 'support@contoso.test',
  delegate: 'alice@contoso.test',
  health: 'ok',
  authentication: { type: 'oauth', flow: 'delegated' },
  grant: { id: 'gr_1', signed_in_as: 'alice@contoso.test' },
} as MailAccount

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

it('says what goes with a deleted account, and what stays', () => {
  const others = [{ id: 'ma_2' }, { id: 'ma_3' }]
  expect(deletionWords(account, [account])).toMatch('goes with it: nothing else uses it.')
  expect(deletionWords(account, [account, ...others.slice(1)])).toMatch(
    'stays: another account uses it.',
  )
  expect(deletionWords(account, [account, ...others])).toMatch('stays: 2 others use it.')
  expect(deletionWords({ ...account, grant: undefined }, [])).toBe('It has no access token.')
  const password = { ...account, authentication: { type: 'password' } } as MailAccount
  expect(deletionWords(password, [])).toBe('Its stored password goes with it.')
})

it('leads on to the other account that an access token serves', () => {
  const link = otherAccountLink(account, { id: 'gr_1', protocols: ['imap', 'smtp'] })
  const query = new URLSearchParams(link?.href.split('?')[1])
  expect(Object.fromEntries(query)).toEqual({
    mailbox: 'support@contoso.test',
    grant: 'gr_1',
    delegate: 'alice@contoso.test',
  })
  expect(link?.text).toBe('Use the same access token for sending mail')
  expect(otherAccountLink(account, { id: 'gr_1', protocols: ['imap'] })).toBeUndefined()
  expect(otherAccountLink(account, null)).toBeUndefined()
})

it('says after a save whether the account works', () => {
  expect(savedWords(account)).toMatch('It works')
  const unknown = { ...account, health: 'unverified' } as MailAccount
  expect(savedWords({ ...unknown, last_validation: undefined })).toMatch('Validate it below')
  const last_validation = { outcome: 'failed' } as MailAccount['last_validation']
  expect(savedWords({ ...unknown, last_validation })).toMatch('It does not work yet.')
})

it('says the outcome of a validation, with its cause', () => {
  expect(outcomeWords({ outcome: 'passed', diagnosis: null })).toBe('Validation passed.')
  expect(outcomeWords({ outcome: 'inconclusive', diagnosis: null })).toBe(
    'Validation was inconclusive. The details follow.',
  )
  const diagnosis = { candidates: [{ title: 'IMAP is off' }] } as never
  expect(outcomeWords({ outcome: 'failed', diagnosis })).toBe(
    'Validation failed: IMAP is off. The details follow.',
  )
})
