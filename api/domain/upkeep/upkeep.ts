/**
 * The scheduled handler: every hour each task in turn. A task that fails is told to the log and the
 * next one begins. Each is bounded, and finds what is due by what is stored: a run that ends half-way
 * is taken up by the next one, and two at once do no work twice.
 */
import { describeError } from '../../log.ts'
import type { Call, Services } from '../../services.ts'
import { keepAppTokens } from './app-tokens.ts'
import { createBudget, type Task } from './budget.ts'
import { purge } from './purge.ts'
import { refreshGrants } from './refresh-grants.ts'
import { reseal } from './reseal.ts'
import { warnOfSecretExpiry } from './secret-expiry.ts'
import { validateAccounts } from './validate-accounts.ts'

/** The cheap ones first, the one that can wait last: it gets what the others leave. */
const tasks: [name: string, task: Task][] = [
  ['purge', purge],
  ['secret_expiry', warnOfSecretExpiry],
  ['refresh', refreshGrants],
  ['app_tokens', keepAppTokens],
  ['reseal', reseal],
  ['validate', validateAccounts],
]

export async function upkeep(services: Services, call: Call): Promise<void> {
  const budget = createBudget()
  budget.take(1)
  const integration = await services.store.integrations.read().catch((error: unknown) => {
    services.log('error', 'upkeep_failed', { error: describeError(error) })
    return null
  })
  if (!integration) return
  for (const [task, run] of tasks) {
    try {
      const { count, more } = await run(services, call, budget, integration)
      services.log(more ? 'warn' : 'info', 'upkeep', { task, count, more })
    } catch (error) {
      services.log('error', 'upkeep_failed', { task, error: describeError(error) })
    }
  }
}
