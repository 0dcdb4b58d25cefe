import { describe, expect, it } from 'vitest'
import {
  actorOf,
  causeLabel,
  causesOf,
  linesOf,
  reportedCauseOf,
  sharingSignIn,
  stepOf,
} from '../../../../../api/console/pages/overview/urgency.ts'
import type { Health, MailAccount } from '../../../../../schema/mail-account.ts'
import type { StateProblem } from '../../../../../schema/problem.ts'
import type { Responsible } from '../../../../../schema/responsible.ts'

const oauth = { type: 'oauth', provider: 'microsoft', flow: 'delegated', grant_id: 'gr_1' } as const

const account = (health: Health, more: Partial<MailAccount> = {}) =>
  ({
    username: 'a@b.test',
    customer: null,
    delegate: null,
    protocol: 'imap',
    authentication: oauth,
    health,
    problem: health === 'ok' ? null : problem({}),
    grant: null,
    ...more,
  }) as MailAccount

type Cause = { cause?: string; title?: string; responsible?: Responsible }

function problem(
  { cause = 'a-cause', title = 'A cause', responsible = 'user' }: Cause,
  more: Partial<StateProblem> = {},
): StateProblem {
  const candidate = { cause, title, responsible, likelihood: 1, retryable: false, url: '' }
  return {
    code: 'reconnect_required',
    detail: 'What happened.',
    diagnosis: {
      verdict: 'certain',
      proof: null,
      candidates: [{ ...candidate, explanation: '', fixes: [], docs: [] }],
      ask: [],
      interpretation: { protocol: null, stage: null, source: null },
    },
    ...more,
  }
}

const granted = (signedInAs: string, id = 'gr_1') => ({
  grant: {
    id,
    status: 'active' as const,
    signed_in_as: signedInAs,
    access_token_expires_at: null,
  },
})

describe('the inbox', () => {
  it('has one line for a mailbox that is read and sent from', () => {
    const lines = linesOf([
      account('failing', { protocol: 'imap' }),
      account('reconnect_required', { protocol: 'smtp', username: 'A@b.test' }),
    ])
    expect(lines).toHaveLength(1)
    expect(lines[0]?.accounts.map(({ protocol }) => protocol)).toEqual(['smtp', 'imap'])
  })

  it('has a line for each customer of an address', () => {
    const lines = linesOf([
      account('failing', { customer: 'acme' }),
      account('failing', { customer: 'zeta' }),
      account('blocked', { customer: 'acme', username: 'A@b.test' }),
      account('failing'),
    ])
    expect(lines.map(({ mailbox, accounts }) => [mailbox, accounts.length])).toEqual([
      ['a@b.test, customer acme', 2],
      ['a@b.test, customer zeta', 1],
      ['a@b.test', 1],
    ])
  })

  it.each(['ok', 'cooling_down', 'unverified', 'inactive'] as const)(
    'leaves out an account that is %s',
    (health) => {
      expect(linesOf([account(health)])).toEqual([])
    },
  )

  it('begins with the most urgent, then with what has lasted longest', () => {
    const since = (day: number) => ({
      problem: problem({}, { since: `2026-11-0${day}T00:00:00Z` }),
    })
    const lines = linesOf([
      account('failing', { username: 'f@b.test', ...since(1) }),
      account('reconnect_required', { username: 'new@b.test', ...since(5) }),
      account('blocked', { username: 'b@b.test', ...since(3) }),
      account('reconnect_required', { username: 'old@b.test', ...since(2) }),
    ])
    const names = lines.map(({ mailbox }) => mailbox.split('@')[0])
    expect(names).toEqual(['old', 'new', 'b', 'f'])
  })
})

