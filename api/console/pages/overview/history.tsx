/** The last 30 days of all accounts together. */
import type { DeploymentDay, History } from '../../../../schema/history.ts'
import { Card } from '../../components/card.tsx'
import { HistoryStrip } from '../../components/history-strip.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Plot } from '../../components/plot.tsx'

export const HistoryCard = () => (
  <Card title="Last 30 days">
    <Loaded<History> path="/v1/history">
      {({ days }) => (
        <div class="histories">
          <HistoryStrip days={days} />
          <TokenRequests days={days} />
        </div>
      )}
    </Loaded>
  </Card>
)

/** Requests for tokens per day. A key that is limited to certain accounts gets no counts. */
function TokenRequests({ days }: { days: readonly DeploymentDay[] }) {
  const counted = days.flatMap(({ date, token_requests: counts }) =>
    counts ? [{ date, parts: [counts.succeeded, counts.refused, counts.failed] }] : [],
  )
  if (counted.length === 0) return null
  return (
    <Plot
      title="Token requests to Microsoft per day"
      parts={['succeeded', 'refused', 'failed']}
      days={counted}
    />
  )
}
