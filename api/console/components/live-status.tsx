/** Shows that a refresh failed. */
import { Button } from './button.tsx'
import { Clock } from './time.tsx'
import type { Live } from './use-live.ts'

export const LiveStatus = ({ live }: { live: Omit<Live<unknown>, 'data' | 'first'> }) => (
  <div role="status" class="quiet small">
    {live.isStale && (
      <>
        Could not refresh, last updated at <Clock time={new Date(live.updatedAt).toISOString()} />.{' '}
        <Button class="link" onClick={() => void live.refresh()}>
          Try again
        </Button>
      </>
    )}
  </div>
)
