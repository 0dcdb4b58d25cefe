/**
 * Validates saved accounts on a schedule, if VALIDATE_EVERY_HOURS is set: those whose last check is longest
 * ago first. An inconclusive result is an event, and leaves the last verdict alone.
 */
import { HOUR_MS } from '../../../schema/durations.ts'
import { describeError } from '../../log.ts'
import type { Call, Services } from '../../services.ts'
import { validateMailAccount } from '../validations/validations.ts'
import { type Budget, type Outcome, processQueue } from './budget.ts'

/** Queries and fetches of one account: claim, account, grant, perhaps a refresh, two logins, result. */
const COST = 20
/** Logins that the checker's queue takes without delaying people. */
const ACCOUNTS = 40
/** Inconclusive results in a row that point to the checker or the network, not to mailboxes. */
const MAX_INCONCLUSIVE_IN_A_ROW = 3

export async function validateAccounts(
  services: Services,
  call: Call,
  budget: Budget,
): Promise<Outcome> {
  const { store, settings, checker } = services
  const nothing = { count: 0, more: false }
  if (settings.validateEveryHours === null || !budget.take(1)) return nothing
  if ((await checker.readiness()) !== 'ready') return { count: 0, more: true }
  const every = settings.validateEveryHours * HOUR_MS
  budget.take(1)
  await store.maintenance.skipValidated(new Date(services.now().getTime() - every))
  let left = ACCOUNTS
  let count = 0
  let inARow = 0
  let drained = false

  const next = async () => {
    if (left === 0 || !budget.take(COST)) return undefined
    left -= 1
    const id = await store.maintenance.claimAccount(services.now(), every)
    drained ||= id === null
    return id ?? undefined
  }
  await processQueue(next, async (id) => {
    const outcome = await validate(services, call, id)
    await store.maintenance.accountDone(id, services.now())
    if (outcome !== null) count += 1
    inARow = outcome === 'inconclusive' ? inARow + 1 : 0
    return inARow >= MAX_INCONCLUSIVE_IN_A_ROW ? 'stop' : 'go on'
  })
  return { count, more: !drained }
}

/** Returns null without a result: the account was deleted, or the integration is off. */
async function validate(services: Services, call: Call, id: string) {
  try {
    const result = await validateMailAccount(services, call, id)
    return result.ok ? result.value.outcome : null
  } catch (error) {
    if (services.store.isStorageError(error)) throw error
    services.log('error', 'validation_failed', { account: id, error: describeError(error) })
    return null
  }
}
