/** The inbox: problems of the integration, then a line for each mailbox that needs attention. */
import type { Grant } from '../../../../schema/grant.ts'
import { Ago } from '../../components/time.tsx'
import { may } from '../../rights.ts'
import { bySeverity, remedyOf } from '../../ui/integration.ts'
import { count } from '../../ui/phrase.ts'
import { InboxLine } from './inbox-line.tsx'
import { type Inbox, neededOf, type Result } from './inbox-state.ts'
import type { OverviewData } from './read-overview.ts'
import { reusableFor, waitingFor } from './sent-links.ts'
import { NEEDS_ATTENTION } from './urgency.ts'

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
  const { status, problems } = data.integration
  if (inbox.lines.length === 0 && problems.length === 0 && status === 'active') return null
  const shown = inbox.lines.slice(0, MAX_LINES)
  const open = shown.filter(({ mailbox }) => inbox.results.get(mailbox)?.kind !== 'works')
  const others = neededOf(data.summary) - open.length
  return (
    <section aria-label="Needs attention">
      <ul class="inbox">
        <IntegrationLines data={data} />
        {shown.map((line) => (
          <InboxLine
            key={line.mailbox}
            line={line}
            result={inbox.results.get(line.mailbox)}
            link={waitingFor(line, data.links)}
            reusable={reusableFor(line, data.links)}
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

function IntegrationLines({ data: { integration, summary } }: Pick<InboxProps, 'data'>) {
  const idle = summary.mailboxes.health.inactive
  return (
    <>
      {integration.status === 'inactive' && (
        <li class="bad">
          <div>
            <strong class="line-name">Microsoft is inactive</strong>
            <div>{count(idle, 'mailbox', 'mailboxes')} cannot be used until it is activated.</div>
          </div>
          <div class="line-step">
            {may('admin') && (
              <a class="button" href="#/integrations/microsoft">
                Activate
              </a>
            )}
          </div>
        </li>
      )}
      {bySeverity(integration.problems).map(({ code, detail, since }) => {
        const { tone, title, action, href } = remedyOf(code)
        return (
          <li key={code} class={tone}>
            <div>
              <strong class="line-name">{title}</strong>
              <div class="quiet">{detail}</div>
            </div>
            <div class="line-step">
              {since && (
                <span class="quiet small">
                  <Ago time={since} />
                </span>
              )}
              {may('admin') && (
                <a class="button" href={href}>
                  {action}
                </a>
              )}
            </div>
          </li>
        )
      })}
    </>
  )
}
