/** The audit trail: who did what, newest first. */
import type { ApiKey } from '../../../schema/api-key.ts'
import type { AuditEvent, EventType } from '../../../schema/event.ts'
import { ApiError, get, list } from '../api.ts'
import { fill, h } from '../dom.ts'
import type { Page, Visit } from '../router.ts'
import { whileBusy } from '../ui/busy.ts'
import { selectField } from '../ui/fields.ts'
import { problemNotice } from '../ui/notice.ts'
import { head, table } from '../ui/table.ts'
import { moment } from '../ui/time.ts'
import { aboutOf, actorWords, detailsOf, eventWords } from './events/words.ts'

type EventPage = { data: AuditEvent[]; next_cursor: string | null }
type Names = ReadonlyMap<string, string>

export async function eventsPage({ query, signal }: Visit): Promise<Page> {
  const subject = query.get('subject')
  const type = selectField<EventType | ''>({
    label: 'Show',
    options: [
      { value: '', label: 'All events' },
      ...(Object.entries(eventWords) as [EventType, string][]).map(([value, label]) => ({
        value,
        label,
      })),
    ],
  })
  const count = h('p', { role: 'status', class: 'quiet small', tabindex: '-1' })
  const wrong = h('div', { role: 'alert' })
  const shown = h('div', {})
  const older = h('button', { type: 'button' }, 'Older')
  let events: AuditEvent[] = []
  let cursor: string | null = null

  const load = (from: string | null) =>
    get<EventPage>(
      `/v1/events?${new URLSearchParams({
        ...(type.input.value && { type: type.input.value }),
        ...(subject && { subject }),
        ...(from && { cursor: from }),
      })}`,
      signal,
    )
  const show = (page: EventPage, names: Names) => {
    cursor = page.next_cursor
    fill(shown, events.length === 0 ? empty(type.input.value !== '') : eventTable(events, names))
    older.hidden = cursor === null
    count.textContent = `${events.length === 1 ? '1 event' : `${events.length} events`}${cursor === null ? '' : ', newest first; there are older ones'}`
  }

  const [first, names] = await Promise.all([load(null), keyNames()])
  events = first.data
  show(first, names)

  /** Another kind starts anew; what was on its way for the kind before is no longer wanted. */
  async function reload(from: string | null): Promise<void> {
    const kind = type.input.value
    try {
      const page = await load(from)
      if (type.input.value !== kind) return
      events = from === null ? page.data : [...events, ...page.data]
      fill(wrong)
      show(page, names)
      // The button that was pressed is gone with the last page.
      if (from !== null && older.hidden) count.focus()
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ApiError)) throw error
      fill(wrong, problemNotice(error.problem))
      // What is still shown would be of another kind than the one chosen.
      if (from === null) {
        fill(shown)
        fill(count)
        older.hidden = true
      }
    }
  }
  type.input.addEventListener('change', () => void reload(null))
  older.addEventListener('click', () => void whileBusy(older, () => reload(cursor)))

  return {
    title: 'Events',
    content: h(
      'div',
      {},
      head('Events', 'Who did what, and what became of it. No secret is ever part of it.'),
      h(
        'div',
        { class: 'row spread filters' },
        type.element,
        subject !== null &&
          h(
            'p',
            {},
            'Only events of ',
            h('code', {}, subject),
            '. ',
            h('a', { href: '#/events' }, 'Show all'),
          ),
      ),
      wrong,
      count,
      shown,
      older,
    ),
  }
}

/** Only a help: without it the ids of the keys are shown. */
async function keyNames(): Promise<Names> {
  const keys = await list<ApiKey>('/v1/api-keys').catch(() => [])
  return new Map(keys.map(({ id, name }) => [id, name]))
}

const empty = (chosen: boolean) =>
  h('div', { class: 'empty' }, chosen ? 'No such event yet.' : 'Nothing has happened yet.')

const eventTable = (events: readonly AuditEvent[], names: Names) =>
  table(
    'Events',
    [
      {
        name: 'What',
        cell: (event) => [
          eventWords[event.type] ?? event.type,
          h(
            'div',
            { class: 'plain small quiet details' },
            detailsOf(event).map(({ label, value }) =>
              h('div', {}, label !== null && `${label}: `, value),
            ),
          ),
        ],
      },
      { name: 'About', cell: (event) => h('div', { class: 'about' }, about(event)) },
      {
        name: 'Who',
        cell: ({ actor }) => h('div', { class: 'whole' }, actorWords(actor, names)),
      },
      { name: 'When', cell: ({ at }) => h('span', { class: 'nowrap' }, moment(at)) },
    ],
    events,
  )

function about(event: AuditEvent) {
  const { text, href } = aboutOf(event)
  const { subject } = event
  return [
    href === null ? text : h('a', { href }, text),
    subject !== null &&
      subject !== 'microsoft' &&
      subject !== 'root' &&
      h(
        'div',
        {},
        h(
          'a',
          {
            class: 'mono quiet nowrap',
            href: `#/events?subject=${encodeURIComponent(subject)}`,
            title: `Events of ${subject}`,
          },
          `${subject.slice(0, 11)}…`,
        ),
      ),
  ]
}
