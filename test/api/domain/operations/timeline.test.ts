import { describe, expect, it } from 'vitest'
import { buildTimeline, groupChecks } from '../../../../api/domain/operations/timeline.ts'
import type { Check, TimelineEvent } from '../../../../api/model/event.ts'

const at = (time: string) => new Date(`2026-11-${time}:00Z`)
const check = (time: string, outcome: Check['outcome'] = 'passed'): Check => ({
  at: at(time),
  outcome,
})

const account = { id: 'ma_1', protocol: 'imap', grantId: 'gr_2', tenant: null } as const

const event = (
  time: string,
  type: TimelineEvent['type'],
  subject: string,
  data: TimelineEvent['data'] = {},
  more: Partial<TimelineEvent> = {},
): TimelineEvent => ({
  id: `ev_${time}`,
  type,
  at: at(time),
  actor: { type: 'key', id: 'root' },
  customer: null,
  subject,
  data,
  keyName: null,
  requester: null,
  ...more,
})

/** Returns one line per entry, newest first. `events`: oldest first. */
const linesOf = (
  events: TimelineEvent[],
  { from = '01T00:00', checks = [] as Check[], anonymous = false } = {},
) =>
  buildTimeline(account, events.toReversed(), groupChecks(checks), {
    from: at(from),
    anonymous,
    causes: new Map([[at('10T00:00').getTime(), 'IMAP is off']]),
  }).map(({ at, text, ended, since }) =>
    [
      at.slice(8, 16),
      text,
      ...(ended ? [ended.at.slice(8, 16), ended.text] : []),
      ...(since ? [`since ${since.slice(8, 16)}`] : []),
    ].join(' | '),
  )

const asksForSignIn = (time: string, grant = 'gr_2') =>
  event(time, 'grant.reconnect_required', grant, {
    detail: 'The sign-in has expired: sign in again (AADSTS700082).',
  })

describe('checks', () => {
  it('are one entry for each series with the same result', () => {
    const checks = [
      check('09T00:00'),
      check('09T12:00'),
      check('10T00:00', 'failed'),
      check('10T06:00', 'inconclusive'),
      check('10T12:00', 'failed'),
      check('11T00:00'),
    ]
    expect(linesOf([], { checks })).toEqual([
      '11T00:00 | Login worked',
      '10T12:00 | 2 logins failed: IMAP is off | since 10T00:00',
      '09T12:00 | 2 logins worked | since 09T00:00',
    ])
  })
})

it('a change of the protocol is one entry, with both', () => {
  const events = [
    event('02T10:00', 'mail_account.updated', 'ma_1', { changed: 'protocol host', grant: 'gr_2' }),
    event('02T10:00', 'mail_account.protocol_changed', 'ma_1', { from: 'smtp', to: 'graph_send' }),
  ]
  expect(linesOf(events)).toEqual([
    '02T10:00 | Changed from SMTP to Microsoft Graph by the root key',
  ])
})

describe('an interruption', () => {
  it('ends with the sign-in that a key requested', () => {
    const recovered = event(
      '03T10:00',
      'grant.recovered',
      'gr_2',
      {},
      {
        actor: { type: 'browser', id: null },
        requester: { type: 'key', id: 'key_1', name: 'Anna' },
      },
    )
    expect(linesOf([asksForSignIn('02T10:00'), recovered])).toEqual([
      '02T10:00 | Sign-in required: The sign-in has expired (AADSTS700082) | 03T10:00 | the API key "Anna" reconnected it',
    ])
    expect(linesOf([recovered])).toEqual(['03T10:00 | Reconnected by the API key "Anna"'])
    expect(linesOf([recovered], { anonymous: true })).toEqual([
      '03T10:00 | Reconnected by an API key',
    ])
  })

  it('that began as an outage is one entry', () => {
    const outage = event('02T09:00', 'grant.cooling_down', 'gr_2', {
      detail: 'Microsoft no longer accepts the sign-in: it will be retried automatically.',
    })
    const recovered = event('02T11:00', 'grant.recovered', 'gr_2', { from: 'cooling_down' })
    expect(linesOf([outage, recovered])).toEqual([
      '02T09:00 | No access token from Microsoft: Microsoft no longer accepts the sign-in | 02T11:00 | it worked again',
    ])
    expect(linesOf([outage, asksForSignIn('02T10:00')])).toEqual([
      '02T10:00 | Sign-in required: The sign-in has expired (AADSTS700082)',
    ])
  })

  it('concerns the protocol that Microsoft no longer grants, and no other', () => {
    const lost = (protocol: string) =>
      event('02T10:00', 'grant.protocols_changed', 'gr_2', { lost: protocol })
    expect(linesOf([lost('smtp')])).toEqual([])
    expect(linesOf([lost('imap smtp')])).toEqual(['02T10:00 | Microsoft no longer grants IMAP'])
  })

  it('begins when somebody deletes the grant of the account', () => {
    expect(linesOf([event('02T10:00', 'grant.deleted', 'gr_2', { detached: 1 })])).toEqual([
      '02T10:00 | Sign-in required: the root key deleted the sign-in',
    ])
  })
})

describe('events of a grant', () => {
  const saved = (time: string, data: TimelineEvent['data'], created = false) =>
    event(time, created ? 'mail_account.created' : 'mail_account.updated', 'ma_1', data)

  it('count while the account uses it', () => {
    const events = [
      saved('01T10:00', { grant: 'gr_1' }, true),
      asksForSignIn('02T10:00', 'gr_2'),
      asksForSignIn('03T10:00', 'gr_1'),
      saved('04T10:00', { grant: 'gr_2', changed: 'grantId' }),
      asksForSignIn('05T10:00', 'gr_1'),
    ]
    expect(linesOf(events)).toEqual([
      '03T10:00 | Sign-in required: The sign-in has expired (AADSTS700082) | 04T10:00 | the root key connected it with a new sign-in',
      '01T10:00 | Created by the root key',
    ])
  })

  it('count after a test message, which does not change the account', () => {
    const events = [
      saved('01T10:00', { grant: 'gr_2' }, true),
      event('01T11:00', 'test_message.requested', 'ma_1', { host: 'smtp.office365.com' }),
      asksForSignIn('02T10:00'),
      saved('03T10:00', { grant: 'gr_2', changed: 'name' }),
    ]
    expect(linesOf(events)).toHaveLength(3)
  })

  it('count before the first event of the account that is still stored', () => {
    expect(linesOf([asksForSignIn('02T10:00')])).toHaveLength(1)
    const renamed = [
      asksForSignIn('02T10:00'),
      saved('03T10:00', { grant: 'gr_2', changed: 'name' }),
    ]
    expect(linesOf(renamed)).toHaveLength(2)
    const replaced = [
      asksForSignIn('02T10:00'),
      saved('03T10:00', { grant: 'gr_2', changed: 'grantId' }),
    ]
    expect(linesOf(replaced)).toEqual(['03T10:00 | Connected with a new sign-in by the root key'])
  })

  it('before the first day are left out, although they say which grant was used', () => {
    const events = [
      saved('01T10:00', { grant: 'gr_1' }, true),
      asksForSignIn('02T10:00', 'gr_1'),
      asksForSignIn('06T10:00', 'gr_1'),
    ]
    expect(linesOf(events, { from: '05T00:00' })).toHaveLength(1)
  })
})
