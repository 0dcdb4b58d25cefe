/** The inbox: a line for each mailbox that needs attention. */
import type { Grant } from '../../../../schema/grant.ts'
import { InboxLine } from './inbox-line.tsx'
import type { Inbox, Result } from './inbox-state.ts'
import type { OverviewData } from './read-overview.ts'
import { waitingFor } from './sent-links.ts'
import { NEEDS_ATTENTION, neededOf } from './urgency.ts'

/** Lines that are shown; the list of mailboxes has the others. */
const MAX_LINES = 50

type InboxProps = {
  data: OverviewData
  inbox: Inbox
  /** Sign-ins that others completed during this visit, by mailbox. */
  signedIn: ReadonlyMap<string, Grant>
  onStart: (mailbox: string) => void
  onEnd: (mailbox: string, result: Result | null) => Promise<void>
  onChange: () => Promise<void>
  signal: AbortSignal
}

/** Renders nothing if nothing needs attention. */
export function InboxList(props: InboxProps) {
  const { data, inbox, signedIn, onStart, onEnd, onChange, signal } = props
  if (inbox.lines.length === 0) return null
  const shown = inbox.lines.slice(0, MAX_LINES)
  const open = shown.filter(({ mailbox }) => inbox.results.get(mailbox)?.kind !== 'works')
  const others = neededOf(data.summary) - open.length
  return (
    <section aria-label="Needs attention">
      <ul class="inbox">
        {shown.map((line) => (
          <InboxLine
            key={line.mailbox}
            line={line}
            result={inbox.results.get(line.mailbox)}
            link={waitingFor(line, data.links)}
            signedIn={signedIn.get(line.mailbox)}
            onChange={onChange}
            onStart={() => onStart(line.mailbox)}
            onEnd={(result) => onEnd(line.mailbox, result)}
            signal={signal}
          />
        ))}
      </ul>
      {inbox.lines.length > MAX_LINES && others > 0 && (
        <p>
          <a href={`#/mailboxes?health=${NEEDS_ATTENTION.join(',')}`}>and {others} more</a>
        </p>
      )}
    </section>
  )
}
