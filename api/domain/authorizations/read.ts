/** Authorizations as the API and the waiting page see them. */
import type { Authorization, AuthorizationProgress } from '../../../schema/authorization.ts'
import { HOUR_MS } from '../../../schema/durations.ts'
import { isGone } from '../../model/grant.ts'
import { ok, type Result, refuse } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { grantView } from '../grants.ts'
import { matchesHash } from '../secrets.ts'
import { mismatchWarning, NO_HASH } from './authorization-status.ts'
import { progressOf } from './progress.ts'

/** The waiting page may read the result for this long after the end. */
const READABLE_AFTER_END_MS = HOUR_MS

const unknown = refuse({ reason: 'not_found', resource: 'authorization' })

export async function readAuthorization(
  services: Services,
  call: Call,
  id: string,
): Promise<Result<Authorization>> {
  const now = services.now()
  const record = await services.store.authorizations.read(id, call.accessScope)
  if (!record) return unknown
  const stored =
    record.grantId && (await services.store.grants.read(record.grantId, call.accessScope))
  const grant = stored && !isGone(stored, now) ? grantView(stored, services.settings) : null
  if (grant && record.mismatch) {
    grant.warnings.push(mismatchWarning(grant.signed_in_as, record.username))
  }
  return ok({
    id: record.id,
    ...(await progressOf(services, call, record)),
    username: record.username,
    delegate: record.delegate,
    protocols: record.protocols,
    apply: record.apply,
    mail_account_id: record.mailAccountId,
    created_at: record.createdAt.toISOString(),
    expires_at: record.expiresAt.toISOString(),
    ...(grant && record.status === 'completed' && { grant }),
  })
}

/** For whoever holds the status URL; `origin` is the one page that may read the answer. */
export async function readProgress(
  services: Services,
  call: Call,
  id: string,
  secret: string,
): Promise<Result<{ progress: AuthorizationProgress; origin: string | null }>> {
  const now = services.now()
  const record = await services.store.authorizations.read(id)
  const known = await matchesHash(secret, record?.hashes.status ?? NO_HASH)
  const end = record && (record.endedAt ?? record.expiresAt)
  if (!record || !known || !end || end.getTime() + READABLE_AFTER_END_MS <= now.getTime()) {
    return unknown
  }
  return ok({ progress: await progressOf(services, call, record), origin: record.origin })
}
