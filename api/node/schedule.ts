/** The schedule: maintenance and webhook deliveries every minute. A run never overlaps itself. */
import { MINUTE_MS } from '../../schema/durations.ts'
import { runMaintenance } from '../domain/maintenance/maintenance.ts'
import { deliverWebhooks } from '../domain/webhooks/deliver.ts'
import { describeError } from '../log.ts'
import type { Services } from '../services.ts'

export type Schedule = { stop: () => Promise<void> }

export function startSchedule(
  services: Services,
  defer: (work: Promise<unknown>) => void,
): Schedule {
  const actor = { type: 'system', id: null } as const
  const tasks = [
    startTask(services, () => deliverWebhooks(services)),
    startTask(services, () => runMaintenance(services, { actor, defer })),
  ]
  return { stop: async () => void (await Promise.all(tasks.map((task) => task.stop()))) }
}

/** Runs the work at once, then every minute, each time after the previous run has ended. */
function startTask({ log }: Services, work: () => Promise<void>): Schedule {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  const run = () => {
    running = work()
      .catch((error: unknown) => log('error', 'schedule_failed', { error: describeError(error) }))
      .finally(() => {
        if (!stopped) timer = setTimeout(run, MINUTE_MS)
      })
  }
  run()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
