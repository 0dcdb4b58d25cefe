import { describe, expect, it } from 'vitest'
import { draftOf, emptyDraft } from '../../../../../api/console/pages/email-account/draft.ts'
import {
  type Beginning,
  beginForm,
  changeDraft,
  changePassword,
  chooseAuthentication,
  chooseServer,
  currentLogin,
  endSignIn,
  type FormState,
  keepSavedToken,
  loadNewer,
  objectionOf,
  resetToken,
  shareMailbox,
  showFaults,
  showRefusal,
  showValidation,
} from '../../../../../api/console/pages/email-account/state.ts'
import type { Grant } from '../../../../../schema/grant.ts'
import type { MailAccount } from '../../../../../schema/mail-account.ts'
import type { MailServer } from '../../../../../schema/mail-servers.ts'
import type { Validation } from '../../../../../schema/validation.ts'

const imap: MailServer[] = [{ host: 'outlook.office365.com', port: 993, security: 'tls' }]
const smtp: MailServer[] = [
  { host: 'smtp.office365.com', port: 587, security: 'starttls' },
  { host: 'smtp-mail.outlook.com', port: 587, security: 'starttls' },
]
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
    protocol: 'imap',
    servers: imap,
    draft: emptyDraft('imap', imap, {}),
    isSaved: false,
    grant: null,
    validation: null,
    resumed: null,
    ...changes,
  })

const account = {
  name: 'Desk',
  owner: { type: 'department', id: 'Support' },
  protocol: 'imap',
  ...imap[0],
  username: 'alice@contoso.test',
  delegate: null,
  from: null,
  authentication: { type: 'oauth', provider: 'microsoft', flow: 'delegated', grant_id: 'gr_1' },
} as unknown as MailAccount
const beginSaved = (changes: Partial<Beginning> = {}) =>
  begin({ draft: draftOf(account), isSaved: true, grant: grantOf(), ...changes })

const problem = { code: 'validation_failed', title: 'Refused', detail: 'Refused.' } as const
const refusal = (...pointers: string[]) => ({
  ...problem,
  errors: pointers.map((pointer) => ({ pointer, message: 'must be right' })),
})

describe('the department', () => {
  it('follows the mailbox until it is typed', () => {
    const mailbox = changeDraft(begin(), { mailbox: 'sales@contoso.test' })
    expect(mailbox.draft.ownerId).toBe('sales')
    const typed = changeDraft(mailbox, { ownerId: 'Support' })
    expect(changeDraft(typed, { mailbox: 'info@contoso.test' }).draft.ownerId).toBe('Support')
  })

  it('stays as it is saved', () => {
    const changed = changeDraft(beginSaved(), { mailbox: 'sales@contoso.test' })
    expect(changed.draft.ownerId).toBe('Support')
  })
})

describe('the server', () => {
  it('is typed after "Another server" is chosen, and listed again after a choice', () => {
    const other = chooseServer(begin(), null)
    expect(other).toMatchObject({ isOtherServer: true, draft: { host: '', port: '993' } })
    const listed = chooseServer(other, { host: 'a.test', port: '993', security: 'tls' })
    expect(listed).toMatchObject({ isOtherServer: false, draft: { host: 'a.test' } })
  })

  it('is typed from the beginning where the saved one is not in the list', () => {
    expect(beginSaved().isOtherServer).toBe(false)
    expect(beginSaved({ servers: smtp }).isOtherServer).toBe(true)
  })

  it('becomes the one for personal mailboxes after a personal account has signed in', () => {
    const form = begin({ protocol: 'smtp', servers: smtp, draft: emptyDraft('smtp', smtp, {}) })
    const grant = grantOf({ account_type: 'personal' })
    const { draft, isOtherServer } = endSignIn(form, { kind: 'completed', grant }, smtp)
    expect(draft.host).toBe('smtp-mail.outlook.com')
    expect(isOtherServer).toBe(false)
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
    { pointer: '/owner/id', message: 'Enter the department.' },
    { pointer: '/authentication/grant_id', message: 'Get an access token first.' },
  ])

  it('takes the focus, and goes when its own field is changed', () => {
    expect(faulty.focus).toEqual({ on: 'fault' })
    const named = changeDraft(faulty, { name: 'Desk' })
    expect(named.errors).toEqual(faulty.errors)
    expect(named.focus).toBe(faulty.focus)
    expect(Object.keys(changeDraft(faulty, { ownerId: 'Sales' }).errors)).not.toContain('/owner/id')
  })

  it('of the department goes with a mailbox that it follows', () => {
    const { errors } = changeDraft(faulty, { mailbox: 'sales@contoso.test' })
    expect(Object.keys(errors)).toEqual(['/authentication/grant_id'])
  })

  it('of a missing access token goes with the sign-in', () => {
    const signedIn = endSignIn(faulty, { kind: 'completed', grant: grantOf() }, imap)
    expect(Object.keys(signedIn.errors)).toEqual(['/username', '/owner/id'])
    expect(signedIn.focus).toEqual({ on: 'validate' })
  })

  it('of the password goes when it is typed', () => {
    const refused = showRefusal(begin(), 'save', refusal('/authentication/password'))
    expect(changePassword(refused, 'x').errors).toEqual({})
  })
})

