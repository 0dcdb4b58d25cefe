/** The table of events. */
import type { AuditEvent } from '../../../../schema/event.ts'
import { events } from '../../../../schema/events.ts'
import { type Column, Table } from '../../components/table.tsx'
import { Moment } from '../../components/time.tsx'
import { actorName, eventDetails, subjectLink } from './labels.ts'

/** Names of API keys by id. */
export type KeyNames = ReadonlyMap<string, string>

export function EventTable(props: { events: readonly AuditEvent[]; names: KeyNames }) {
  const { events, names } = props
  const columns: Column<AuditEvent>[] = [
    { name: 'Event', cell: (event) => <EventCell event={event} /> },
    { name: 'Subject', cell: (event) => <SubjectCell event={event} /> },
    {
      name: 'Actor',
      cell: ({ actor }) => <div class="whole">{actorName(actor, names)}</div>,
    },
    {
      name: 'Time',
      cell: ({ at }) => (
        <span class="nowrap">
          <Moment time={at} />
        </span>
      ),
    },
  ]
  return <Table caption="Events" columns={columns} rows={events} />
}

const EventCell = ({ event }: { event: AuditEvent }) => (
  <>
    {events[event.type]?.title ?? event.type}
    <div class="plain small quiet details">
      {eventDetails(event).map(({ label, value }) => (
        <div key={label ?? value}>{label === null ? value : `${label}: ${value}`}</div>
      ))}
    </div>
  </>
)

function SubjectCell({ event }: { event: AuditEvent }) {
  const { text, href } = subjectLink(event)
  return (
    <div class="about">
      {href === null ? text : <a href={href}>{text}</a>}
      {hasId(event.subject) && <EventsOf subject={event.subject} />}
    </div>
  )
}

/** Returns true for a subject with an id of its own. */
const hasId = (subject: string | null): subject is string =>
  subject !== null && subject !== 'microsoft' && subject !== 'root'

const EventsOf = ({ subject }: { subject: string }) => (
  <div>
    <a
      class="mono quiet nowrap"
      href={`#/events?subject=${encodeURIComponent(subject)}`}
      title={`Events of ${subject}`}
    >
      {`${subject.slice(0, 11)}…`}
    </a>
  </div>
)
