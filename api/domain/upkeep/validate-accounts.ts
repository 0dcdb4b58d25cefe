/**
 * Logs in to saved accounts on a schedule, where VALIDATE_EVERY_HOURS asks for it: those that nobody
 * looked at for longest first. An inconclusive result is an event, and leaves the last verdict alone.
 */
import { describeError } from '../../log.ts'
import type { Call, Services } from '../../services.ts'
import { isStorageError } from '../../store/database.ts'
import { validateMailAccount } from '../validations/validations.ts'
import { type Budget, inTurns, type Outcome } from './budget.ts'

const HOUR = 3_600_000
/** The claim, the account, its grant, perhaps a refresh, two logins, the result with its history. */
const COST = 20
/** As many logins as the checker's queue takes without holding up people. */
const ACCOUNTS = 40
/** Then it is the checker, or the network, and not the mailboxes. */
const GIVE_UP_AFTER = 3

export async function validateAccounts(
  services: Services,
  call: Call,
  budget: Budget,
): Promise<Outcome> {
  const { store, settings, checker } = services
  const nothing = { count: 0, more: false }
  if (settings.validateEveryHours === null || !budget.take(1)) return nothing
  if (!(await checker.ready())) return { count: 0, more: true }
  const every = settings.validateEveryHours * HOUR
  budget.take(1)
  await store.upkeep.skipValidated(new Date(services.now().getTime() - every))
  let left = ACCOUNTS
  let count = 0
  let inARow = 0
  let drained = false

  const next = async () => {
    if (left === 0 || !budget.take(COST)) return undefined
    left -= 1
    const id = await store.upkeep.claimAccount(services.now(), every)
    drained ||= id === null
    return id ?? undefined
  }
  await inTurns(next, async (id) => {
    const outcome = await validate(services, call, id)
    await store.upkeep.accountDone(id, services.now())
    if (outcome !== null) count += 1
    inARow = outcome === 'inconclusive' ? inARow + 1 : 0
    return inARow >= GIVE_UP_AFTER ? 'stop' : 'go on'
  })
  return { count, more: !drained }
}

/** Null when there was nothing to say: it is gone, or the integration is switched off. */
async function validate(services: Services, call: Call, id: string) {
  try {
    const result = await validateMailAccount(services, call, id)
    return result.ok ? result.value.outcome : null
  } catch (error) {
    if (isStorageError(error)) throw error
    services.log('error', 'validation_failed', { account: id, error: describeError(error) })
    return null
  }
}
