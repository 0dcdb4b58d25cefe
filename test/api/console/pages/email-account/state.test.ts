import { describe, expect, it } from 'vitest'
import {
  type Draft,
  draftOf,
  emptyDraft,
} from '../../../../../api/console/pages/email-account/draft.ts'
import {
  addCreated,
  type Beginning,
  beginForm,
  changeDraft,
  changeMailbox,
  changeOwner,
  changePassword,
  chooseAuthentication,
  chooseServer,
  currentLogin,
  endSignIn,
  type FormState,
  isFolded,
  isLoginSaved,
  keepSavedToken,
  leaveWarning,
  loadNewer,
  openStep,
  resetToken,
  type Servers,
  showFaults,
  showRefusal,
  showRefusedValidation,
  showValidation,
  signInThrough,
  toggleProtocol,
  verdictOf,
} from '../../../../../api/console/pages/email-account/state.ts'
import type { Grant } from '../../../../../schema/grant.ts'
import type { MailAccount } from '../../../../../schema/mail-account.ts'
import type { MailServer } from '../../../../../schema/mail-servers.ts'
import type { Validation } from '../../../../../schema/validation.ts'

const imap: MailServer = { host: 'outlook.office365.com', port: 993, security: 'tls' }
const servers: Servers = {
  imap: [imap],
  smtp: [
    { host: 'smtp.office365.com', port: 587, security: 'starttls' },
    { host: 'smtp-mail.outlook.com', port: 587, security: 'starttls' },
  ],
}
const nobody = { imap: [], smtp: [] }
const empty = emptyDraft('imap', servers, nobody)
const grantOf = (changes: Partial<Grant> = {}) =>
  ({
    id: 'gr_1',
    signed_in_as: 'alice@contoso.test',
    protocols: ['imap'],
    account_type: 'work',
    ...changes,
  }) as Grant

const begin = (changes: Partial<Beginning> = {}): FormState =>
  beginForm({
    servers,
    departments: [],
    draft: empty,
    saved: null,
    grant: null,
    resumed: null,
    ...changes,
  })

const account = {
  name: 'Desk',
  owner: { type: 'department', id: 'Support' },
  protocol: 'imap',
  ...imap,
  username: 'alice@contoso.test',
  delegate: null,
  from: null,
  authentication: { type: 'oauth', provider: 'microsoft', flow: 'delegated', grant_id: 'gr_1' },
} as unknown as MailAccount
const beginSaved = (changes: Partial<Beginning> = {}) =>
  begin({
    draft: draftOf(account, servers),
    saved: { account, validation: null },
    grant: grantOf(),
    ...changes,
  })
const departmentOf = ({ draft }: FormState) => draft.owners.imap.id

const problem = { code: 'validation_failed', title: 'Refused', detail: 'Refused.' } as const
const refusal = (...pointers: string[]) => ({
  ...problem,
  errors: pointers.map((pointer) => ({ pointer, message: 'must be right' })),
})

describe('the department', () => {
  it('follows the mailbox until it is typed', () => {
    const mailbox = changeMailbox(begin(), 'sales@contoso.test', [])
    expect(departmentOf(mailbox)).toBe('Sales')
    const typed = changeOwner(mailbox, 'imap', { id: 'Support' })
    expect(departmentOf(changeMailbox(typed, 'info@contoso.test', []))).toBe('Support')
  })

  it('stays as it is saved', () => {
    expect(departmentOf(changeMailbox(beginSaved(), 'sales@contoso.test', []))).toBe('Support')
  })
})

