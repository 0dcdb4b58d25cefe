import { describe, expect, it } from 'vitest'
import { emptyDraft } from '../../../../../api/console/pages/email-account/draft.ts'
import {
  graphPermissions,
  mailboxLabel,
  outcomeLabel,
  requestOfSetting,
  savedFlash,
  sendingLabel,
  serverName,
} from '../../../../../api/console/pages/email-account/labels.ts'
import { describeUses } from '../../../../../api/console/ui/mail-account.ts'
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

it('says servers and rights in words', () => {
  expect(serverName({ host: 'smtp.office365.com', port: 587, security: 'starttls' })).toBe(
    'smtp.office365.com, port 587, STARTTLS',
  )
  expect(describeUses(['imap'])).toBe('reading mail')
  expect(describeUses(['smtp'])).toBe('sending mail')
  expect(describeUses(['smtp', 'imap'])).toBe('reading and sending mail')
})

it('reports the permissions for Microsoft Graph, by who sends', () => {
  const servers = { imap: [], smtp: [] }
  const draft = emptyDraft(['smtp'], servers, { mailbox: 'support@contoso.test' })
  expect(graphPermissions(draft)).toBe('the delegated permission Mail.Send')
  expect(graphPermissions({ ...draft, delegate: 'alice@contoso.test' })).toContain(
    'Mail.Send and Mail.Send.Shared',
  )
  expect(graphPermissions({ ...draft, authentication: 'app_only' })).toContain('application')
  const message = requestOfSetting(draft, 'https://mail.example.com/')
  expect(message).toContain('for support@contoso.test. Please allow Microsoft Graph')
  expect(message).toContain('add the delegated permission Mail.Send of Microsoft Graph')
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
