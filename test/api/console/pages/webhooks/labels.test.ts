import { describe, expect, it } from 'vitest'
import {
  deliveryState,
  eventsChosen,
  messageName,
  webhookName,
  webhookState,
} from '../../../../../api/console/pages/webhooks/labels.ts'
import { defaultEvents } from '../../../../../schema/events.ts'
import {
  type WebhookDelivery,
  WebhookEvent,
  type WebhookType,
} from '../../../../../schema/webhook.ts'

const delivery = { status: 'pending', attempts: 0 } as WebhookDelivery

it('the events of a webhook are counted, unless they are those recommended', () => {
  const events = WebhookEvent.options
  const chosen = (type: WebhookType, events: WebhookEvent[], customer: string | null = null) =>
    eventsChosen({ type, events, customer })
  expect(chosen('standard', events)).toBe('Every event')
  expect(chosen('slack', events)).toBe(`${events.length} types of events`)
  expect(chosen('teams', defaultEvents(false, false))).toBe('Everything that needs a person')
  expect(chosen('teams', defaultEvents(false, true), 'acme')).toBe('Everything that needs a person')
  expect(chosen('email', ['grant.blocked'])).toBe('1 type of event')
})

it('a webhook without a description is called by its host', () => {
  const url = 'https://helpdesk.example.com/hooks/mailgrant'
  expect(webhookName({ url, description: null })).toBe('helpdesk.example.com')
  expect(webhookName({ url, description: 'Help desk' })).toBe('Help desk')
})

it('the state of a webhook shows a pause unless it is switched off', () => {
  const paused_until = '2026-11-24T09:30:00.000Z'
  expect(webhookState({ enabled: true, paused_until: null }).word).toBe('On')
  expect(webhookState({ enabled: true, paused_until })).toEqual({ tone: 'ask', word: 'Paused' })
  expect(webhookState({ enabled: false, paused_until }).word).toBe('Off')
})

it('a message of a kind that is not known is called as the API calls it', () => {
  expect(messageName('webhook.test')).toBe('Test message')
  expect(messageName('something.new')).toBe('something.new')
})

describe('the state of a message', () => {
  it('tells one that was never sent from one that will be sent again', () => {
    expect(deliveryState(delivery).word).toBe('Sending')
    expect(deliveryState({ ...delivery, attempts: 1 })).toEqual({
      tone: 'ask',
      word: 'Retrying',
    })
  })
})