describe('the server', () => {
  const isOther = ({ isOtherServer }: FormState) => isOtherServer.imap

  it('is typed after "Another server" is chosen, and listed again after a choice', () => {
    const other = chooseServer(begin(), 'imap', null)
    expect(isOther(other)).toBe(true)
    expect(other.draft.servers.imap).toMatchObject({ host: '', port: '993' })
    const listed = chooseServer(other, 'imap', { host: 'a.test', port: '993', security: 'tls' })
    expect(isOther(listed)).toBe(false)
    expect(listed.draft.servers.imap.host).toBe('a.test')
  })

  it('is typed from the beginning where the saved one is not in the list', () => {
    expect(isOther(beginSaved())).toBe(false)
    expect(isOther(beginSaved({ servers: { ...servers, imap: [] } }))).toBe(true)
  })

  it('becomes the one for personal mailboxes after a personal account has signed in', () => {
    const form = begin({ draft: emptyDraft('smtp', servers, nobody) })
    const grant = grantOf({ account_type: 'personal' })
    const { draft, isOtherServer } = endSignIn(form, { kind: 'completed', grant }, servers)
    expect(draft.servers.smtp.host).toBe('smtp-mail.outlook.com')
    expect(isOtherServer.smtp).toBe(false)
  })
})

it('takes the home tenant for app-only access, unless one is typed', () => {
  expect(chooseAuthentication(begin(), 'app_only', 'home.test').draft.tenant).toBe('home.test')
  const typed = changeDraft(begin(), { tenant: 'other.test' })
  expect(chooseAuthentication(typed, 'app_only', 'home.test').draft.tenant).toBe('other.test')
})

describe('an error', () => {
  const faulty = showFaults(begin(), [
    { pointer: '/username', message: 'Enter the mailbox.' },
    { pointer: '/imap/owner/id', message: 'Enter the department.' },
    { pointer: '/authentication/grant_id', message: 'Get an access token first.' },
  ])

  it('takes the focus, and goes when its own field is changed', () => {
    expect(faulty.focus).toEqual({ on: 'fault' })
    const named = changeDraft(faulty, { name: 'Desk' })
    expect(named.errors).toEqual(faulty.errors)
    expect(named.focus).toBe(faulty.focus)
    const sales = changeOwner(faulty, 'imap', { id: 'Sales' })
    expect(Object.keys(sales.errors)).not.toContain('/imap/owner/id')
  })

  it('of the department goes with a mailbox that it follows', () => {
    const { errors } = changeMailbox(faulty, 'sales@contoso.test', [])
    expect(Object.keys(errors)).toEqual(['/authentication/grant_id'])
  })

  it('of a missing access token goes with the sign-in', () => {
    const signedIn = endSignIn(faulty, { kind: 'completed', grant: grantOf() }, servers)
    expect(Object.keys(signedIn.errors)).toEqual(['/username', '/imap/owner/id'])
  })

  it('of the password goes when it is typed', () => {
    const refused = showRefusal(begin(), 'imap', refusal('/authentication/password'))
    expect(changePassword(refused, 'x').errors).toEqual({})
  })
})

describe('a refusal', () => {
  it('is shown at its fields alone when they say all', () => {
    const { errors, refusal: shown } = showRefusal(begin(), 'smtp', refusal('/port'))
    expect(errors).toEqual({ '/smtp/port': 'Must be right' })
    expect(shown).toBeNull()
  })

  it('is shown beside the button as well when it has errors that belong to no field', () => {
    const problems = refusal('/port', '/elsewhere')
    const refused = showRefusal(begin(), 'imap', problems)
    expect(Object.keys(refused.errors)).toEqual(['/imap/port'])
    expect(refused.refusal).toEqual(problems)
    expect(showRefusal(begin(), 'imap', problem).refusal).toEqual(problem)
  })

  it('goes with the next attempt', () => {
    const refused = showRefusal(begin(), 'imap', problem)
    expect(showFaults(refused, []).refusal).toBeNull()
    expect(signInThrough(refused, 'bob@contoso.test')).toMatchObject({
      refusal: null,
      draft: { delegate: 'bob@contoso.test' },
      focus: { on: 'save' },
    })
  })

  it('of a validation counts as tried, unless its fields say all', () => {
    const state = beginSaved()
    const login = currentLogin(state, 'imap')
    expect(verdictOf(showRefusedValidation(state, 'imap', login, problem))).toBe('failed')
    const wrongPort = showRefusedValidation(state, 'imap', login, refusal('/port'))
    expect(verdictOf(wrongPort)).toBe('untried')
    expect(wrongPort.focus).toEqual({ on: 'fault' })
  })
})

