/** Announces what a refresh has changed to screen readers, and shows that a refresh failed. */
import { Button } from './button.tsx'
import { Clock } from './time.tsx'
import type { Live } from './use-live.ts'

/** `news`: one sentence for each change. */
export const LiveStatus = (props: {
  live: Pick<Live<unknown>, 'isStale' | 'updatedAt' | 'refresh'>
  news?: readonly string[]
}) => {
  const { live, news = [] } = props
  return (
    <>
      <div role="status" class="unseen">
        {news.length > 3 ? `${news.length} entries have changed.` : news.join(' ')}
      </div>
      <div role="status" class="quiet small">
        {live.isStale && (
          <>
            Could not refresh, last updated at{' '}
            <Clock time={new Date(live.updatedAt).toISOString()} />.{' '}
            <Button class="link" onClick={() => void live.refresh()}>
              Try again
            </Button>
          </>
        )}
      </div>
    </>
  )
}
