/** Events: who did what, newest first. */
import { useState } from 'preact/hooks'
import type { ApiKey } from '../../../schema/api-key.ts'
import type { AuditEvent } from '../../../schema/event.ts'
import { events, eventTypes } from '../../../schema/events.ts'
import type { Mailbox } from '../../../schema/mail-account.ts'
import { get, type ListPage, list } from '../api.ts'
import { SelectField, TextField } from '../components/fields.tsx'
import { PageHead } from '../components/layout.tsx'
import { useTypedSearch } from '../components/search-field.tsx'
import { go, type Page, replaceAddress, type Visit } from '../router.ts'
import { type EventFilter, eventsHref, eventsPath, filterOf } from './events/filter.ts'
import { EventList, type KeyNames } from './events/list.tsx'

export async function eventsPage({ query, signal }: Visit): Promise<Page> {
  const filter = filterOf(query)
  const [first, names] = await Promise.all([
    get<ListPage<AuditEvent>>(eventsPath(filter), signal),
    keyNames(),
  ])
  const title = 'Events'
  return { title, key: title, content: <Events {...{ filter, first, names, signal }} /> }
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
  filter: EventFilter
  first: ListPage<AuditEvent>
  names: KeyNames
  signal: AbortSignal
}) {
  const { filter, first, names, signal } = props
  const showUntil = (until: string) => replaceAddress(eventsHref({ ...filter, until }))
  const [until, setUntil] = useTypedSearch(filter.until, showUntil, signal)
  return (
    <>
      <PageHead
        title="Events"
        lead="Who did what, and with what result. Secrets are never recorded."
      />
      <div class="event-filters">
        <MailboxField filter={filter} signal={signal} />
        <SelectField
          label="Show"
          options={types}
          value={filter.type}
          onChange={(type) => go(eventsHref({ ...filter, type }))}
        />
        <TextField label="Until" type="date" value={until} onChange={setUntil} />
      </div>
      <EventList key={eventsHref(filter)} {...{ filter, first, names }} />
    </>
  )
}

/** Searches for a whole address, with suggestions for the beginning of one. */
function MailboxField({ filter, signal }: { filter: EventFilter; signal: AbortSignal }) {
  const [suggestions, setSuggestions] = useState<readonly string[]>([])
  const search = (mailbox: string) => {
    if (mailbox === '' || isAddress(mailbox)) {
      return replaceAddress(eventsHref({ ...filter, mailbox }))
    }
    const path = `/v1/mailboxes?${new URLSearchParams({ q: mailbox.slice(0, 100), limit: '8' })}`
    get<ListPage<Mailbox>>(path).then(
      ({ data }) => setSuggestions([...new Set(data.map(({ username }) => username))]),
      // Suggestions are optional.
      () => {},
    )
  }
  const [text, setText] = useTypedSearch(filter.mailbox, search, signal)
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
