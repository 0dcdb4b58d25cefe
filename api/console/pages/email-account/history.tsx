/** The history of an account: its last days, and what happened in words. */
import { useEffect, useRef } from 'preact/hooks'
import type { HistoryEntry, MailAccountHistory } from '../../../../schema/history.ts'
import { HistoryStrip } from '../../components/history-strip.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { DayTime } from '../../components/time.tsx'
import { useLive } from '../../components/use-live.ts'

type HistoryProps = {
  id: string
  /** Use of the mailbox: "reading mail". */
  use: string
  /** Id of the last validation. When it changes, the history is read again, since it contains the new validation. */
  lastValidation: string | undefined
  signal: AbortSignal
}

export const History = (props: HistoryProps) => (
  <section aria-label={`History of ${props.use}`}>
    <Loaded<MailAccountHistory> path={historyOf(props.id)}>
      {(first) => <CurrentHistory first={first} {...props} />}
    </Loaded>
  </section>
)

const historyOf = (id: string) => `/v1/mail-accounts/${id}/history`

function CurrentHistory(props: HistoryProps & { first: MailAccountHistory }) {
  const { id, lastValidation, first, signal } = props
  const { data, refresh } = useLive(
    first,
    (read) => read<MailAccountHistory>(historyOf(id)),
    signal,
  )
  const shown = useRef(lastValidation)
  useEffect(() => {
    if (shown.current === lastValidation) return
    shown.current = lastValidation
    void refresh()
  }, [lastValidation])
  return (
    <>
      <HistoryStrip days={data.days.map((day) => ({ ...day, waited: day.state === 'waited' }))} />
      <Timeline entries={data.entries} />
    </>
  )
}

/** Number of entries that are shown at first. */
const FIRST = 5

function Timeline({ entries }: { entries: readonly HistoryEntry[] }) {
  if (entries.length === 0) return <p class="quiet">Nothing happened in these days.</p>
  const more = entries.slice(FIRST)
  return (
    <>
      <Entries name="What happened, newest first" entries={entries.slice(0, FIRST)} />
      {more.length > 0 && (
        <details>
          <summary>Show {more.length} more</summary>
          <Entries name="What happened before" entries={more} />
        </details>
      )}
    </>
  )
}

const Entries = ({ name, entries }: { name: string; entries: readonly HistoryEntry[] }) => (
  <ol class="timeline" aria-label={name}>
    {entries.map(({ at, type, text, ended, since }) => (
      <li key={at + text} class={type}>
        <DayTime time={at} />
        <span>
          {text}
          {since && (
            <>
              {' '}
              (since <DayTime time={since} />)
            </>
          )}
          {ended && (
            <>
              ; {ended.text} on <DayTime time={ended.at} />
            </>
          )}
        </span>
      </li>
    ))}
  </ol>
)
