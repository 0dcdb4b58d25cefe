/** Authorizations as the API and the waiting page see them. */
import type {
  Authorization,
  AuthorizationProgress,
  AuthorizationStatus,
} from '../../../schema/authorization.ts'
import { ok, type Result, refuse } from '../../result.ts'
import type { Services } from '../../services.ts'
import type { AuthorizationRecord } from '../../store/authorization-record.ts'
import { grantView, isGone } from '../grants.ts'
import { matchesHash } from '../secrets.ts'

/** The waiting page may read the result for this long after the end, milliseconds. */
const READABLE_AFTER_END = 3600_000

export const statusOf = (record: AuthorizationRecord, now: Date): AuthorizationStatus =>
  record.status === 'pending' && record.expiresAt <= now ? 'expired' : record.status

/** Why an authorization ran out, and what to do: it depends on how far it came. */
export function expiryDetail(record: AuthorizationRecord): string {
  if (record.mismatch) {
    return 'Another account signed in, and nobody said in time whether to keep it. Nothing was kept: start again.'
  }
  if (record.consumedAt) {
    return 'The sign-in came back, but its result could not be stored. Nothing was kept: start again.'
  }
  if (record.startedAt) {
    return "Nobody came back from Microsoft's sign-in in time. If it ended on a page of Microsoft's, that page says why. Start again."
  }
  return 'The link was not opened in time: make a new one.'
}

function problemOf(record: AuthorizationRecord, now: Date): AuthorizationProgress['problem'] {
  const status = statusOf(record, now)
  if (status === 'expired') {
    return {
      code: 'authorization_expired',
      detail: expiryDetail(record),
      since: record.expiresAt.toISOString(),
    }
  }
  if (status !== 'failed' || !record.problem) return undefined
  return { ...record.problem, ...(record.endedAt && { since: record.endedAt.toISOString() }) }
}

function progressView(record: AuthorizationRecord, now: Date): AuthorizationProgress {
  const problem = problemOf(record, now)
  return { status: statusOf(record, now), ...(problem && { problem }) }
}

/** Who asks, for the person who is to sign in. */
export const requesterName = ({ requestedBy }: AuthorizationRecord) =>
  requestedBy === 'root' ? 'The administrator of this service' : `The API key ${requestedBy}`

/** What a grant's page and its reader must know after another account was kept on purpose. */
export const mismatchWarning = (signedInAs: string, username: string) =>
  `${signedInAs} signed in, not ${username}. To save this, name ${signedInAs} as \`delegate\`.`

export async function readAuthorization(
  services: Services,
  id: string,
): Promise<Result<Authorization>> {
  const now = services.now()
  const record = await services.store.authorizations.read(id)
  if (!record) return refuse('not_found', 'There is no authorization with this id.')
  const stored = record.grantId && (await services.store.grants.read(record.grantId))
  const grant = stored && !isGone(stored, now) ? grantView(stored) : null
  if (grant && record.mismatch) {
    grant.warnings.push(mismatchWarning(grant.signed_in_as, record.username))
  }
  return ok({
    id: record.id,
    ...progressView(record, now),
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

/** Stands in for the hash of an authorization that is not there, so that both cost the same. */
export const NO_HASH = ''

/** For whoever holds the status URL; `origin` is the one page that may read the answer. */
export async function readProgress(
  services: Services,
  id: string,
  secret: string,
): Promise<Result<{ progress: AuthorizationProgress; origin: string | null }>> {
  const now = services.now()
  const record = await services.store.authorizations.read(id)
  const known = await matchesHash(secret, record?.hashes.status ?? NO_HASH)
  const end = record && (record.endedAt ?? record.expiresAt)
  if (!record || !known || !end || end.getTime() + READABLE_AFTER_END <= now.getTime()) {
    return refuse('not_found', 'There is no authorization at this address, or not any more.')
  }
  return ok({ progress: progressView(record, now), origin: record.origin })
}