describe('a refusal', () => {
  it('is shown at its fields alone when they say all', () => {
    const { errors, refusal: shown } = showRefusal(begin(), 'save', refusal('/port'))
    expect(errors).toEqual({ '/port': 'Must be right' })
    expect(shown).toBeNull()
  })

  it('is shown beside the button as well when it has errors that belong to no field', () => {
    const problems = refusal('/port', '/elsewhere')
    const refused = showRefusal(begin(), 'validate', problems)
    expect(Object.keys(refused.errors)).toEqual(['/port'])
    expect(refused.refusal).toEqual({ of: 'validate', problem: problems })
    expect(showRefusal(begin(), 'save', problem).refusal).toEqual({ of: 'save', problem })
  })

  it('goes with the next attempt', () => {
    const refused = showRefusal(begin(), 'save', problem)
    expect(showFaults(refused, []).refusal).toBeNull()
    expect(shareMailbox(refused, 'bob@contoso.test')).toMatchObject({
      refusal: null,
      draft: { shared: true, delegate: 'bob@contoso.test' },
      focus: { on: 'validate' },
    })
  })
})

describe('leaving the form', () => {
  it('loses nothing before anything is typed, or for spaces', () => {
    expect(objectionOf(begin(), null)).toBeNull()
    const saved = beginSaved()
    expect(objectionOf(saved, saved.grant)).toBeNull()
    expect(objectionOf(changeDraft(saved, { name: ' Desk ' }), saved.grant)).toBeNull()
  })

  it('loses what was typed, and a password', () => {
    const text = 'Your changes are not saved. Leave?'
    expect(objectionOf(changeDraft(begin(), { name: 'Desk' }), null)).toBe(text)
    expect(objectionOf(changePassword(begin(), 'x'), null)).toBe(text)
  })

  it('loses a new access token, but not the saved one', () => {
    const saved = beginSaved()
    const grant = grantOf({ id: 'gr_2' })
    const renewed = endSignIn(saved, { kind: 'completed', grant }, imap)
    expect(objectionOf(renewed, saved.grant)).toMatch('The new access token')
    expect(objectionOf(resetToken(saved), saved.grant)).toBeNull()
    const kept = keepSavedToken(resetToken(saved), saved.grant as Grant)
    expect(objectionOf(kept, saved.grant)).toBeNull()
  })
})

describe('the result of a validation', () => {
  const passed = { outcome: 'passed' } as Validation
  const isOutdated = (state: FormState) => state.validated?.login !== currentLogin(state)

  it('belongs to the login it was made with', () => {
    const state = beginSaved({ validation: passed })
    expect(isOutdated(state)).toBe(false)
    expect(isOutdated(changeDraft(state, { name: 'Other' }))).toBe(false)
    const changed = changeDraft(state, { mailbox: 'bob@contoso.test' })
    expect(isOutdated(changed)).toBe(true)
    expect(isOutdated(showValidation(changed, passed, currentLogin(changed)))).toBe(false)
    expect(isOutdated(resetToken(state))).toBe(true)
  })

  it('belongs to the saved values where others are resumed after a sign-in', () => {
    const draft = { ...draftOf(account), mailbox: 'bob@contoso.test' }
    const resumed = { draft, end: { kind: 'cancelled' } } as const
    expect(isOutdated(beginSaved({ validation: passed, resumed }))).toBe(true)
  })

  it('leads to the save when it has passed', () => {
    expect(showValidation(begin(), passed, '').focus).toEqual({ on: 'save' })
    expect(showValidation(begin(), { ...passed, outcome: 'failed' }, '').focus).toBeNull()
  })
})

describe('a form that is resumed after a sign-in of the whole page', () => {
  const draft = { ...emptyDraft('imap', imap, {}), mailbox: 'alice@contoso.test' }

  it('has what was typed and the access token, and objects to being left', () => {
    const grant = grantOf()
    const state = begin({ resumed: { draft, end: { kind: 'completed', grant } } })
    expect(state).toMatchObject({ draft, grant, focus: { on: 'validate' } })
    expect(objectionOf(state, null)).not.toBeNull()
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

it('loads what somebody else has saved around what was typed', () => {
  const typed = changeDraft(beginSaved(), { ownerId: ' Mine ', from: '' })
  const newer = { ...draftOf(account), name: 'Theirs', ownerId: 'Sales', host: 'mail.test' }
  const state = loadNewer(typed, newer, imap)
  expect(state.draft).toEqual({ ...newer, ownerId: 'Mine' })
  expect(state).toMatchObject({
    base: newer,
    isOtherServer: true,
    conflict: { kind: 'loaded', kept: ['ownerId'] },
    focus: { on: 'save' },
  })
})
