/** Events by day, one line each, which expands to all details. */
import type { AuditEvent } from '../../../../schema/event.ts'
import { events as rows } from '../../../../schema/events.ts'
import { Fact } from '../../components/card.tsx'
import { Disclosure } from '../../components/disclosure.tsx'
import { Clock, exactDay, Moment } from '../../components/time.tsx'
import { eventsHref } from './filter.ts'
import { actorName, briefly, type Detail, eventDetails, eventTone, subjectLink } from './labels.ts'

/** Names of API keys by id. */
export type KeyNames = ReadonlyMap<string, string>

type EventsProps = { events: readonly AuditEvent[]; names: KeyNames }

export const EventDays = ({ events, names }: EventsProps) => (
  <>
    {[...Map.groupBy(events, ({ at }) => dayOf(at))].map(([day, ofDay]) => (
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
  </>
)

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
