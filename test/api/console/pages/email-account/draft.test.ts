import { describe, expect, it } from 'vitest'
import {
  bodyOf,
  chooseUses,
  type Draft,
  delegateOf,
  draftOf,
  emptyDraft,
  errorsOf,
  groupsOf,
  personalServer,
  signInErrors,
  signInRequestOf,
  tidy,
  type Whole,
} from '../../../../../api/console/pages/email-account/draft.ts'
import { type MailAccount, MailAccountInput } from '../../../../../schema/mail-account.ts'
import { microsoftMailServers } from '../../../../../schema/mail-servers.ts'

const imap = { host: 'outlook.office365.com', port: 993, security: 'tls' } as const
const smtp = { host: 'smtp.office365.com', port: 587, security: 'starttls' } as const
const servers = { imap: [imap], smtp: [smtp] }
const grant = {
  type: 'oauth',
  provider: 'microsoft',
  flow: 'delegated',
  grant_id: `gr_${'a'.repeat(26)}`,
} as const

const filled = (changes: Partial<Draft> = {}): Draft => ({
  ...emptyDraft(['imap'], servers, { mailbox: 'support@contoso.test' }),
  ...changes,
})
const pointers = (draft: Draft) => Object.keys(errorsOf(draft))

describe('a new form', () => {
  it('lacks nothing but the mailbox', () => {
    expect(pointers(emptyDraft(['imap', 'smtp'], servers))).toEqual(['/username'])
  })

  it('has the first server of each use', () => {
    expect(emptyDraft(['smtp'], servers)).toMatchObject({
      protocols: ['smtp'],
      servers: { imap: { host: imap.host, port: '993' }, smtp: { host: smtp.host, port: '587' } },
    })
  })

  it('sends in one way: Microsoft Graph or SMTP, whichever was chosen last', () => {
    expect(chooseUses(['imap', 'smtp'], ['imap', 'smtp', 'graph_send'])).toEqual([
      'imap',
      'graph_send',
    ])
    expect(chooseUses(['graph_send'], ['smtp', 'graph_send'])).toEqual(['smtp'])
    expect(chooseUses(['smtp'], ['imap', 'smtp'])).toEqual(['imap', 'smtp'])
    expect(chooseUses(['imap', 'smtp'], ['smtp'])).toEqual(['smtp'])
  })

  it.each([
    [null, 'none', 'none'],
    ['department:dep: 7', 'department', 'none'],
    ['brand:b_3', 'none', 'brand'],
    ['global', 'none', 'global'],
    ['other:queue', 'other', 'other'],
  ])('takes the owner in its address, for the use that it can own: %s', (owner, reads, sends) => {
    const { owners } = emptyDraft(['imap', 'smtp'], servers, { owner })
    expect([owners.imap.type, owners.smtp.type]).toEqual([reads, sends])
    const id = owner?.split(/:(.*)/)[1] ?? ''
    expect([owners.imap.id, owners.smtp.id]).toContain(id)
  })
})

