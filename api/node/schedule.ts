/** The schedule: each task at once, then at its interval. A run that takes longer delays the next one of its task. */
import { MINUTE_MS, SECOND_MS } from '../../schema/durations.ts'
import { runMaintenance } from '../domain/operations/maintenance/maintenance.ts'
import { deliverWebhooks } from '../domain/webhooks/deliver.ts'
import { describeError, type Log } from '../log.ts'
import { UNLIMITED } from '../model/access.ts'
import type { RunLimits, Services } from '../services.ts'

/**
 * Queries need no limit here, since a run ends before the next one starts. It does not hold up requests, because
 * each statement is short, and d1.ts lets others run in between.
 */
export const RUN_LIMITS: RunLimits = {
  queries: Number.POSITIVE_INFINITY,
  validations: Number.POSITIVE_INFINITY,
  // 240 logins of two seconds a minute.
  atOnce: 8,
  milliseconds: 55 * SECOND_MS,
  rowsAtOnce: 100,
}

export type Task = {
  name: string
  intervalMs: number
  /** Derives from stored state what is due, so that it catches up after a downtime. Starts nothing once aborted. */
  run: (ending: AbortSignal) => Promise<void>
}

/** The tasks that the Worker runs by cron triggers. */
export const scheduledTasks = (
  services: Services,
  defer: (work: Promise<unknown>) => void,
): Task[] => [
  {
    name: 'webhooks',
    intervalMs: MINUTE_MS,
    run: (ending) => deliverWebhooks(services, ending),
  },
  {
    name: 'maintenance',
    intervalMs: MINUTE_MS,
    run: (ending) =>
      runMaintenance(
        services,
        { actor: { type: 'system', id: null }, accessScope: UNLIMITED, defer },
        ending,
      ),
  },
]

export function startSchedule(tasks: readonly Task[], log: Log) {
  const ending = new AbortController()
  const started = tasks.map((task) => startTask(task, log, ending.signal))
  return {
    /** Starts no further run, and resolves when the current ones have ended. */
    async stop() {
      ending.abort()
      await Promise.all(started.map((stop) => stop()))
    },
  }
}

/** Starts a task. Returns the function that stops it. Timers are monotonic, so setting the clock delays no run. */
function startTask({ name, intervalMs, run }: Task, log: Log, ending: AbortSignal) {
  let timer: NodeJS.Timeout | undefined
  async function start() {
    const startedAt = performance.now()
    try {
      await run(ending)
    } catch (error) {
      log('error', 'schedule_failed', { task: name, error: describeError(error) })
    }
    if (ending.aborted) return
    const next = () => {
      running = start()
    }
    timer = setTimeout(next, Math.max(startedAt + intervalMs - performance.now(), 0))
  }
  let running = start()
  return () => {
    clearTimeout(timer)
    return running
  }
}
