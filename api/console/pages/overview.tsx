/** The overview: an inbox of what needs attention, and counts of all that does not. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Grant } from '../../../schema/grant.ts'
import type { History } from '../../../schema/history.ts'
import { get } from '../api.ts'
import { HistoryStrip } from '../components/history-strip.tsx'
import { IntegrationNotReady, IntegrationProblems } from '../components/integration.tsx'
import { Card, PageHead } from '../components/layout.tsx'
import { LiveStatus } from '../components/live-status.tsx'
import { Loaded } from '../components/loaded.tsx'
import { Ago } from '../components/time.tsx'
import { useLive } from '../components/use-live.ts'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { isBad } from '../ui/integration.ts'
import { FirstSteps } from './overview/first-steps.tsx'
import { QuietCounts } from './overview/healthy-counts.tsx'
import { InboxList } from './overview/inbox.tsx'
import { type Inbox, leadOf, showFresh, showResult, showRunning } from './overview/inbox-state.ts'
import { type OverviewData, readOverview } from './overview/read-overview.ts'
import { loneLinks, signedInFor } from './overview/sent-links.ts'
import { linesOf } from './overview/urgency.ts'
import { SentLinks } from './overview/waiting.tsx'

export async function overviewPage({ signal }: Visit): Promise<Page> {
  const data = await readOverview((path) => get(path, signal))
  return { title: 'Overview', content: <Overview first={data} signal={signal} /> }
}

type OverviewProps = { first: OverviewData; signal: AbortSignal }

function Overview({ first, signal }: OverviewProps) {
  const live = useLive(first, readOverview, signal)
  const { data } = live
  const [inbox, setInbox] = useState<Inbox>(() => ({
    lines: linesOf(first.problems),
    results: new Map(),
  }))
  const latest = useRef(first)
  const [signedIn, setSignedIn] = useState<ReadonlyMap<string, Grant>>(new Map())
  useEffect(() => {
    const before = latest.current
    if (before === data) return
    latest.current = data
    const lines = linesOf(data.problems)
    const used = inbox.lines.flatMap((line) => {
      const grant = may('write') && signedInFor(line, before.links, data.links)
      return grant ? [[line.mailbox, grant] as const] : []
    })
    if (used.length > 0) setSignedIn((grants) => new Map([...grants, ...used]))
    // A line whose link was used stays, and shows whether the mailbox works.
    setInbox((now) =>
      showFresh(
        used.reduce((one, [mailbox]) => showRunning(one, mailbox), now),
        lines,
      ),
    )
  }, [data])
  const links = <SentLinks links={loneLinks(data.links, inbox.lines)} onChange={live.refresh} />
  // The first steps, or the notice of an integration that is not ready, already show that nothing is configured.
  const problems = (
    <IntegrationProblems
      problems={data.integration.problems.filter(({ code }) => code !== 'not_configured')}
    />
  )
  if (data.summary.total === 0) {
    return (
      <>
        <PageHead title="Overview" lead="No mailbox is connected yet." />
        {problems}
        {links}
        <FirstSteps integration={data.integration} />
      </>
    )
  }
  const isAllWell =
    inbox.lines.length === 0 &&
    data.summary.mailboxes.health.inactive === 0 &&
    !data.integration.problems.some(isBad)
  return (
    <>
      <PageHead title="Overview" lead={leadOf(inbox, data.summary)} />
      <IntegrationNotReady integration={data.integration} />
      {problems}
      <InboxList
        data={data}
        inbox={inbox}
        signedIn={signedIn}
        onStart={(mailbox) => setInbox((before) => showRunning(before, mailbox))}
        onEnd={async (mailbox, result) => {
          await live.refresh()
          setInbox((before) => showResult(before, mailbox, result))
        }}
        onChange={live.refresh}
        signal={signal}
      />
      {links}
      {isAllWell && <AllWell data={data} />}
      <QuietCounts counts={data.summary.mailboxes.health} onValidated={live.refresh} />
      <LiveStatus live={live} />
      <Card title="Last 30 days">
        <Loaded<History> path="/v1/history">{({ days }) => <HistoryStrip days={days} />}</Loaded>
      </Card>
    </>
  )
}

function AllWell({ data: { summary, checkedAt } }: { data: OverviewData }) {
  const { health, total } = summary.mailboxes
  return (
    <div class="all-well">
      <strong>
        {health.ok === total
          ? `${total === 1 ? 'Your mailbox works' : `All ${total} mailboxes work`}.`
          : 'No mailbox needs attention.'}
      </strong>
      {checkedAt && (
        <>
          {' '}
          Last validated <Ago time={checkedAt} />.
        </>
      )}
    </div>
  )
}
