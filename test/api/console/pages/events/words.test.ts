import { describe, expect, it } from 'vitest'
import {
  aboutOf,
  actorWords,
  countWords,
  detailsOf,
  eventWords,
} from '../../../../../api/console/pages/events/words.ts'
import { EventType } from '../../../../../schema/event.ts'

const account = 'ma_mwiq4wgd7u5x2l3k7777777777'

describe('words for events', () => {
  it('are there for every type, each of its own', () => {
    expect(Object.keys(eventWords).sort()).toEqual([...EventType.options].sort())
    expect(new Set(Object.values(eventWords)).size).toBe(EventType.options.length)
  })

  it('name the key by its name, or by its id where the name is not known', () => {
    const names = new Map([['key_a', 'Help desk']])
    expect(actorWords({ type: 'key', id: 'key_a' }, names)).toBe('Help desk')
    expect(actorWords({ type: 'key', id: 'key_b' }, names)).toBe('Key key_b')
    expect(actorWords({ type: 'key', id: 'root' }, names)).toBe('Root key')
    expect(actorWords({ type: 'system', id: null }, names)).toBe('Mailgrant')
    expect(actorWords({ type: 'browser', id: null }, names)).toBe('Person signing in')
  })
})

describe('the count of events', () => {
  it('says when there are older ones', () => {
    expect(countWords(1, false)).toBe('1 event')
    expect(countWords(50, true)).toBe('50 events, newest first, older ones available')
  })
})

describe('what an event is about', () => {
  it('is the settings for whatever concerns the integration', () => {
    const event = { type: 'integration.activated', subject: 'microsoft', data: {} } as const
    expect(aboutOf(event)).toEqual({ text: 'Microsoft settings', href: '#/integrations/microsoft' })
  })

  it('is the account of a validation, not the validation', () => {
    const data = { mail_account: account, username: 'alice@contoso.test' }
    expect(aboutOf({ type: 'validation.passed', subject: 'va_x', data })).toEqual({
      text: 'alice@contoso.test',
      href: `#/email-accounts/${account}`,
    })
  })

  it('is the key or the webhook, where it can be looked at', () => {
    const key = { type: 'api_key.revoked', subject: 'key_x', data: { name: 'Help desk' } } as const
    expect(aboutOf(key)).toEqual({ text: 'Help desk', href: '#/api-keys' })
    const url = 'https://helpdesk.example.com/hooks'
    const webhook = { type: 'webhook.updated', subject: 'wh_x', data: { url } } as const
    expect(aboutOf(webhook)).toEqual({ text: url, href: '#/webhooks/wh_x' })
    expect(detailsOf(webhook)).toEqual([])
    expect(aboutOf({ ...webhook, type: 'webhook.deleted' }).href).toBeNull()
  })

  it('names the type of a credential in words', () => {
    const data = { type: 'client_secret' }
    expect(
      detailsOf({ type: 'integration.next_credential_set', subject: 'microsoft', data }),
    ).toEqual([{ label: 'Type', value: 'client secret' }])
  })

  it('is the root key by its name, which has no page', () => {
    const event = { type: 'console_session.opened', subject: 'root', data: {} } as const
    expect(aboutOf(event)).toEqual({ text: 'Root key', href: null })
  })

  it('is the mailbox of an access token, by who signed in', () => {
    const data = { signed_in_as: 'alice@contoso.test', detail: 'Sign in again.' }
    const event = { type: 'grant.reconnect_required', subject: 'gr_x', data } as const
    expect(aboutOf(event)).toEqual({ text: 'alice@contoso.test', href: null })
    expect(detailsOf(event)).toEqual([{ label: null, value: 'Sign in again.' }])
  })

  it('leads nowhere once the account is deleted', () => {
    const data = { username: 'alice@contoso.test' }
    expect(aboutOf({ type: 'mail_account.deleted', subject: account, data }).href).toBeNull()
  })
})

describe('the details of an event', () => {
  const detailsOfData = (data: Parameters<typeof detailsOf>[0]['data']) =>
    detailsOf({ type: 'mail_account.updated', subject: account, data })

  it('are labelled as a person would, and say yes and no', () => {
    expect(detailsOfData({ client_id: 'x', credential_changed: false, aadsts: 50076 })).toEqual([
      { label: 'Client ID', value: 'x' },
      { label: 'Credential changed', value: 'no' },
      { label: 'AADSTS', value: '50076' },
    ])
  })

  it('leave out how a sign-in is kept, unless it replaces the access token at once', () => {
    expect(detailsOfData({ apply: 'on_save' })).toEqual([])
    expect(detailsOfData({ apply: 'at_once' })).toEqual([
      { label: null, value: 'Replaces the sign-in immediately' },
    ])
  })

  it('tell times as they are told elsewhere', () => {
    const [end] = detailsOfData({ expires_at: '2026-11-30T12:20:52.857Z' })
    expect(end?.label).toBe('Expires at')
    expect(end?.value).toMatch(/^Nov 30, 2026, \d/)
  })

  it('let a sentence stand for itself', () => {
    expect(detailsOfData({ detail: 'Sign in again.' })).toEqual([
      { label: null, value: 'Sign in again.' },
    ])
  })

  it('leave out what is empty, and what the event is said to be about', () => {
    const data = { username: 'a@b.test', signed_in_as: 'a@b.test', origin: null, changed: '' }
    expect(detailsOfData({ ...data, mail_account: account })).toEqual([])
  })
})
