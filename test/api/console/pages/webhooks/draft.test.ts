import { describe, expect, it } from 'vitest'
import {
  differs,
  draftOf,
  errorsOf,
  inputOf,
} from '../../../../../api/console/pages/webhooks/draft.ts'
import { type Webhook, WebhookEvent, WebhookInput } from '../../../../../schema/webhook.ts'

const stored: Webhook = {
  id: 'wh_mwiq4wgd7u5x2l3k7777777777',
  url: 'https://helpdesk.example.com/hooks',
  description: null,
  events: ['validation.failed', 'grant.blocked'],
  enabled: true,
  paused_until: null,
  created_at: '2026-11-24T09:30:00.000Z',
  updated_at: '2026-11-24T09:30:00.000Z',
}

describe('the form of a webhook', () => {
  it('starts with every event for a new one', () => {
    expect([...draftOf(null).events].sort()).toEqual([...WebhookEvent.options].sort())
  })

  it('misses an event when none is chosen', () => {
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

  it('is changed by what would be stored differently, and by nothing else', () => {
    const draft = draftOf(stored)
    expect(differs({ ...draft, description: ' ' }, draft)).toBe(false)
    expect(differs({ ...draft, events: [...draft.events].reverse() }, draft)).toBe(false)
    expect(differs({ ...draft, events: ['grant.blocked'] }, draft)).toBe(true)
    expect(differs({ ...draft, description: 'Help desk' }, draft)).toBe(true)
  })
})