describe('the cause', () => {
  it('is the title of a diagnosis that is certain or likely, else what happened', () => {
    expect(causeLabel(problem({ title: 'IMAP is off' }))).toBe('IMAP is off')
    const { diagnosis } = problem({})
    const ambiguous = diagnosis && { ...diagnosis, verdict: 'ambiguous' as const }
    expect(causeLabel(problem({}, { diagnosis: ambiguous }))).toBe('What happened.')
    const deleted = {
      code: 'reconnect_required',
      detail: 'The sign-in was deleted. Sign in again.',
    }
    expect(causeLabel(deleted as StateProblem)).toBe('The sign-in was deleted.')
    const reply = { code: 'login_failed', detail: 'The server answered "535 5.7.3 no".' }
    expect(causeLabel(reply as StateProblem)).toBe(reply.detail)
  })

  it('is reported to an administrator as the only one, as a possible one, or as unknown', () => {
    const known = problem({ title: 'IMAP is off' })
    const { diagnosis } = known
    const unsure = {
      ...known,
      diagnosis: diagnosis && { ...diagnosis, verdict: 'ambiguous' as const },
    }
    const unknown = {
      ...known,
      diagnosis: diagnosis && { ...diagnosis, verdict: 'unknown' as const, candidates: [] },
    }
    const reported = (of: StateProblem, health: Health = 'blocked') => {
      const found = reportedCauseOf({ health }, of)
      return found && [found.cause.title, found.isPossible]
    }
    expect(reported(known)).toEqual(['IMAP is off', false])
    expect(reported(unsure)).toEqual(['IMAP is off', true])
    expect(reported(unknown)).toEqual(['Microsoft refuses new access tokens', false])
    expect(reported(unknown, 'failing')).toBeUndefined()
  })

  it('is named once where two accounts have the same', () => {
    const off = { problem: problem({ title: 'IMAP is off' }) }
    const causes = causesOf([account('failing', off), account('failing', off), account('blocked')])
    expect(causes.map(({ problem }) => causeLabel(problem))).toEqual(['IMAP is off', 'A cause'])
  })
})

describe('who acts', () => {
  it('is the person who signs in, by address', () => {
    const shared = { username: 'support@b.test', delegate: 'alice@b.test' }
    const { problem: own } = account('reconnect_required')
    if (!own) throw new Error('no problem')
    expect(actorOf(account('reconnect_required'), own)).toBe('a@b.test')
    expect(actorOf(account('reconnect_required', shared), own)).toBe('alice@b.test')
    const renamed = account('reconnect_required', granted('a.new@b.test'))
    expect(actorOf(renamed, own)).toBe('a.new@b.test')
  })

  it.each([
    ['tenant_admin', 'your Microsoft 365 admin'],
    ['app_owner', 'the owner of the app registration'],
    ['operator', 'your Mailgrant administrator'],
    ['microsoft', 'Microsoft'],
  ] as const)('is, for %s, %s', (responsible, words) => {
    expect(actorOf(account('failing'), problem({ responsible }))).toBe(words)
  })

  it('follows from the health where the cause is not known', () => {
    const unknown: StateProblem = { code: 'grant_blocked', detail: 'Refused.' }
    expect(actorOf(account('blocked'), unknown)).toBe('your Microsoft 365 admin')
    expect(actorOf(account('failing'), unknown)).toBeNull()
  })
})

describe('the next step', () => {
  const password = { authentication: { type: 'password' } } as const
  const appOnly = {
    authentication: { type: 'oauth', provider: 'microsoft', flow: 'app_only', tenant: 'b.test' },
  } as const

  it.each([
    ['an expired sign-in', 'reconnect_required', {}, {}, 'reconnect'],
    ['a mailbox with IMAP off', 'failing', { responsible: 'tenant_admin' }, {}, 'validate'],
    ['Conditional Access', 'blocked', { responsible: 'tenant_admin' }, {}, 'validate'],
    ['a server that cannot be reached', 'failing', { responsible: 'operator' }, {}, 'validate'],
    ['a missing admin consent', 'blocked', { cause: 'admin-consent-required' }, {}, 'consent'],
    ['an app without consent', 'blocked', { cause: 'app-only-not-consented' }, appOnly, 'consent'],
    ['a wrong client secret', 'blocked', { responsible: 'app_owner' }, {}, 'settings'],
    ['a wrong password', 'failing', { responsible: 'user' }, password, 'open'],
  ] as const)('for %s', (_what, health, cause, more, step) => {
    expect(stepOf(account(health, more), problem(cause, { code: 'login_failed' }))).toBe(step)
  })

  it('is a link for the admin where a permission was withdrawn', () => {
    const withdrawn: StateProblem = { code: 'protocol_not_granted', detail: 'IMAP is gone.' }
    expect(stepOf(account('blocked'), withdrawn)).toBe('consent')
  })

  it('is what follows the consent once the admin has the link', () => {
    const missing = problem({ cause: 'admin-consent-required', responsible: 'tenant_admin' })
    expect(stepOf(account('reconnect_required'), missing, true)).toBe('reconnect')
    expect(stepOf(account('blocked'), missing, true)).toBe('validate')
  })
})

describe('one sign-in', () => {
  it('mends all accounts for which the same person signs in', () => {
    const reading = account('reconnect_required', granted('a@b.test', 'gr_1'))
    const sending = account('reconnect_required', granted('A@b.test', 'gr_2'))
    const ofOther = account('reconnect_required', granted('c@b.test', 'gr_3'))
    const byPassword = account('failing', { authentication: { type: 'password' } })
    expect(sharingSignIn([reading, ofOther, sending, byPassword])).toEqual([reading, sending])
  })
})