describe('leaving the form', () => {
  it('loses nothing before anything is typed, or for spaces', () => {
    expect(leaveWarning(begin(), null)).toBeNull()
    const saved = beginSaved()
    expect(leaveWarning(saved, saved.grant)).toBeNull()
    expect(leaveWarning(changeDraft(saved, { name: ' Desk ' }), saved.grant)).toBeNull()
  })

  it('loses what was typed, and a password', () => {
    const text = 'Your changes are not saved. Leave this page?'
    expect(leaveWarning(changeDraft(begin(), { name: 'Desk' }), null)).toBe(text)
    expect(leaveWarning(changePassword(begin(), 'x'), null)).toBe(text)
  })

  it('loses a new access token, but not the saved one', () => {
    const saved = beginSaved()
    const grant = grantOf({ id: 'gr_2' })
    const renewed = endSignIn(saved, { kind: 'completed', grant }, servers)
    expect(leaveWarning(renewed, saved.grant)).toMatch('The new access token')
    expect(leaveWarning(resetToken(saved), saved.grant)).toBeNull()
    const readAgain = { ...saved, grant: grantOf({ status: 'reconnect_required' }) }
    expect(leaveWarning(readAgain, saved.grant)).toBeNull()
    const kept = keepSavedToken(resetToken(saved), saved.grant as Grant)
    expect(leaveWarning(kept, saved.grant)).toBeNull()
  })
})

describe('the result of a validation', () => {
  const passed = { outcome: 'passed', protocol: 'imap' } as Validation
  const saved = { account, validation: passed }
  const show = (state: FormState, validation = passed) =>
    showValidation(state, currentLogin(state, validation.protocol), validation)

  it('belongs to the login it was made with', () => {
    const state = beginSaved({ saved })
    expect(verdictOf(state)).toBe('passed')
    expect(verdictOf(changeDraft(state, { name: 'Other' }))).toBe('passed')
    const changed = changeMailbox(state, 'bob@contoso.test', [])
    expect(verdictOf(changed)).toBe('untried')
    expect(verdictOf(show(changed))).toBe('passed')
    expect(verdictOf(resetToken(state))).toBe('untried')
  })

  it('belongs to the saved values where others are resumed after a sign-in', () => {
    const draft = { ...draftOf(account, servers), mailbox: 'bob@contoso.test' }
    const resumed = { draft, end: { kind: 'cancelled' } } as const
    expect(verdictOf(beginSaved({ saved, resumed }))).toBe('untried')
  })

  it('counts once every use of the mailbox is tried', () => {
    const both = toggleProtocol(begin({ grant: grantOf() }), 'smtp', true)
    const half = show(both)
    expect(verdictOf(half)).toBe('untried')
    const sends = { protocol: 'smtp', outcome: 'failed' } as Validation
    const failed = show(half, sends)
    expect(verdictOf(failed)).toBe('failed')
    expect(verdictOf(toggleProtocol(failed, 'smtp', false))).toBe('passed')
    expect(verdictOf(show(failed, { ...sends, outcome: 'passed' }))).toBe('passed')
  })

  it('is not required of a save that changes no login', () => {
    const state = beginSaved()
    expect(isLoginSaved(changeDraft(state, { name: 'Other' }), state.grant)).toBe(true)
    expect(isLoginSaved(changeMailbox(state, 'bob@contoso.test', []), state.grant)).toBe(false)
    expect(isLoginSaved(changePassword(resetToken(state), 'x'), state.grant)).toBe(false)
  })
})

