/** Events: who did what, newest first. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiKey } from '../../../schema/api-key.ts'
import type { AuditEvent } from '../../../schema/event.ts'
import { events, eventTypes } from '../../../schema/events.ts'
import type { Mailbox } from '../../../schema/mail-account.ts'
import { get, type ListPage, list, type Problem, problemOf } from '../api.ts'
import { Button } from '../components/button.tsx'
import { SelectField, TextField } from '../components/fields.tsx'
import { ProblemAlert } from '../components/notice.tsx'
import { PageHead } from '../components/page-head.tsx'
import { useAction } from '../components/use-action.ts'
import { type Page, renameAddress, type Visit } from '../router.ts'
import { countLabel, type EventFilter, eventQuery, eventsHref, filterOf } from './events/filter.ts'
import { EventDays, type KeyNames } from './events/list.tsx'
import { listHref } from './mailboxes/address.ts'

/** Events that are shown, with their filter and the cursor of those after them. */
type Shown = { filter: EventFilter; items: readonly AuditEvent[]; cursor: string | null }

/** `before`: the events that these continue. */
async function readEvents(
  filter: EventFilter,
  signal: AbortSignal,
  before: Shown | null = null,
): Promise<Shown> {
  const cursor = before?.cursor
  const query = new URLSearchParams({ ...eventQuery(filter), ...(cursor && { cursor }) })
  const page = await get<ListPage<AuditEvent>>(`/v1/events?${query}`, signal)
  return { filter, items: [...(before?.items ?? []), ...page.data], cursor: page.next_cursor }
}

export async function eventsPage({ query, signal }: Visit): Promise<Page> {
  const [first, names] = await Promise.all([readEvents(filterOf(query), signal), keyNames()])
  return { title: 'Events', content: <Events {...{ first, names, signal }} /> }
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

type EventsProps = { first: Shown; names: KeyNames; signal: AbortSignal }

function Events({ first, names, signal }: EventsProps) {
  const [filter, setFilter] = useState(first.filter)
  const [shown, setShown] = useState<Shown | null>(first)
  const [problem, setProblem] = useState<Problem | null>(null)
  const { busy, run } = useAction()
  const calls = useRef(0)
  // The filter as chosen last. A search starts after a pause in the typing, when the rendered one may be outdated.
  const latest = useRef(filter)
  const count = useRef<HTMLParagraphElement>(null)

  /** Shows events of this filter. Only the latest call counts. */
  async function show(wanted: EventFilter, before: Shown | null = null): Promise<void> {
    calls.current += 1
    const call = calls.current
    const isWanted = () => call === calls.current && !signal.aborted
    setProblem(null)
    try {
      const next = await readEvents(wanted, signal, before)
      if (!isWanted()) return
      setShown(next)
      // "Older" disappears with the last ones.
      if (before && next.cursor === null) count.current?.focus()
    } catch (error) {
      if (!isWanted()) return
      setProblem(problemOf(error))
      // Events of another filter than the chosen one would mislead.
      setShown((now) => (now?.filter === wanted ? now : null))
    }
  }
  const choose = (changes: Partial<EventFilter>) => {
    const chosen = { ...latest.current, ...changes }
    latest.current = chosen
    setFilter(chosen)
    void show(chosen)
    // Once the page was left, the address belongs to the next page.
    if (!signal.aborted) renameAddress(eventsHref(chosen))
  }
  return (
    <>
      <PageHead
        title="Events"
        lead="Who did what, and with what result. Secrets are never recorded."
      />
      <div class="event-filters">
        <MailboxField value={filter.mailbox} onChange={(mailbox) => choose({ mailbox })} />
        <SelectField
          label="Show"
          options={types}
          value={filter.type}
          onChange={(type) => choose({ type })}
        />
        <TextField
          label="Until"
          type="date"
          value={filter.until}
          onChange={(until) => choose({ until })}
        />
      </div>
      <ProblemAlert problem={problem} />
      <div class="row spread quiet small event-count">
        <p role="status" tabIndex={-1} ref={count}>
          {shown && countLabel(shown.items.length, shown.cursor !== null)}
        </p>
        {filter.mailbox && <a href={listHref({ q: filter.mailbox })}>Show the mailbox</a>}
      </div>
      {shown?.items.length === 0 && <NoEvents filter={shown.filter} />}
      {shown && shown.items.length > 0 && <EventDays events={shown.items} names={names} />}
      {/* Until the events of another filter have loaded, there are none after them. */}
      {shown?.cursor && shown.filter === filter && (
        <Button busy={busy} onClick={() => run(() => show(filter, shown))}>
          Older
        </Button>
      )}
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
        // Suggestions are optional.
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
