/** The history of a mailbox: its last days, and what happened in words, for all its uses together. */
import { useEffect } from 'preact/hooks'
import type { HistoryEntry, MailAccountHistory } from '../../../../schema/history.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { directionOf } from '../../../../schema/protocols.ts'
import { HistoryStrip } from '../../components/history-strip.tsx'
import { Notice } from '../../components/notice.tsx'
import { DayTime } from '../../components/time.tsx'
import { useLive } from '../../components/use-live.ts'
import type { Day } from '../../ui/history.ts'

type HistoryProps = { accounts: readonly MailAccount[]; signal: AbortSignal }
/** `use`: null if the mailbox has only one. */
type Entry = HistoryEntry & { use: string | null }

const uses = { read: 'Reading', send: 'Sending' } as const

export function History({ accounts, signal }: HistoryProps) {
  const { data, isStale, refresh } = useLive<readonly MailAccountHistory[] | null>(
    null,
    (read) =>
      Promise.all(
        accounts.map(({ id }) => read<MailAccountHistory>(`/v1/mail-accounts/${id}/history`)),
      ),
    signal,
  )
  const validations = accounts.map(({ last_validation: last }) => last?.id).join()
  // The history contains the newest validations.
  useEffect(() => {
    void refresh()
  }, [validations])
  if (data === null) return isStale ? <Notice tone="ask" title="The history can't be read" /> : null
  const entries = data.flatMap((history, index) => {
    const account = accounts[index]
    const use = account && accounts.length > 1 ? uses[directionOf(account.protocol)] : null
    return history.entries.map((entry): Entry => ({ ...entry, use }))
  })
  return (
    <>
      <HistoryStrip days={addDays(data.flatMap(({ days }) => days))} />
      <Timeline entries={entries.sort((a, b) => b.at.localeCompare(a.at))} />
    </>
  )
}

/** Returns each day once, with the validations of all uses. */
const addDays = (days: MailAccountHistory['days']): Day[] =>
  [...Map.groupBy(days, ({ date }) => date)].map(([date, same]) => ({
    date,
    passed: same.reduce((sum, { passed }) => sum + passed, 0),
    failed: same.reduce((sum, { failed }) => sum + failed, 0),
    waited: same.some(({ state }) => state === 'waited'),
  }))

/** Number of entries that are shown at first. */
const FIRST = 5

function Timeline({ entries }: { entries: readonly Entry[] }) {
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

const Entries = ({ name, entries }: { name: string; entries: readonly Entry[] }) => (
  <ol class="timeline" aria-label={name}>
    {entries.map(({ at, type, text, ended, since, use }) => (
      <li key={`${at} ${use} ${text}`} class={type}>
        <DayTime time={at} />
        {use && <span class="use">{use}</span>}
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
