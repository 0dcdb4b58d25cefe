/** Events: who did what, newest first. */
import { useRef } from 'preact/hooks'
import type { ApiKey } from '../../../schema/api-key.ts'
import type { AuditEvent, EventType } from '../../../schema/event.ts'
import { events, eventTypes } from '../../../schema/events.ts'
import { get, type ListPage, list } from '../api.ts'
import { SelectField } from '../components/fields.tsx'
import { ProblemAlert } from '../components/notice.tsx'
import { PageHead } from '../components/page-head.tsx'
import { OlderButton, usePagedList } from '../components/paged-list.tsx'
import { type Page, renameAddress, type Visit } from '../router.ts'
import { countLabel } from './events/labels.ts'
import { EventTable, type KeyNames } from './events/table.tsx'

/** Type of event; empty for all. */
type Filter = EventType | ''

type Load = (type: Filter, cursor: string | null) => Promise<ListPage<AuditEvent>>

export async function eventsPage(visit: Visit): Promise<Page> {
  const { query, signal } = visit
  const subject = query.get('subject')
  const type = filters.find(({ value }) => value === query.get('type'))?.value ?? ''
  const load: Load = (type, cursor) => {
    const wanted = new URLSearchParams({
      ...(type && { type }),
      ...(subject && { subject }),
      ...(cursor && { cursor }),
    })
    return get(`/v1/events?${wanted}`, signal)
  }
  const [initial, names] = await Promise.all([load(type, null), keyNames()])
  const view = <Events {...{ initial, type, load, subject, names, signal }} />
  return { title: 'Events', content: view }
}

/** Reads the names of the keys. Best effort: without them the ids are shown. */
async function keyNames(): Promise<KeyNames> {
  const keys = await list<ApiKey>('/v1/api-keys').catch(() => [])
  return new Map(keys.map(({ id, name }) => [id, name]))
}

const filters: { value: Filter; label: string }[] = [
  { value: '', label: 'All events' },
  ...eventTypes.map((type) => ({ value: type, label: events[type].title })),
]

function Events(props: {
  initial: ListPage<AuditEvent>
  /** Type of the first page. */
  type: Filter
  load: Load
  /** Id of the only subject whose events are shown; null for all. */
  subject: string | null
  names: KeyNames
  signal: AbortSignal
}) {
  const { initial, type, load, subject, names, signal } = props
  const events = usePagedList<AuditEvent, Filter>({
    initial: { filter: type, page: initial },
    load,
    signal,
  })
  const { shown, problem } = events
  const count = useRef<HTMLParagraphElement>(null)
  const show = (chosen: Filter) => {
    events.setFilter(chosen)
    // The address is that of the next page already.
    if (signal.aborted) return
    const query = new URLSearchParams({
      ...(chosen && { type: chosen }),
      ...(subject && { subject }),
    })
    renameAddress(`#/events${query.size > 0 ? `?${query}` : ''}`)
  }
  return (
    <>
      <PageHead
        title="Events"
        lead="Who did what, and with what result. Secrets are never recorded."
      />
      <div class="row spread filters">
        <SelectField label="Show" options={filters} value={events.filter} onChange={show} />
        {subject !== null && <SubjectFilter subject={subject} />}
      </div>
      <ProblemAlert problem={problem} />
      <p role="status" class="quiet small" tabIndex={-1} ref={count}>
        {shown && countLabel(shown.items.length, shown.cursor !== null)}
      </p>
      {shown?.items.length === 0 && <NoEvents isFiltered={shown.filter !== ''} />}
      {shown && shown.items.length > 0 && <EventTable events={shown.items} names={names} />}
      <OlderButton list={events} onEnd={() => count.current?.focus()} />
    </>
  )
}

const SubjectFilter = ({ subject }: { subject: string }) => (
  <p>
    Only events of <code>{subject}</code>. <a href="#/events">Show all</a>
  </p>
)

const NoEvents = ({ isFiltered }: { isFiltered: boolean }) => (
  <div class="empty">{isFiltered ? 'No events of this type.' : 'No events yet.'}</div>
)
