/** The link that the person opens. Opening consumes nothing: link previews open links too. */
import { MAX_LINK_LIFETIME } from '../../../schema/authorization.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import { ok, type Refusal, type Result, refuse } from '../../result.ts'
import type { Services } from '../../services.ts'
import { matchesHash } from '../secrets.ts'
import { type Stopped, stopped, stoppedOf } from './ending.ts'
import { type Registered, refuseSignIn } from './integration-state.ts'
import { expiryDetail, NO_HASH, statusOf } from './views.ts'

export const used = refuse(
  'authorization_used',
  'This sign-in was used already. If something is missing, start again where you came from.',
).error

export const expired = (record: AuthorizationRecord) =>
  refuse('authorization_expired', expiryDetail(record)).error

/** Why nobody can go on with this authorization, or null while somebody can. */
export function refuseProgress(record: AuthorizationRecord, now: Date): Refusal | null {
  const status = statusOf(record, now)
  if (status === 'expired') return expired(record)
  return status !== 'pending' || record.consumedAt ? used : null
}

/** Each start gives time to sign in; without an end of its own a link could be started for ever. */
const LINK_LIFETIME = MAX_LINK_LIFETIME * 1000

const unknown = refuse(
  'not_found',
  'This link is not complete, or its time is long over. Ask whoever sent it for a new one.',
).error

const outlived = refuse(
  'authorization_expired',
  'This link is too old to start again. Ask whoever sent it for a new one.',
).error

const no = (error: Stopped) => ({ ok: false as const, error })

export type OpenLink = { authorization: AuthorizationRecord; integration: Registered }

/** The authorization behind a link, as long as somebody may go on to Microsoft from it. */
export async function openLink(
  services: Services,
  id: string,
  secret: string,
): Promise<Result<OpenLink, Stopped>> {
  const [authorization, integration] = await Promise.all([
    services.store.authorizations.read(id),
    services.store.integrations.read(),
  ])
  const known = await matchesHash(secret, authorization?.hashes.link ?? NO_HASH)
  if (!authorization || !known) {
    return no(stopped(unknown))
  }
  const now = services.now()
  const over = refuseProgress(authorization, now)
  if (over) return no(stoppedOf(over, authorization, now))
  const age = now.getTime() - authorization.createdAt.getTime()
  if (age >= LINK_LIFETIME) return no(stopped(outlived))
  const closed = refuseSignIn(integration)
  if (closed) return no(stopped(closed))
  return ok({ authorization, integration: integration as Registered })
}
