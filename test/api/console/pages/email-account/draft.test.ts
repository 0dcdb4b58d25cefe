import { describe, expect, it } from 'vitest'
import {
  bodyOf,
  type Draft,
  delegateOf,
  draftOf,
  emptyDraft,
  faultsOf,
  ownerFor,
  signInFaults,
} from '../../../../../api/console/pages/email-account/draft.ts'
import type { MailAccount } from '../../../../../schema/mail-account.ts'
import { MailAccountInput } from '../../../../../schema/mail-account.ts'

const imap = [{ host: 'outlook.office365.com', port: 993, security: 'tls' }] as const
const smtp = [{ host: 'smtp.office365.com', port: 587, security: 'starttls' }] as const
const grant = {
  type: 'oauth',
  provider: 'microsoft',
  flow: 'delegated',
  grant_id: `gr_${'a'.repeat(26)}`,
} as const

const filled = (changes: Partial<Draft> = {}): Draft => ({
  ...emptyDraft('imap', imap, { mailbox: 'support@contoso.test' }),
  ...changes,
})
const pointers = (draft: Draft) => faultsOf(draft).map(({ pointer }) => pointer)

describe('a new form', () => {
  it('lacks nothing but the mailbox', () => {
    expect(pointers(emptyDraft('imap', imap, {}))).toEqual(['/username'])
    expect(pointers(emptyDraft('smtp', smtp, {}))).toEqual(['/username'])
  })

  it('takes the owner from its address, and else guesses the department from the mailbox', () => {
    expect(emptyDraft('imap', imap, { owner: 'dep_7' }).ownerId).toBe('dep_7')
    expect(emptyDraft('imap', imap, { mailbox: 'Sales@contoso.test' }).ownerId).toBe('sales')
    expect(ownerFor('')).toBe('support')
  })

  it('sends for all brands unless one is named', () => {
    expect(emptyDraft('smtp', smtp, {})).toMatchObject({ ownerType: 'global', ownerId: '' })
    expect(emptyDraft('smtp', smtp, { owner: 'b_3' })).toMatchObject({
      ownerType: 'brand',
      ownerId: 'b_3',
    })
  })
})

describe('the body of a form', () => {
  it('is what the API takes, without what was left blank', () => {
    const body = bodyOf(filled(), 'imap', grant)
    expect(MailAccountInput.parse(body)).toEqual(body)
    expect(body).toEqual({
      owner: { type: 'department', id: 'support' },
      protocol: 'imap',
      host: 'outlook.office365.com',
      port: 993,
      security: 'tls',
      username: 'support@contoso.test',
      authentication: grant,
    })
  })

  it('names a delegate only while the mailbox is shared, a sender only for outgoing mail', () => {
    const draft = filled({ delegate: 'alice@contoso.test', from: 'help@contoso.test' })
    expect(bodyOf(draft, 'imap', grant)).not.toHaveProperty('delegate')
    expect(bodyOf(draft, 'imap', grant)).not.toHaveProperty('from')
    expect(delegateOf({ ...draft, shared: true })).toBe('alice@contoso.test')
    const outgoing = bodyOf({ ...draft, shared: true, ownerType: 'global' }, 'smtp', grant)
    expect(outgoing).toMatchObject({
      owner: { type: 'global' },
      delegate: 'alice@contoso.test',
      from: 'help@contoso.test',
    })
  })

  it('names no delegate where nobody signs in', () => {
    const draft = filled({
      shared: true,
      delegate: 'alice@contoso.test',
      authentication: 'app_only',
      tenant: 'contoso.test',
    })
    const appOnly = {
      type: 'oauth',
      provider: 'microsoft',
      flow: 'app_only',
      tenant: 'contoso.test',
    } as const
    expect(bodyOf(draft, 'imap', appOnly)).not.toHaveProperty('delegate')
    expect(pointers({ ...draft, delegate: '' })).toEqual([])
    const saved = { owner: { type: 'global' }, port: 993, delegate: null, authentication: appOnly }
    expect(draftOf(saved as unknown as MailAccount)).toMatchObject({
      authentication: 'app_only',
      tenant: 'contoso.test',
    })
  })

  it('of a saved account that nobody touched is that account', () => {
    const account = {
      name: 'Support inbox',
      owner: { type: 'department', id: 'dep_7' },
      protocol: 'imap',
      ...imap[0],
      username: 'support@contoso.test',
      delegate: 'alice@contoso.test',
      from: null,
      authentication: grant,
    } as unknown as MailAccount
    expect(bodyOf(draftOf(account), 'imap', grant)).toEqual({
      name: 'Support inbox',
      owner: { type: 'department', id: 'dep_7' },
      protocol: 'imap',
      ...imap[0],
      username: 'support@contoso.test',
      delegate: 'alice@contoso.test',
      authentication: grant,
    })
  })
})

describe('what is wrong with a form', () => {
  it.each<[string, Partial<Draft>]>([
    ['/username', { mailbox: 'support' }],
    ['/owner/id', { ownerId: ' ' }],
    ['/delegate', { shared: true }],
    ['/from', { from: 'not an address' }],
    ['/host', { host: '' }],
    ['/port', { port: '' }],
    ['/port', { port: '70000' }],
  ])('is said at %s', (pointer, changes) => {
    expect(pointers(filled(changes))).toEqual([pointer])
  })

  it('keeps nobody from signing in unless it is about who signs in', () => {
    expect(signInFaults(filled({ host: '', ownerId: '' }))).toEqual([])
    expect(signInFaults(filled({ mailbox: '' }))).toHaveLength(1)
    expect(signInFaults(filled({ shared: true, delegate: '' }))).toHaveLength(1)
  })
})
