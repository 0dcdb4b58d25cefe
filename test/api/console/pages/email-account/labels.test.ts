import { describe, expect, it } from 'vitest'
import { emptyDraft } from '../../../../../api/console/pages/email-account/draft.ts'
import {
  deletionText,
  graphPermissions,
  mailboxLabel,
  outcomeLabel,
  requestOfSetting,
  savedFlash,
  senderOf,
  sendingLabel,
  serverName,
} from '../../../../../api/console/pages/email-account/labels.ts'
import {
  accountHref,
  addAgainHref,
  describeUses,
} from '../../../../../api/console/ui/mail-account.ts'
import type { MailAccount } from '../../../../../schema/mail-account.ts'
import type { Step } from '../../../../../schema/probe.ts'

const account = {
  id: 'ma_1',
  protocol: 'imap',
  username: 'support@contoso.test',
  delegate: 'alice@contoso.test',
  owner: null,
  health: 'ok',
  authentication: { type: 'oauth', flow: 'delegated' },
  grant: { id: 'gr_1', signed_in_as: 'alice@contoso.test' },
} as MailAccount

it('leads to the page of a mailbox, and a form begins with what was asked for', () => {
  expect(accountHref({ id: 'ma_1' })).toBe('#/mailboxes/ma_1')
  const owner = { type: 'brand', id: 'Sales & more' } as const
  const [page, query] = addAgainHref({ ...account, owner, customer: 'acme' }).split('?')
  expect(page).toBe('#/mailboxes/new')
  expect(Object.fromEntries(new URLSearchParams(query))).toEqual({
    protocols: 'imap',
    mailbox: 'support@contoso.test',
    owner: 'brand:Sales & more',
    customer: 'acme',
    delegate: 'alice@contoso.test',
  })
})

it('says servers and rights in words', () => {
  expect(serverName({ host: 'smtp.office365.com', port: 587, security: 'starttls' })).toBe(
    'smtp.office365.com, port 587, STARTTLS',
  )
  expect(describeUses(['imap'])).toBe('reading mail')
  expect(describeUses(['smtp'])).toBe('sending mail')
  expect(describeUses(['smtp', 'imap'])).toBe('reading and sending mail')
})

it('reports the permissions for Microsoft Graph, by who sends', () => {
  const sender = senderOf({ ...account, delegate: null })
  expect(graphPermissions(sender)).toBe('the delegated permission Mail.Send')
  expect(graphPermissions(senderOf(account))).toContain('Mail.Send and Mail.Send.Shared')
  expect(graphPermissions({ ...sender, authentication: 'app_only' })).toContain('application')
  const message = requestOfSetting(sender, 'https://mail.example.com/')
  expect(message).toContain('for support@contoso.test. Please allow Microsoft Graph')
  expect(message).toContain('add the delegated permission Mail.Send of Microsoft Graph')
})

it('says what goes with deleted accounts, whose they are, and what stays', () => {
  const { grant } = account
  const others = [
    { id: 'ma_2', grant },
    { id: 'ma_3', grant },
  ]
  expect(deletionText([account], [account])).toMatch(
    'is deleted too, because nothing else uses it.',
  )
  expect(deletionText([account], [account, ...others.slice(1)])).toMatch(
    'stays, because another account uses it.',
  )
  expect(deletionText([account], [account, ...others])).toMatch('stays, because 2 others use it.')
  expect(deletionText([{ ...account, grant: null }], [])).toBe('It has no sign-in.')
  const password = { ...account, authentication: { type: 'password' } } as MailAccount
  expect(deletionText([password], [])).toBe('The stored password is deleted too.')

  const sending = {
    ...account,
    id: 'ma_4',
    protocol: 'smtp',
    owner: { type: 'brand', id: 'Contoso' },
    grant: { id: 'gr_2', signed_in_as: 'bob@contoso.test' },
  } as MailAccount
  expect(deletionText([{ ...sending, grant: null }], [])).toBe(
    'It belongs to Contoso. It has no sign-in.',
  )
  const support = { ...account, owner: { type: 'department', id: 'Support' } } as MailAccount
  expect(deletionText([support, sending], [support, sending, ...others])).toBe(
    'These 2 accounts belong to Support and Contoso. The sign-in of alice@contoso.test stays, because 2 others use it. The sign-in of bob@contoso.test is deleted too, because nothing else uses it.',
  )
  const shared = { ...sending, grant }
  expect(deletionText([support, shared], [support, shared])).toBe(
    'These 2 accounts belong to Support and Contoso. The sign-in of alice@contoso.test is deleted too, because nothing else uses it.',
  )
})

