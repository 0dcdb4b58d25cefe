import { describe, expect, it } from 'vitest'
import { draftOf, emptyDraft, tidy } from '../../../../../api/console/pages/email-account/draft.ts'
import {
  addCreated,
  allErrors,
  atFields,
  beginForm,
  changeOwner,
  changePassword,
  chooseAuthentication,
  currentLogin,
  endSignIn,
  type FormValues,
  isFolded,
  isLoginSaved,
  isSignedIn,
  pointers,
  resetToken,
  type Servers,
  shownOf,
  showRefusedValidation,
  showValidation,
  unsavedWarning,
  verdictOf,
  withToken,
} from '../../../../../api/console/pages/email-account/state.ts'
import { errorsOf, withValues } from '../../../../../api/console/ui/form-state.ts'
import type { Grant } from '../../../../../schema/grant.ts'
import type { IntegrationSettings } from '../../../../../schema/integration.ts'
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
const empty = emptyDraft(['imap'], servers)
const grantOf = (changes: Partial<Grant> = {}) =>
  ({
    id: 'gr_1',
    signed_in_as: 'alice@contoso.test',
    protocols: ['imap'],
    account_type: 'work',
    ...changes,
  }) as Grant

type Beginning = Partial<Parameters<typeof beginForm>[0]>
const begin = (changes: Beginning = {}, known = servers): FormValues =>
  beginForm({
    settings: { mail_servers: known } as IntegrationSettings,
    draft: empty,
    saved: [],
    grant: null,
    signedIn: null,
    ...changes,
  })
/** Applies each change to the values that the previous ones produced. */
function apply(values: FormValues, ...changes: ((now: FormValues) => Partial<FormValues>)[]) {
  let now = values
  for (const change of changes) now = { ...now, ...change(now) }
  return now
}
const signedIn = (values: FormValues, grant = grantOf()) =>
  apply(values, (now) => endSignIn(now, { kind: 'completed', grant }, servers))
const withMailbox = (values: FormValues, mailbox: string) => apply(values, () => ({ mailbox }))

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
const beginSaved = (changes: Beginning = {}, known = servers) =>
  begin(
    {
      draft: draftOf([account], servers),
      saved: [{ account, etag: null, validation: null }],
      grant: grantOf(),
      ...changes,
    },
    known,
  )

const problem = { code: 'validation_failed', title: 'Refused', detail: 'Refused.' } as const

it('sends through the server for personal mailboxes after a personal account has signed in', () => {
  const form = begin({ draft: emptyDraft(['smtp'], servers) })
  const { smtp } = signedIn(form, grantOf({ account_type: 'personal' })).servers
  expect(smtp.host).toBe('smtp-mail.outlook.com')
})

it('takes the home tenant for app-only access, unless one is typed', () => {
  expect(chooseAuthentication(begin(), 'app_only', 'home.test').tenant).toBe('home.test')
  const typed = { ...begin(), tenant: 'other.test' }
  expect(chooseAuthentication(typed, 'app_only', 'home.test')).not.toHaveProperty('tenant')
})

describe('an error', () => {
  const errors = {
    '/username': 'Enter the mailbox.',
    '/imap/owner/id': 'Enter the owner.',
    '/smtp/owner/id': 'Enter the brand.',
    '/authentication/grant_id': 'Sign in first with "Get Access Token".',
    '/authentication/password': 'Enter the password.',
  }
  const shown = (values: FormValues) => ({ '/username': values.mailbox, ...shownOf(values) })
  const left = (change: (now: FormValues) => Partial<FormValues>) => {
    const values = begin()
    const state = withValues({ values, stored: values, errors }, change(values), shown)
    return Object.keys(errors).filter((pointer) => !(pointer in state.errors))
  }

  it('goes when its own field is changed', () => {
    expect(left(() => ({ name: 'Desk' }))).toEqual([])
    expect(left((now) => changeOwner(now, 'imap', { id: 'Sales' }))).toEqual(['/imap/owner/id'])
    expect(left((now) => changePassword(now, 'x'))).toEqual(['/authentication/password'])
  })

  it('of a missing access token goes with the sign-in', () => {
    const end = { kind: 'completed', grant: grantOf() } as const
    expect(left((now) => endSignIn(now, end, servers))).toEqual(['/authentication/grant_id'])
  })

  it('is found before anything is sent', () => {
    expect(Object.keys(allErrors(begin(), []))).toEqual(['/username', '/authentication/grant_id'])
    expect(allErrors(beginSaved(), [{ account, etag: null, validation: null }])).toEqual({})
  })

  it('of a refusal is one of the server or owner of its protocol', () => {
    const refusal = { ...problem, errors: [{ pointer: '/port', message: 'must be right' }] }
    const shownErrors = errorsOf(atFields(refusal, 'smtp'), shownOf(begin()))
    expect(shownErrors).toEqual({ errors: { '/smtp/port': 'Must be right' }, isWhole: true })
    expect(atFields(problem, 'imap').errors).toEqual([])
    expect(Object.values(pointers)).toContain('/name')
  })
})

it('a refused validation counts as tried, unless its fields say all', () => {
  const values = beginSaved()
  const refused = (shown: typeof problem | null) =>
    apply(values, (now) => showRefusedValidation(now, 'imap', currentLogin(values, 'imap'), shown))
  expect(verdictOf(refused(problem))).toBe('failed')
  expect(verdictOf(refused(null))).toBe('untried')
})

