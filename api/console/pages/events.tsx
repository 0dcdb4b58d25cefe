/** Events: who did what, newest first. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiKey } from '../../../schema/api-key.ts'
import type { AuditEvent } from '../../../schema/event.ts'
import { events, eventTypes } from '../../../schema/events.ts'
import type { Mailbox } from '../../../schema/mail-account.ts'
import { get, type ListPage, list } from '../api.ts'
import { SelectField, TextField } from '../components/fields.tsx'
import { ProblemAlert } from '../components/notice.tsx'
import { PageHead } from '../components/page-head.tsx'
import { OlderButton, usePagedList } from '../components/paged-list.tsx'
import { type Page, renameAddress, type Visit } from '../router.ts'
import {
  countLabel,
  type EventFilter,
  eventQuery,
  eventsHref,
  filterOf,
  mailboxHref,
} from './events/filter.ts'
import { EventDays, type KeyNames } from './events/list.tsx'

type Load = (filter: EventFilter, cursor: string | null) => Promise<ListPage<AuditEvent>>

export async function eventsPage({ query, signal }: Visit): Promise<Page> {
  const filter = filterOf(query)
  const load: Load = (filter, cursor) => {
    const wanted = new URLSearchParams({ ...eventQuery(filter), ...(cursor && { cursor }) })
    return get(`/v1/events?${wanted}`, signal)
  }
  const [initial, names] = await Promise.all([load(filter, null), keyNames()])
  const view = <Events {...{ initial, filter, load, names, signal }} />
  return { title: 'Events', content: view }
}

/** Reads the names of the keys. Best effort: without them the ids are shown. */
async function keyNames(): Promise<KeyNames> {
  const keys = await list<ApiKey>('/v1/api-keys').catch(() => [])
  return new Map(keys.map(({ id, name }) => [id, name]))
}

const types: { value: EventFilter['type']; label: string }[] = [
  { value: '', label: 'All events' },
  ...eventTypes.map((type) => ({ value: type, label: events[type].title })),
]

function Events(props: {
  initial: ListPage<AuditEvent>
  /** Filter of the first page. */
  filter: EventFilter
  load: Load
  names: KeyNames
  signal: AbortSignal
}) {
  const { initial, load, names, signal } = props
  const events = usePagedList<AuditEvent, EventFilter>({
    initial: { filter: props.filter, page: initial },
    load,
    signal,
  })
  const { filter, shown, problem } = events
  const count = useRef<HTMLParagraphElement>(null)
  const show = (changes: Partial<EventFilter>) => {
    const chosen = { ...filter, ...changes }
    events.setFilter(chosen)
    // The address is that of the next page already.
    if (!signal.aborted) renameAddress(eventsHref(chosen))
  }
  const mailbox = shown && mailboxHref(shown.filter.mailbox, shown.items)
  return (
    <>
      <PageHead
        title="Events"
        lead="Who did what, and with what result. Secrets are never recorded."
      />
      <div class="event-filters">
        <MailboxField value={filter.mailbox} onChange={(mailbox) => show({ mailbox })} />
        <SelectField
          label="Show"
          options={types}
          value={filter.type}
          onChange={(type) => show({ type })}
        />
        <TextField
          label="Until"
          type="date"
          value={filter.until}
          onChange={(until) => show({ until })}
        />
      </div>
      <ProblemAlert problem={problem} />
      <div class="row spread quiet small event-count">
        <p role="status" tabIndex={-1} ref={count}>
          {shown && countLabel(shown.items.length, shown.cursor !== null)}
        </p>
        {mailbox && <a href={mailbox}>Open {filter.mailbox}</a>}
      </div>
      {shown?.items.length === 0 && <NoEvents filter={shown.filter} />}
      {shown && shown.items.length > 0 && <EventDays events={shown.items} names={names} />}
      <OlderButton list={events} onEnd={() => count.current?.focus()} />
    </>
  )
}

/** Time without typing after which mailboxes are suggested, and events are searched. */
const TYPING_MS = 300

/** Searches for a whole address, with suggestions for the beginning of one. */
function MailboxField(props: { value: string; onChange: (mailbox: string) => void }) {
  const { value, onChange } = props
  const [text, setText] = useState(value)
  const [suggestions, setSuggestions] = useState<readonly string[]>([])
  const typed = text.trim()
  useEffect(() => {
    if (typed === value) return
    const loading = new AbortController()
    const timer = setTimeout(() => {
      if (typed === '' || isAddress(typed)) onChange(typed)
      if (typed === '') return setSuggestions([])
      const path = `/v1/mailboxes?${new URLSearchParams({ q: typed.slice(0, 100), limit: '8' })}`
      get<ListPage<Mailbox>>(path, loading.signal).then(
        ({ data }) => setSuggestions([...new Set(data.map(({ username }) => username))]),
        // Suggestions are a help, not a condition.
        () => {},
      )
    }, TYPING_MS)
    return () => {
      clearTimeout(timer)
      loading.abort()
    }
  }, [typed, value])
  return (
    <TextField
      label="Mailbox"
      type="search"
      placeholder="All mailboxes"
      suggestions={suggestions}
      value={text}
      onChange={setText}
    />
  )
}

const isAddress = (text: string) => /^\S+@\S+$/.test(text)

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