describe('a step', () => {
  const signedIn = (changes: Partial<Grant> = {}) => {
    const mailbox = changeMailbox(begin(), 'alice@contoso.test', [])
    return endSignIn(mailbox, { kind: 'completed', grant: grantOf(changes) }, servers)
  }
  const folded = (state: FormState, isSaved = false) =>
    (['mailbox', 'signIn'] as const).filter((step) => isFolded(state, step, isSaved))

  it('is open until the sign-in, and folded on a saved account', () => {
    expect(folded(begin())).toEqual([])
    expect(folded(signedIn())).toEqual(['mailbox', 'signIn'])
    expect(signedIn().focus).toEqual({ on: 'save' })
    expect(folded(beginSaved(), true)).toEqual(['mailbox', 'signIn'])
  })

  it('asks how another account than the mailbox belongs to it', () => {
    const other = signedIn({ signed_in_as: 'alice.a@contoso.test' })
    expect(folded(other)).toEqual([])
    expect(other.focus).toEqual({ on: 'question' })
    expect(folded(signInThrough(other, 'alice.a@contoso.test'))).toEqual(['mailbox', 'signIn'])
  })

  it('is open where Microsoft no longer accepts the access token', () => {
    const lost = beginSaved({ grant: grantOf({ status: 'reconnect_required' }) })
    expect(folded(lost, true)).toEqual(['mailbox'])
  })

  it('opens for a change and for what is wrong in it, and folds once the login works', () => {
    const opened = openStep(signedIn(), 'mailbox')
    expect(opened.focus).toEqual({ on: 'mailbox' })
    expect(folded(opened)).toEqual(['signIn'])
    const passed = { outcome: 'passed', protocol: 'imap' } as Validation
    expect(folded(showValidation(opened, currentLogin(opened, 'imap'), passed))).toEqual([
      'mailbox',
      'signIn',
    ])
    const wrong = showFaults(signedIn(), [{ pointer: '/imap/host', message: 'Enter the host.' }])
    expect(folded(wrong)).toEqual(['signIn'])
  })
})

it('leaves only the rest to be done once one of two accounts is saved', () => {
  const both = toggleProtocol(begin(), 'smtp', true)
  const half = addCreated(both, account)
  expect(half.draft.protocols).toEqual(['smtp'])
  expect(half.created).toEqual([account])
  expect(leaveWarning(half, null)).toBe('Part of this mailbox is not saved. Leave this page?')
})

describe('a form that is resumed after a sign-in of the whole page', () => {
  const draft = { ...empty, mailbox: 'alice@contoso.test' }

  it('has what was typed and the access token, and objects to being left', () => {
    const grant = grantOf()
    const state = begin({ resumed: { draft, end: { kind: 'completed', grant } } })
    expect(state).toMatchObject({ draft, grant, focus: { on: 'save' } })
    expect(leaveWarning(state, null)).not.toBeNull()
  })

  it('says how a sign-in ended that has yielded none', () => {
    const state = begin({ resumed: { draft, end: { kind: 'cancelled' } } })
    expect(state).toMatchObject({
      grant: null,
      signInEnd: { kind: 'cancelled' },
      focus: { on: 'token' },
    })
  })
})

it('loads the values of another save around what was typed', () => {
  const typed = changeOwner(beginSaved(), 'imap', { id: ' Mine ' })
  const saved = draftOf(account, servers)
  const newer: Draft = {
    ...saved,
    name: 'Theirs',
    owners: { ...saved.owners, imap: { type: 'department', id: 'Sales' } },
    servers: { ...saved.servers, imap: { ...saved.servers.imap, host: 'mail.test' } },
  }
  const state = loadNewer(typed, newer, servers)
  expect(state.draft).toEqual({
    ...newer,
    owners: { ...newer.owners, imap: { type: 'department', id: 'Mine' } },
  })
  expect(state).toMatchObject({
    base: newer,
    isOtherServer: { imap: true },
    conflict: { kind: 'loaded', kept: ['owners'] },
    focus: { on: 'save' },
  })
})