describe('the body of a form', () => {
  it('is what the API takes, with null for what was left blank', () => {
    const body = bodyOf(filled(), 'imap', grant)
    expect(MailAccountInput.parse(body)).toEqual(body)
    expect(body).toMatchObject({
      name: null,
      delegate: null,
      from: null,
      owner: null,
      protocol: 'imap',
      ...imap,
      username: 'support@contoso.test',
      authentication: grant,
    })
  })

  it('adds a use to the customer of the mailbox, and moves no saved account', () => {
    const body = bodyOf(filled(), 'smtp', grant, 'acme')
    expect(MailAccountInput.parse(body)).toMatchObject({ customer: 'acme' })
    expect(bodyOf(filled(), 'imap', grant)).not.toHaveProperty('customer')
  })

  it('signs in for the customer of a new mailbox, while a saved one has its own', () => {
    const saved = { id: 'ma_1', delegate: null }
    expect(signInRequestOf(filled(), ['imap'], undefined, 'acme')).toMatchObject({
      customer: 'acme',
    })
    expect(signInRequestOf(filled(), ['imap'], saved, 'acme')).not.toHaveProperty('customer')
  })

  it('does not compile while the API has a field that the form does not know, since a save would wipe it', () => {
    const body: Whole<MailAccountInput> = bodyOf(filled(), 'imap', grant)
    // @ts-expect-error: the request lacks "newer".
    const request: Whole<MailAccountInput & { newer?: string | null }> = body
    // A save without `customer` keeps it.
    const { customer: _customer, ...replaced } = MailAccountInput.shape
    expect(Object.keys(request).sort()).toEqual(Object.keys(replaced).sort())
  })

  it('gives an account without an owner one only if it is typed', () => {
    const none = { type: 'none', id: ' ' } as const
    const draft = filled({ owners: { imap: none, smtp: none, graph_send: none } })
    expect(errorsOf(draft)).toEqual({})
    expect(bodyOf(draft, 'imap', grant).owner).toBeNull()
    expect(bodyOf(draft, 'smtp', grant).owner).toBeNull()
    const ofReading = (owner: Draft['owners']['imap']) =>
      bodyOf(filled({ owners: { ...draft.owners, imap: owner } }), 'imap', grant).owner
    expect(ofReading({ ...none, id: 'Support' })).toEqual({ type: 'department', id: 'Support' })
    expect(ofReading({ type: 'department', id: ' ' })).toBeNull()
  })

  it('names who else signs in, and a sender only for outgoing mail', () => {
    expect(delegateOf(filled({ delegate: 'Support@contoso.test' }))).toBeNull()
    const draft = filled({ delegate: 'alice@contoso.test', from: 'help@contoso.test' })
    expect(bodyOf(draft, 'imap', grant)).toMatchObject({
      delegate: 'alice@contoso.test',
      from: null,
    })
    expect(bodyOf(draft, 'smtp', grant)).toMatchObject({
      owner: null,
      ...smtp,
      delegate: 'alice@contoso.test',
      from: 'help@contoso.test',
    })
  })

  it('has no server for Microsoft Graph, which is not a choice', () => {
    const body = bodyOf(filled(), 'graph_send', grant)
    expect(MailAccountInput.parse(body)).toEqual(body)
    expect(body).not.toHaveProperty('host')
  })

  it('names no delegate where nobody signs in', () => {
    const draft = filled({
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
    expect(bodyOf(draft, 'imap', appOnly).delegate).toBeNull()
    expect(pointers({ ...draft, delegate: '' })).toEqual([])
    const saved = {
      protocol: 'smtp',
      owner: { type: 'global' },
      port: 993,
      delegate: null,
      authentication: appOnly,
    }
    expect(draftOf([saved as unknown as MailAccount], servers)).toMatchObject({
      authentication: 'app_only',
      tenant: 'contoso.test',
    })
  })

  it('of a saved account that nobody touched is that account, whatever owns it', () => {
    const account = {
      name: 'Support inbox',
      owner: { type: 'other', id: 'project_9' },
      protocol: 'imap',
      ...imap,
      username: 'support@contoso.test',
      delegate: 'alice@contoso.test',
      from: null,
      authentication: grant,
    } as unknown as MailAccount
    const sending = { ...account, owner: null, protocol: 'smtp', ...smtp } as MailAccount
    const draft = draftOf([account, sending], servers)
    expect(bodyOf(draft, 'imap', grant)).toMatchObject(account)
    expect(bodyOf(draft, 'smtp', grant)).toMatchObject(sending)
    const unused = { ...account, from: 'other@contoso.test' }
    expect(bodyOf(draftOf([unused, sending], servers), 'smtp', grant).from).toBeNull()
  })
})

it('of a personal mailbox that sends through Graph has the SMTP server of personal accounts', () => {
  const known = { imap: [imap], smtp: microsoftMailServers.global.smtp }
  const account = { protocol: 'graph_send', authentication: grant, port: 443, owner: null }
  const hostFor = (type: 'personal' | 'work') =>
    draftOf([account as unknown as MailAccount], known, type).servers.smtp.host
  expect(hostFor('personal')).toBe('smtp-mail.outlook.com')
  expect(hostFor('work')).toBe('smtp.office365.com')
})

describe('what is wrong with a form', () => {
  const owner = (id: string) => ({ ...filled().owners, smtp: { type: 'brand', id } as const })
  const server = (changes: Partial<Draft['servers']['imap']>) => ({
    ...filled().servers,
    imap: { ...filled().servers.imap, ...changes },
  })

  it.each<[string, Partial<Draft>]>([
    ['/username', { mailbox: 'support' }],
    ['/protocol', { protocols: [] }],
    ['/smtp/owner/id', { protocols: ['smtp'], owners: owner(' ') }],
    ['/delegate', { delegate: 'alice' }],
    ['/from', { protocols: ['smtp'], from: 'not an address' }],
    ['/imap/host', { servers: server({ host: '' }) }],
    ['/imap/port', { servers: server({ port: '' }) }],
    ['/imap/port', { servers: server({ port: '70000' }) }],
  ])('is said at %s', (pointer, changes) => {
    expect(pointers(filled(changes))).toEqual([pointer])
  })

  it('is only what the chosen uses need', () => {
    expect(pointers(filled({ from: 'no address', protocols: ['smtp'] }))).toEqual(['/from'])
    expect(pointers(filled({ from: 'no address', owners: owner('') }))).toEqual([])
  })

  it('prevents a sign-in only where it is about who signs in', () => {
    expect(signInErrors(filled({ servers: server({ host: '' }), owners: owner('') }))).toEqual({})
    expect(Object.keys(signInErrors(filled({ mailbox: '' })))).toEqual(['/username'])
    expect(Object.keys(signInErrors(filled({ delegate: 'alice' })))).toEqual(['/delegate'])
  })
})

it('has one form for accounts of a mailbox that differ in their use only', () => {
  const account = (id: string, changes: object = {}) =>
    ({
      id,
      protocol: 'imap',
      name: null,
      delegate: null,
      authentication: grant,
      host: 'a.test',
      ...changes,
    }) as MailAccount
  const sends = { protocol: 'smtp' }
  const groups = (...accounts: MailAccount[]) =>
    groupsOf(accounts).map((group) => group.map(({ id }) => id).join())
  expect(groups(account('a'), account('b', sends))).toEqual(['a,b'])
  expect(groups(account('a'), account('b'), account('c', { protocol: 'graph_send' }))).toEqual([
    'a,c',
    'b',
  ])
  const password = { type: 'password' }
  expect(groups(account('a'), account('b', { ...sends, authentication: password }))).toEqual([
    'a',
    'b',
  ])
  // A password belongs to one server, so accounts at different hosts don't share it.
  const at = (host: string, changes: object = {}) => ({
    authentication: password,
    host,
    ...changes,
  })
  expect(groups(account('a', at('A.test')), account('b', at('a.test', sends)))).toEqual(['a,b'])
  expect(groups(account('a', at('a.test')), account('b', at('b.test', sends)))).toEqual(['a', 'b'])
  expect(groups(account('a'), account('b', { ...sends, host: 'b.test' }))).toEqual(['a,b'])
  expect(groups(account('a'), account('b', { ...sends, delegate: 'ann@contoso.test' }))).toEqual([
    'a',
    'b',
  ])
})

it('has no more than its own values when it is tidied, whatever the form has besides', () => {
  const form = { ...filled({ name: ' Desk ' }), password: 'secret' }
  expect(tidy(form)).toEqual(filled({ name: 'Desk' }))
})

describe("Microsoft's SMTP server", () => {
  const known = microsoftMailServers.global.smtp
  const work = { host: 'smtp.office365.com', port: '587', security: 'starttls' } as const
  const personal = { host: 'smtp-mail.outlook.com', port: '587', security: 'starttls' } as const

  it('changes with the kind of account that signed in', () => {
    expect(personalServer(work, known, 'personal')).toEqual(personal)
    expect(personalServer(personal, known, 'work')).toEqual(work)
  })

  it('replaces no other server that was chosen', () => {
    const own = { host: 'relay.example.com', port: '465', security: 'tls' } as const
    expect(personalServer(own, known, 'personal')).toBe(own)
    expect(personalServer(work, known, 'work')).toBe(work)
    expect(personalServer(work, microsoftMailServers.china.smtp, 'personal')).toBe(work)
  })
})
