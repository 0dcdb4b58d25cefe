/** Events by day, one line each, which expands to all details. */
import { useState } from 'preact/hooks'
import type { AuditEvent } from '../../../../schema/event.ts'
import { events as rows } from '../../../../schema/events.ts'
import { get, type ListPage } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Fact } from '../../components/layout.tsx'
import { Disclosure } from '../../components/loaded.tsx'
import { ProblemAlert } from '../../components/notice.tsx'
import { Clock, exactDay, Moment } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'
import { count } from '../../ui/phrase.ts'
import { listHref } from '../mailboxes/address.ts'
import { type EventFilter, eventsHref, eventsPath } from './filter.ts'
import { actorName, briefly, type Detail, eventDetails, eventTone, subjectLink } from './labels.ts'

/** Names of API keys by id. */
export type KeyNames = ReadonlyMap<string, string>

/** The first events of a filter, and older ones on request. */
export function EventList(props: {
  filter: EventFilter
  first: ListPage<AuditEvent>
  names: KeyNames
}) {
  const { filter, first, names } = props
  const [{ data, next_cursor: cursor }, setShown] = useState(first)
  const { busy, problem, run } = useAction()
  const showOlder = async (after: string) => {
    const older = await get<ListPage<AuditEvent>>(eventsPath(filter, after))
    setShown({ ...older, data: [...data, ...older.data] })
  }
  return (
    <>
      <div class="row spread quiet small event-count">
        <p role="status">
          {count(data.length, 'event')}
          {cursor !== null && ', newest first, older ones available'}
        </p>
        {filter.mailbox && <a href={listHref({ q: filter.mailbox })}>Show the mailbox</a>}
      </div>
      {data.length === 0 && <NoEvents filter={filter} />}
      {[...Map.groupBy(data, ({ at }) => dayOf(at))].map(([day, ofDay]) => (
        <section key={day} class="event-day" aria-label={day}>
          <h2>{day}</h2>
          <ol class="events">
            {ofDay.map((event) => (
              <li key={event.id}>
                <EventLine event={event} names={names} />
              </li>
            ))}
          </ol>
        </section>
      ))}
      <ProblemAlert problem={problem} />
      {cursor !== null && (
        <Button busy={busy} onClick={() => run(() => showOlder(cursor))}>
          Older
        </Button>
      )}
    </>
  )
}

function NoEvents({ filter: { type, mailbox, until } }: { filter: EventFilter }) {
  const isFiltered = type !== '' || mailbox !== '' || until !== ''
  return (
    <div class="empty">
      <p>{isFiltered ? 'No events match.' : 'No events yet.'}</p>
      {mailbox !== '' && <p>Enter the whole address, as in support@contoso.com.</p>}
      {isFiltered && <a href="#/events">Show all events</a>}
    </div>
  )
}

function dayOf(time: string): string {
  const day = exactDay(time)
  return day === exactDay(new Date().toISOString()) ? `Today, ${day}` : day
}

function EventLine({ event, names }: { event: AuditEvent; names: KeyNames }) {
  const { text } = subjectLink(event)
  const actor = actorName(event.actor, names)
  const about = text === actor ? '' : text
  const details = eventDetails(event)
  const line = (
    <>
      <Clock time={event.at} />
      <span class={`what ${eventTone(event)}`}>
        <b>{rows[event.type]?.title ?? event.type}</b> <span class="quiet">{briefly(details)}</span>
      </span>
      <span class="whom" title={about}>
        {about}
      </span>
      <span class="by" title={actor}>
        {actor}
      </span>
    </>
  )
  return (
    <Disclosure title={line}>
      <EventFacts event={event} actor={actor} details={details} />
    </Disclosure>
  )
}

function EventFacts(props: { event: AuditEvent; actor: string; details: readonly Detail[] }) {
  const { event, actor, details } = props
  const { text, href } = subjectLink(event)
  const { username } = event.data
  return (
    <dl class="facts small">
      {details.map(({ label, value }) => (
        <Fact key={label ?? value} name={label ?? 'Details'}>
          {value}
        </Fact>
      ))}
      {text && (
        <Fact name="About">
          {href === null ? text : <a href={href}>{text}</a>}
          {typeof username === 'string' && (
            <div>
              <a class="quiet" href={eventsHref({ mailbox: username })}>
                All events of this mailbox
              </a>
            </div>
          )}
        </Fact>
      )}
      <Fact name="By">{actor}</Fact>
      <Fact name="Time">
        <Moment time={event.at} />
      </Fact>
      <Fact name="ID">
        <code>{event.id}</code>
      </Fact>
    </dl>
  )
}
