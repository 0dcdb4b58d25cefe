/** The link that the person opens. Opening consumes nothing: link previews open links too. */
import { MAX_LINK_LIFETIME_S } from '../../../schema/authorization.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { Reason } from '../../model/reason.ts'
import { ok, type Result } from '../../model/result.ts'
import type { Services } from '../../services.ts'
import { type Registered, signInBlockedReason } from '../integration/sign-in-preconditions.ts'
import { matchesHash } from '../secrets.ts'
import { expiryDetail, NO_HASH, statusOf } from './authorization-status.ts'
import { type Rejected, rejected, rejectedWithReturn } from './outcome.ts'

export const expired = (record: AuthorizationRecord): Reason => ({
  reason: 'authorization_expired',
  detail: expiryDetail(record),
})

/** Returns why this authorization cannot continue, or null. */
export function refuseProgress(record: AuthorizationRecord, now: Date): Reason | null {
  const status = statusOf(record, now)
  if (status === 'expired') return expired(record)
  return status !== 'pending' || record.consumedAt ? { reason: 'authorization_used' } : null
}

/** Each start extends the time to sign in; without this limit a link could be restarted endlessly. */
const LINK_LIFETIME_MS = MAX_LINK_LIFETIME_S * 1000

export type OpenLink = { authorization: AuthorizationRecord; integration: Registered }

/** Returns the authorization behind a link while its sign-in can start. */
export async function openLink(
  services: Services,
  id: string,
  secret: string,
): Promise<Result<OpenLink, Rejected>> {
  const [authorization, integration] = await Promise.all([
    services.store.authorizations.read(id),
    services.store.integrations.read(),
  ])
  const matches = await matchesHash(secret, authorization?.hashes.link ?? NO_HASH)
  if (!authorization || !matches) return { ok: false, error: rejected({ reason: 'link_unknown' }) }
  const now = services.now()
  const ended = refuseProgress(authorization, now)
  if (ended) return { ok: false, error: rejectedWithReturn(ended, authorization, now) }
  const age = now.getTime() - authorization.createdAt.getTime()
  if (age >= LINK_LIFETIME_MS) return { ok: false, error: rejected({ reason: 'link_outlived' }) }
  const blockedReason = signInBlockedReason(integration)
  if (blockedReason) return { ok: false, error: rejected(blockedReason) }
  return ok({ authorization, integration: integration as Registered })
}