describe('leaving the form', () => {
  const text = 'Your changes are not saved. Leave this page?'

  it('loses nothing before anything is typed', () => {
    expect(unsavedWarning(begin(), false, null)).toBeNull()
    const saved = beginSaved()
    expect(unsavedWarning(saved, false, saved.grant)).toBeNull()
  })

  it('loses what was typed, and a password', () => {
    expect(unsavedWarning(begin(), true, null)).toBe(text)
    expect(unsavedWarning({ ...begin(), password: 'x' }, false, null)).toBe(text)
  })

  it('loses a new access token, but not the saved one', () => {
    const saved = beginSaved()
    const warning = (values: FormValues) => unsavedWarning(values, false, saved.grant)
    expect(warning(signedIn(saved, grantOf({ id: 'gr_2' })))).toMatch('The new sign-in')
    const reset = apply(saved, resetToken)
    expect(warning(reset)).toBeNull()
    expect(warning({ ...saved, grant: grantOf({ status: 'reconnect_required' }) })).toBeNull()
    expect(warning(apply(reset, () => withToken(saved.grant)))).toBeNull()
  })
})

describe('the result of a validation', () => {
  const passed = { outcome: 'passed', protocol: 'imap' } as Validation
  const saved = [{ account, etag: null, validation: passed }]
  const show = (values: FormValues, validation = passed) =>
    apply(values, (now) => showValidation(now, currentLogin(now, validation.protocol), validation))

  it('belongs to the login it was made with', () => {
    const values = beginSaved({ saved })
    expect(verdictOf(values)).toBe('passed')
    expect(verdictOf({ ...values, name: 'Other' })).toBe('passed')
    const changed = withMailbox(values, 'bob@contoso.test')
    expect(verdictOf(changed)).toBe('untried')
    expect(verdictOf(show(changed))).toBe('passed')
    expect(verdictOf(apply(values, resetToken))).toBe('untried')
  })

  it('counts once every use of the mailbox is tried', () => {
    const both: FormValues = { ...begin({ grant: grantOf() }), protocols: ['imap', 'smtp'] }
    const half = show(both)
    expect(verdictOf(half)).toBe('untried')
    const sends = { protocol: 'smtp', outcome: 'failed' } as Validation
    const failed = show(half, sends)
    expect(verdictOf(failed)).toBe('failed')
    expect(verdictOf({ ...failed, protocols: ['imap'] })).toBe('passed')
    expect(verdictOf(show(failed, { ...sends, outcome: 'passed' }))).toBe('passed')
  })

  it('is not required of a save that changes no login', () => {
    const values = beginSaved()
    const isSaved = (now: FormValues) =>
      isLoginSaved(now, tidy(draftOf([account], servers)), values.grant)
    expect(isSaved({ ...values, name: 'Other' })).toBe(true)
    expect(isSaved(withMailbox(values, 'bob@contoso.test'))).toBe(false)
    expect(isSaved({ ...values, protocols: ['imap', 'smtp'] })).toBe(false)
    const typed = apply(values, resetToken, (now) => changePassword(now, 'x'))
    expect(isSaved(typed)).toBe(false)
  })
})

describe('a step', () => {
  const alice = (changes: Partial<Grant> = {}) =>
    signedIn(withMailbox(begin(), 'alice@contoso.test'), grantOf(changes))
  const folded = (values: FormValues, isSaved = false, errors = {}) =>
    (['mailbox', 'signIn'] as const).filter((step) => isFolded(values, errors, step, isSaved))

  it('is open until the sign-in, and folded on a saved account', () => {
    expect(folded(begin())).toEqual([])
    expect(folded(alice())).toEqual(['mailbox', 'signIn'])
    expect(folded(beginSaved(), true)).toEqual(['mailbox', 'signIn'])
  })

  it('takes another account that was kept in the window for the one that signs in', () => {
    const other = alice({ signed_in_as: 'alice.a@contoso.test' })
    expect(other.delegate).toBe('alice.a@contoso.test')
    expect(folded(other)).toEqual(['mailbox', 'signIn'])
    expect(folded({ ...other, delegate: '' })).toEqual([])
  })

  it('is open where Microsoft no longer accepts the access token', () => {
    const lost = beginSaved({ grant: grantOf({ status: 'reconnect_required' }) })
    expect(folded(lost, true)).toEqual(['mailbox'])
  })

  it('opens for a change and for what is wrong in it, and folds once the login works', () => {
    const opened: FormValues = { ...alice(), opened: ['mailbox'] }
    expect(folded(opened)).toEqual(['signIn'])
    const passed = { outcome: 'passed', protocol: 'imap' } as Validation
    const works = apply(opened, (now) => showValidation(now, currentLogin(now, 'imap'), passed))
    expect(folded(works)).toEqual(['mailbox', 'signIn'])
    expect(folded(alice(), false, { '/imap/host': 'Enter the host.' })).toEqual(['signIn'])
  })
})

it('leaves only the rest to be done once one of two accounts is saved', () => {
  const both: FormValues = { ...begin(), protocols: ['imap', 'smtp'] }
  const half = apply(both, (now) => addCreated(now, [account]))
  expect(half.protocols).toEqual(['smtp'])
  expect(half.created).toEqual([account])
  expect(unsavedWarning(half, true, null)).toBe(
    'Part of this mailbox is not saved. Leave this page?',
  )
})

it('begins with a sign-in that was completed with a link, and objects to being left', () => {
  const draft = { ...empty, mailbox: 'alice@contoso.test' }
  const values = begin({ draft, signedIn: grantOf() })
  expect(isSignedIn(values)).toBe(true)
  expect(unsavedWarning(values, false, null)).not.toBeNull()
})
