import { describe, expect, it } from 'vitest'
import {
  draftOf,
  errorsOf,
  inputOf,
  tidy,
  withType,
} from '../../../../../api/console/pages/webhooks/draft.ts'
import { type Webhook, WebhookEvent, WebhookInput } from '../../../../../schema/webhook.ts'

const stored = {
  type: 'standard',
  url: 'https://helpdesk.example.com/hooks',
  to: null,
  mail_account_id: null,
  description: null,
  events: ['grant.blocked', 'validation.failed'],
} as unknown as Webhook

describe('the form of a webhook', () => {
  it('starts with every event for a new one', () => {
    expect([...draftOf(null).events].sort()).toEqual([...WebhookEvent.options].sort())
  })

  it('requires an event', () => {
    expect(errorsOf({ ...draftOf(stored), events: [] })).toEqual({
      '/events': 'Choose at least one.',
    })
    expect(errorsOf(draftOf(stored))).toEqual({})
  })

  it('sends what was typed without space around it, and no empty description', () => {
    const draft = { ...draftOf(stored), url: ` ${stored.url} `, description: '  ' }
    const { url, events } = stored
    expect(inputOf(draft)).toEqual({ url, events })
    const described = inputOf({ ...draft, description: ' Help desk ' })
    expect(WebhookInput.parse(described)).toMatchObject({ url, description: 'Help desk', events })
  })

  it('suggests other events for people than for programs, unless the events were changed', () => {
    const slack = withType(draftOf(null), 'slack')
    expect(slack.events).not.toContain('admin_consent.completed')
    expect(withType(slack, 'standard')).toEqual(draftOf(null))
    const chosen = { ...slack, events: ['grant.blocked' as const] }
    expect(withType(chosen, 'teams').events).toEqual(['grant.blocked'])
  })

  it('keeps a secret URL unless another one is typed', () => {
    const draft = draftOf({ ...stored, type: 'slack', url: 'hooks.slack.com/\u20269f3k' })
    expect(inputOf(draft)).toEqual({ type: 'slack', events: stored.events })
    const url = 'https://hooks.slack.com/services/T/B/x'
    expect(inputOf({ ...draft, url })).toMatchObject({ type: 'slack', url })
  })

  it('sends recipient and account only for email, which requires the account', () => {
    const draft = { ...withType(draftOf(stored), 'email'), to: ' it@contoso.com ' }
    expect(errorsOf(draft)).toEqual({ '/mail_account_id': 'Choose an account.' })
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
