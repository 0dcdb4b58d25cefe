/** The filter of events, in the address of the page and in requests. Pure. */
import type { EventType } from '../../../../schema/event.ts'
import { eventTypes } from '../../../../schema/events.ts'

/** Members are empty for all. */
export type EventFilter = {
  type: EventType | ''
  /** Address of the mailbox. */
  mailbox: string
  /** The last day in the browser's time zone: "2026-11-30". */
  until: string
}

/** A day as date fields give it. They also have years of five and six digits, which the API does not. */
const DAY = /^\d{4}-\d\d-\d\d$/

export function filterOf(query: URLSearchParams): EventFilter {
  const until = query.get('until') ?? ''
  return {
    type: eventTypes.find((type) => type === query.get('type')) ?? '',
    mailbox: query.get('mailbox') ?? '',
    until: DAY.test(until) && !Number.isNaN(Date.parse(until)) ? until : '',
  }
}

export function eventsHref(filter: Partial<EventFilter>): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''))
  return `#/events${query.size > 0 ? `?${query}` : ''}`
}

/** Returns the path of the events in the API. `cursor`: of those after the ones that are shown. */
export function eventsPath({ type, mailbox, until }: EventFilter, cursor?: string): string {
  const query = new URLSearchParams({
    ...(type && { type }),
    ...(mailbox && { username: mailbox }),
    ...(until && { before: dayAfter(until) }),
    ...(cursor && { cursor }),
  })
  return `/v1/events?${query}`
}

/** Returns the beginning of the next day in the browser's time zone. */
function dayAfter(day: string): string {
  const start = new Date(`${day}T00:00`)
  start.setDate(start.getDate() + 1)
  return start.toISOString()
}
