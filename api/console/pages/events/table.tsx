/** The table of events. */
import type { AuditEvent } from '../../../../schema/event.ts'
import { type Column, Table } from '../../components/table.tsx'
import { Moment } from '../../components/time.tsx'
import { aboutOf, actorWords, detailsOf, eventWords } from './words.ts'

/** Names of API keys by id. */
export type KeyNames = ReadonlyMap<string, string>

export function EventTable(props: { events: readonly AuditEvent[]; names: KeyNames }) {
  const { events, names } = props
  const columns: Column<AuditEvent>[] = [
    { name: 'Event', cell: (event) => <What event={event} /> },
    { name: 'Subject', cell: (event) => <About event={event} /> },
    {
      name: 'Actor',
      cell: ({ actor }) => <div class="whole">{actorWords(actor, names)}</div>,
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

const What = ({ event }: { event: AuditEvent }) => (
  <>
    {eventWords[event.type] ?? event.type}
    <div class="plain small quiet details">
      {detailsOf(event).map(({ label, value }) => (
        <div key={label ?? value}>{label === null ? value : `${label}: ${value}`}</div>
      ))}
    </div>
  </>
)

function About({ event }: { event: AuditEvent }) {
  const { text, href } = aboutOf(event)
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
