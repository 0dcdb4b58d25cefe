/** The scheduled handler: removes what has expired. Safe to run twice, and twice at once. */
import { describeError } from '../log.ts'
import type { Services } from '../services.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Authorizations can be read for this long after their end. */
const KEEP_AUTHORIZATIONS = DAY
const KEEP_VALIDATIONS = 30 * DAY

export async function upkeep(services: Services): Promise<void> {
  const now = services.now().getTime()
  try {
    const count = await services.store.upkeep.purge({
      unsavedGrants: new Date(now),
      authorizations: new Date(now - KEEP_AUTHORIZATIONS),
      adminConsents: new Date(now),
      validations: new Date(now - KEEP_VALIDATIONS),
      consoleSessions: new Date(now),
    })
    services.log('info', 'upkeep', { count })
  } catch (error) {
    services.log('error', 'upkeep_failed', { error: describeError(error) })
  }
}