it('says after a save that the accounts work, and leaves the rest to the page', () => {
  const sending = { ...account, protocol: 'smtp' } as MailAccount
  expect(savedFlash([account])).toBe('It works, and stays connected for reading mail.')
  expect(savedFlash([account, sending])).toMatch('connected for reading and sending mail.')
  expect(savedFlash([account, { ...sending, health: 'failing' }])).toBe('')
})

it('says what a mailbox is for, whose it is, and who signs in', () => {
  const servers = { imap: [], smtp: [] }
  const asked = { mailbox: 'support@contoso.test', delegate: 'alice@contoso.test' }
  const draft = emptyDraft(['imap'], servers, { ...asked, owner: 'department:Support' })
  expect(mailboxLabel(draft)).toBe('Reading mail, department Support, alice@contoso.test signs in')
  const owners = { ...draft.owners, smtp: { type: 'global', id: '' } as const }
  const both = { ...draft, protocols: ['imap', 'smtp'] as const, owners, delegate: '' }
  expect(mailboxLabel(both)).toBe('Reading and sending mail, department Support, all brands')
  expect(mailboxLabel(emptyDraft(['imap', 'smtp'], servers))).toBe('Reading and sending mail')
})

it('says the outcome of a validation, with its cause', () => {
  const imap = { protocol: 'imap', diagnosis: null } as const
  expect(outcomeLabel({ ...imap, outcome: 'passed' })).toBe('Reading mail works.')
  expect(outcomeLabel({ ...imap, outcome: 'inconclusive' })).toBe(
    'Reading mail could not be tried. The details follow.',
  )
  const diagnosis = { candidates: [{ title: 'IMAP is off' }] } as never
  expect(outcomeLabel({ ...imap, outcome: 'failed', diagnosis })).toBe(
    'Reading mail does not work: IMAP is off. The details follow.',
  )
})

const step = (name: Step['name'], outcome: Step['outcome'], detail: string | null = null) => ({
  name,
  outcome,
  duration_ms: 0,
  detail,
})
const to = 'bob@contoso.test'

describe('the result of a test message', () => {
  it('reports the recipient, and where to look, once the server has accepted it', () => {
    const steps = [step('authenticate', 'passed', 'in'), step('send', 'passed', '250 OK')]
    expect(sendingLabel({ outcome: 'passed', sent: true, to, steps })).toEqual({
      tone: 'good',
      title: 'The server accepted the message for bob@contoso.test',
      text: 'If the message does not arrive, look in the junk folder.',
    })
  })

  it('quotes the refusal of the server', () => {
    const steps = [step('mailbox', 'skipped', 'none'), step('send', 'failed', 'It said 550.')]
    expect(sendingLabel({ outcome: 'failed', sent: false, to, steps })).toEqual({
      tone: 'bad',
      title: 'The message was not sent',
      text: 'It said 550.',
    })
  })

  it('differs between what was not sent now and what may have been sent', () => {
    const steps = [step('dns', 'skipped', 'The checker is busy.'), step('send', 'skipped')]
    const open = { outcome: 'inconclusive', to, steps } as const
    expect(sendingLabel({ ...open, sent: false })).toMatchObject({
      tone: 'ask',
      title: 'The message could not be sent now',
      text: 'The checker is busy.',
    })
    expect(sendingLabel({ ...open, sent: null }).title).toBe('The message may have been sent')
  })
})
