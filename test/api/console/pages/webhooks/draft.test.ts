import { describe, expect, it } from 'vitest'
import {
  draftOf,
  errorsOf,
  inputOf,
  tidy,
} from '../../../../../api/console/pages/webhooks/draft.ts'
import { type Webhook, WebhookEvent, WebhookInput } from '../../../../../schema/webhook.ts'

const stored = {
  type: 'standard',
  customer: null,
  url: 'https://helpdesk.example.com/hooks',
  to: null,
  mail_account_id: null,
  description: null,
  events: ['grant.blocked', 'validation.failed'],
} as unknown as Webhook

describe('the form of a webhook', () => {
  it('starts with what is recommended for its type', () => {
    expect([...draftOf('standard').events].sort()).toEqual([...WebhookEvent.options].sort())
    expect(draftOf('slack')).toMatchObject({ about: 'recommended' })
    expect(draftOf('slack').events).not.toContain('admin_consent.completed')
    expect(draftOf(stored).about).toBe('chosen')
    // A customer's webhook never gets events about the integration.
    const { events } = tidy({ ...draftOf({ ...stored, customer: 'acme' }), about: 'recommended' })
    expect(events).toContain('grant.blocked')
    expect(events.filter((type) => type.startsWith('integration.'))).toEqual([])
  })

  it('requires an event', () => {
    const none = { ...draftOf(stored), events: [] }
    expect(errorsOf(none)).toEqual({ '/events': 'Choose at least one.' })
    expect(errorsOf({ ...none, about: 'recommended' })).toEqual({})
    expect(errorsOf(draftOf(stored))).toEqual({})
  })

  it('sends what was typed without space around it, and no empty description', () => {
    const draft = { ...draftOf(stored), url: ` ${stored.url} `, description: '  ' }
    const { url, events } = stored
    expect(inputOf(draft)).toEqual({ url, events })
    const described = inputOf({ ...draft, description: ' Help desk ' })
    expect(WebhookInput.parse(described)).toMatchObject({ url, description: 'Help desk', events })
  })

  it('recommends other events for people than for programs, and keeps those that were chosen', () => {
    const slack = { ...draftOf('standard'), type: 'slack' as const }
    expect(tidy(slack)).toEqual(draftOf('slack'))
    const chosen = { ...slack, about: 'chosen' as const, events: ['grant.blocked' as const] }
    expect(tidy({ ...chosen, type: 'teams' })).toMatchObject({
      about: 'chosen',
      events: ['grant.blocked'],
    })
  })

  it('keeps a secret URL unless another one is typed', () => {
    const draft = draftOf({ ...stored, type: 'slack', url: 'hooks.slack.com/\u20269f3k' })
    expect(inputOf(draft)).toEqual({ type: 'slack', events: stored.events })
    const url = 'https://hooks.slack.com/services/T/B/x'
    expect(inputOf({ ...draft, url })).toMatchObject({ type: 'slack', url })
  })

  it('sends recipient and account only for email, which requires the account', () => {
    const draft = { ...draftOf(stored), type: 'email' as const, to: ' it@contoso.com ' }
    expect(errorsOf(draft)).toEqual({ '/mail_account_id': 'Choose a mailbox.' })
    const complete = { ...draft, mailAccountId: 'ma_1' }
    expect(errorsOf(complete)).toEqual({})
    const { events } = stored
    const values = { type: 'email', to: 'it@contoso.com', mail_account_id: 'ma_1', events }
    expect(inputOf(complete)).toEqual(values)
  })

  it('counts as changed only if other values would be stored', () => {
    const draft = draftOf(stored)
    expect(tidy({ ...draft, description: ' ', to: 'it@contoso.com' })).toEqual(draft)
    expect(tidy({ ...draft, events: [...draft.events].reverse() })).toEqual(draft)
    expect(tidy({ ...draft, events: ['grant.blocked'] })).not.toEqual(draft)
    expect(tidy({ ...draft, description: 'Help desk' })).not.toEqual(draft)
  })
})
