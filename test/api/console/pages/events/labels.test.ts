import { describe, expect, it } from 'vitest'
import { eventsHref, eventsPath, filterOf } from '../../../../../api/console/pages/events/filter.ts'
import {
  actorName,
  briefly,
  eventDetails,
  subjectLink,
} from '../../../../../api/console/pages/events/labels.ts'
import { events, eventTypes } from '../../../../../schema/events.ts'

const account = 'ma_mwiq4wgd7u5x2l3k7777777777'

describe('words for events', () => {
  it('are different for each type', () => {
    expect(new Set(eventTypes.map((type) => events[type].title)).size).toBe(eventTypes.length)
  })

  it('name the key by its name, or by its id where the name is not known', () => {
    const names = new Map([['key_a', 'Help desk']])
    expect(actorName({ type: 'key', id: 'key_a' }, names)).toBe('Help desk')
    expect(actorName({ type: 'key', id: 'key_b' }, names)).toBe('Key key_b')
    expect(actorName({ type: 'key', id: 'root' }, names)).toBe('Root key')
    expect(actorName({ type: 'system', id: null }, names)).toBe('Mailgrant')
    expect(actorName({ type: 'browser', id: null }, names)).toBe('Person signing in')
  })
})

describe('the filter of events', () => {
  const filter = {
    type: 'grant.blocked',
    mailbox: 'a+b@contoso.test',
    until: '2026-11-30',
  } as const
  const none = { type: '', mailbox: '', until: '' } as const

  it('is kept in the address, without what it does not know', () => {
    const [, query] = eventsHref(filter).split('?')
    expect(filterOf(new URLSearchParams(query))).toEqual(filter)
    expect(eventsHref(none)).toBe('#/events')
    for (const until of ['soon', '2026-11', '2026-13-01', '12026-11-30']) {
      expect(filterOf(new URLSearchParams({ type: 'x', until }))).toEqual(none)
    }
  })

  it('includes the whole of its last day', () => {
    const before = new Date(2026, 11, 1).toISOString()
    const { searchParams } = new URL(eventsPath(filter, 'next'), 'https://mailgrant.test')
    expect(Object.fromEntries(searchParams)).toEqual({
      type: filter.type,
      username: filter.mailbox,
      before,
      cursor: 'next',
    })
    expect(eventsPath(none)).toBe('/v1/events?')
  })
})

describe('the subject of an event', () => {
  it('is the settings for events of the integration', () => {
    const event = { type: 'integration.activated', subject: 'microsoft', data: {} } as const
    expect(subjectLink(event)).toEqual({
      text: 'Microsoft settings',
      href: '#/integrations/microsoft',
    })
  })

  it('is the account of a validation, not the validation', () => {
    const data = { mail_account: account, username: 'alice@contoso.test' }
    expect(subjectLink({ type: 'validation.passed', subject: 'va_x', data })).toEqual({
      text: 'alice@contoso.test',
      href: `#/mailboxes/${account}`,
    })
  })

  it('is the key or the webhook, where it can be looked at', () => {
    const key = { type: 'api_key.revoked', subject: 'key_x', data: { name: 'Help desk' } } as const
    expect(subjectLink(key)).toEqual({ text: 'Help desk', href: '#/api-keys' })
    const url = 'https://helpdesk.example.com/hooks'
    const webhook = { type: 'webhook.updated', subject: 'wh_x', data: { url } } as const
    expect(subjectLink(webhook)).toEqual({ text: url, href: '#/webhooks/wh_x' })
    expect(eventDetails(webhook)).toEqual([])
    expect(subjectLink({ ...webhook, type: 'webhook.deleted' }).href).toBeNull()
  })

  it('reports the type of a credential in words', () => {
    const data = { type: 'client_secret' }
    expect(
      eventDetails({ type: 'integration.next_credential_set', subject: 'microsoft', data }),
    ).toEqual([{ label: 'Type', value: 'client secret' }])
  })

  it('is the root key by its name, which has no page', () => {
    const event = { type: 'console_session.opened', subject: 'root', data: {} } as const
    expect(subjectLink(event)).toEqual({ text: 'Root key', href: null })
  })

  it('is the mailbox of an access token, by who signed in', () => {
    const data = { signed_in_as: 'alice@contoso.test', detail: 'Sign in again.' }
    const event = { type: 'grant.reconnect_required', subject: 'gr_x', data } as const
    expect(subjectLink(event)).toEqual({ text: 'alice@contoso.test', href: null })
    expect(eventDetails(event)).toEqual([{ label: null, value: 'Sign in again.' }])
    expect(briefly(eventDetails(event))).toBe('Sign in again.')
  })

  it('leads nowhere once the account is deleted', () => {
    const data = { username: 'alice@contoso.test' }
    expect(subjectLink({ type: 'mail_account.deleted', subject: account, data }).href).toBeNull()
  })
})

describe('the details of an event', () => {
  const detailsOfData = (data: Parameters<typeof eventDetails>[0]['data']) =>
    eventDetails({ type: 'mail_account.updated', subject: account, data })

  it('are labelled as a person would, and say yes and no', () => {
    expect(detailsOfData({ client_id: 'x', credential_changed: false, aadsts: 50076 })).toEqual([
      { label: 'Client ID', value: 'x' },
      { label: 'Credential changed', value: 'no' },
      { label: 'AADSTS', value: '50076' },
    ])
  })

  it('leave out how a sign-in is kept, unless it replaces the access token at once', () => {
    expect(detailsOfData({ apply: 'on_save' })).toEqual([])
  })

  it('are put briefly by the use of the mailbox, unless there is a sentence', () => {
    expect(briefly(detailsOfData({ host: 'h', protocol: 'imap' }))).toBe('IMAP')
    expect(briefly(detailsOfData({ host: 'h' }))).toBeUndefined()
  })

  it('show times as other pages do', () => {
    const [end] = detailsOfData({ expires_at: '2026-11-30T12:20:52.857Z' })
    expect(end?.label).toBe('Expires at')
    expect(end?.value).toMatch(/^Nov 30, 2026, \d/)
  })

  it('leave out empty values, and those that name the subject', () => {
    const data = { username: 'a@b.test', signed_in_as: 'a@b.test', origin: null, changed: '' }
    expect(detailsOfData({ ...data, mail_account: account })).toEqual([])
  })
})
