/**
 * The scheduled handler: runs each task in turn, every minute. A task that fails is logged, and the next one starts.
 * Each is bounded and derives from stored state what is due, so the next run continues one that was cut short, and two
 * runs at once do no work twice. What each run left is recorded for the readiness check.
 */
import { describeError } from '../../../log.ts'
import type { FinishedTask } from '../../../model/operations.ts'
import type { Call, Services } from '../../../services.ts'
import { createBudget } from '../../budget.ts'
import { removeReplacedCredential, rotateSigningKeys, warnOfSecretExpiry } from './credentials.ts'
import { emptyCustomers } from './customers.ts'
import { markWaiting, purge, reportExpiredLinks, watchOutage, writeTokenUses } from './purge.ts'
import { reencrypt } from './reencrypt.ts'
import { refreshGrants, retryAppTokens } from './refresh-tokens.ts'
import type { Task } from './task.ts'
import { validateAccounts } from './validate-accounts.ts'

/** The cheap tasks first. The last two can wait. `cost`: statements of each run, if they are always the same. */
const tasks: [name: string, task: Task, cost?: number][] = [
  // Links are reported before they are purged.
  ['links', reportExpiredLinks, 2],
  ['purge', purge],
  ['secret_expiry', warnOfSecretExpiry],
  ['replaced_credential', removeReplacedCredential],
  ['signing_keys', rotateSigningKeys, 6],
  // Makes one waiting mailbox due during an outage. Runs before the tasks that ask Microsoft, so that this mailbox
  // asks in the same run.
  ['outage', watchOutage],
  ['refresh', refreshGrants],
  ['app_tokens', retryAppTokens, 1],
  ['history', markWaiting, 2],
  ['token_uses', writeTokenUses, 1],
  ['customers', emptyCustomers],
  ['reencrypt', reencrypt],
  ['validate', validateAccounts],
]

/** Leaves the rest to the next run once `ending` is aborted. */
export async function runMaintenance(services: Services, call: Call, ending?: AbortSignal) {
  const { queries, milliseconds } = services.runLimits
  const deadline = services.now().getTime() + milliseconds
  const isEnding = () => Boolean(ending?.aborted) || services.now().getTime() >= deadline
  const budget = createBudget(queries, isEnding)
  // One statement for the settings, and one for the record of the run.
  budget.take(2)
  const finished: FinishedTask[] = []
  const integration = await services.store.integrations.read().catch((error: unknown) => {
    services.log('error', 'maintenance_failed', { error: describeError(error) })
    return null
  })
  if (!integration) return
  for (const [task, run, cost] of tasks) {
    try {
      const isAffordable = cost === undefined || budget.take(cost)
      const { count, more } = isAffordable
        ? await run(services, call, budget, integration)
        : { count: 0, more: true }
      finished.push({ task, more })
      // The process is stopping, so the work that is left is no backlog.
      const level = more && !ending?.aborted ? 'warn' : 'info'
      if (count > 0 || more) services.log(level, 'maintenance', { task, count, more })
    } catch (error) {
      services.log('error', 'maintenance_failed', { task, error: describeError(error) })
    }
  }
  await record(services, finished)
}

/** Records the finished tasks. Logs a failure to do so, and never throws. */
async function record({ store, now, log }: Services, finished: readonly FinishedTask[]) {
  try {
    await store.maintenanceRuns.record(finished, now())
  } catch (error) {
    log('error', 'maintenance_failed', { error: describeError(error) })
  }
}
