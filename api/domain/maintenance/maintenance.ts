/**
 * The scheduled handler: runs each task in turn, every hour. A task that fails is logged, and the next one
 * starts. Each is bounded and derives from stored state what is due: the next run continues one that was
 * cut short, and two runs at once do no work twice.
 */
import { describeError } from '../../log.ts'
import type { Call, Services } from '../../services.ts'
import { retryAppTokens } from './app-tokens.ts'
import { createBudget, type Task } from './budget.ts'
import { purge } from './purge.ts'
import { reencrypt } from './reencrypt.ts'
import { refreshGrants } from './refresh-grants.ts'
import { warnOfSecretExpiry } from './secret-expiry.ts'
import { validateAccounts } from './validate-accounts.ts'

/** The cheap ones first. The last one can wait: it gets the rest of the budget. */
const tasks: [name: string, task: Task][] = [
  ['purge', purge],
  ['secret_expiry', warnOfSecretExpiry],
  ['refresh', refreshGrants],
  ['app_tokens', retryAppTokens],
  ['reencrypt', reencrypt],
  ['validate', validateAccounts],
]

export async function runMaintenance(services: Services, call: Call): Promise<void> {
  const budget = createBudget()
  budget.take(1)
  const integration = await services.store.integrations.read().catch((error: unknown) => {
    services.log('error', 'maintenance_failed', { error: describeError(error) })
    return null
  })
  if (!integration) return
  for (const [task, run] of tasks) {
    try {
      const { count, more } = await run(services, call, budget, integration)
      services.log(more ? 'warn' : 'info', 'maintenance', { task, count, more })
    } catch (error) {
      services.log('error', 'maintenance_failed', { task, error: describeError(error) })
    }
  }
}
