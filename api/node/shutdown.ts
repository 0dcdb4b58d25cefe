/** The end of the process on a signal. */
import { SECOND_MS } from '../../schema/durations.ts'
import type { Log } from '../log.ts'

/**
 * Time for everything that runs. A validation takes 19 s and the writes of its result, a refresh 15 s. What takes
 * longer is leased, and the next start, which voids these leases, takes it up, so nothing is lost if the process ends
 * in the middle. Kubernetes kills after 30 s.
 */
export const SHUTDOWN_MS = 25 * SECOND_MS

/** npm passes on a signal that the terminal has already sent to the whole group: one Ctrl-C arrives twice. */
const SAME_SIGNAL_MS = SECOND_MS

type Shutdown = {
  /** Resolves when requests, the schedule and deferred work have ended. */
  drain: () => Promise<void>
  /** Closes what must be closed in any case, such as the database. */
  close: () => void
  log: Log
  exit: (code: number) => void
}

/**
 * Returns the handler of SIGTERM and SIGINT: it drains, closes and exits with 0. A second signal exits at once. That
 * does not damage the database, since closing it only writes the WAL back.
 */
export function createShutdown({ drain, close, log, exit }: Shutdown): () => void {
  let since: number | undefined
  const end = () => {
    try {
      close()
    } catch {
      // The next start recovers the database from its WAL.
    }
    exit(0)
  }
  return () => {
    if (since !== undefined) {
      if (performance.now() - since < SAME_SIGNAL_MS) return
      log('warn', 'stopped_by_second_signal')
      exit(1)
      return
    }
    since = performance.now()
    log('info', 'stopping')
    const timer = setTimeout(() => {
      log('warn', 'stopped_before_end')
      end()
    }, SHUTDOWN_MS)
    drain().then(
      () => {
        clearTimeout(timer)
        log('info', 'stopped')
        end()
      },
      () => end(),
    )
  }
}
