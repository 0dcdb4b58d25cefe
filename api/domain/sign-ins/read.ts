/** Authorizations as shown by the API and to the page that waits. */

import type { Authorization, AuthorizationProgress } from '../../../schema/authorization.ts'
import { HOUR_MS } from '../../../schema/durations.ts'
import { UNLIMITED } from '../../model/access.ts'
import { isGone } from '../../model/grant.ts'
import { ok, type Result, refuse } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { grantView } from '../grants/grants.ts'
import { mismatchWarning } from './authorization-status.ts'
import { progressOf } from './progress.ts'

/** Time after the end of a sign-in during which its status URL works. */
const READABLE_AFTER_END_MS = HOUR_MS

const authorizationNotFound = refuse({ reason: 'not_found', resource: 'authorization' })

/**
 * Reads an authorization with the grant of its sign-in, as far as the key may access them. Creates the link for an
 * admin when that may help and there is none.
 */
export async function readAuthorization(
  services: Services,
  call: Call,
  id: string,
): Promise<Result<Authorization>> {
  const now = services.now()
  const found = await services.store.authorizations.readWithGrant(id, call.accessScope)
  if (!found) return authorizationNotFound
  const { authorization: record, grant: stored } = found
  const grant = stored && !isGone(stored, now) ? grantView(stored, services.settings) : null
  if (grant && record.mismatch) {
    grant.warnings.push(mismatchWarning(grant.signed_in_as, record.username))
  }
  const progress = await progressOf(services, call, record)
  const fields = {
    username: record.username,
    delegate: record.delegate,
    protocols: record.protocols,
    apply: record.apply,
    mail_account_id: record.mailAccountId,
    created_at: record.createdAt.toISOString(),
    expires_at: record.expiresAt.toISOString(),
  }
  return ok(
    progress.status === 'completed'
      ? { id: record.id, ...progress, ...fields, ...(grant && { grant }) }
      : { id: record.id, ...progress, ...fields },
  )
}

/** Reads the progress with the secret of the status URL. `origin`: the one that may read it from a page. */
export async function readProgress(
  services: Services,
  call: Call,
  id: string,
  secret: string,
): Promise<Result<{ progress: AuthorizationProgress; origin: string | null }>> {
  const now = services.now()
  const record = await services.store.authorizations.read(id, UNLIMITED)
  const end = record && (record.endedAt ?? record.expiresAt)
  if (
    !record?.proves('status', secret) ||
    !end ||
    end.getTime() + READABLE_AFTER_END_MS <= now.getTime()
  ) {
    return authorizationNotFound
  }
  return ok({ progress: await progressOf(services, call, record), origin: record.origin })
}
