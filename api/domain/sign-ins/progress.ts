/**
 * Progress of a sign-in, for the API and for the page that waits. Diagnoses are derived from stored facts when they are
 * read. While nothing returns from Microsoft, a hint takes their place.
 */
import type { AuthorizationProgress } from '../../../schema/authorization.ts'
import { MINUTE_MS } from '../../../schema/durations.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { Call, Services } from '../../services.ts'
import { linksForAuthorization } from '../app/admin-consent.ts'
import { diagnoseSignIn, diagnoseUnopenedLink, NO_RETURN } from '../failures/authorization.ts'
import { mismatchFacts } from '../failures/facts.ts'
import { expiryDetail, statusOf } from './authorization-status.ts'

/** Time it takes to enter a password and a code. */
const HINT_AFTER_MS = MINUTE_MS

/**
 * Returns the status with its problem or hint, which shows a link for an admin. `call`: creates this link if it may help
 * and there is none; null shows only an existing one.
 */
export async function progressOf(
  services: Services,
  call: Call | null,
  record: AuthorizationRecord,
): Promise<AuthorizationProgress> {
  const now = services.now()
  const status = statusOf(record, now)
  switch (status) {
    case 'pending': {
      const hint = isOverdue(record, now) ? await diagnoseSilence(services, call, record) : null
      return { status, ...(hint && { hint }) }
    }
    case 'expired': {
      const diagnosis = await diagnoseExpiry(services, call, record)
      const problem = {
        code: 'authorization_expired' as const,
        detail: expiryDetail(record),
        since: record.expiresAt.toISOString(),
        ...(diagnosis && { diagnosis }),
      }
      return { status, problem }
    }
    case 'failed': {
      const { code, detail, facts } = record.problem ?? UNEXPLAINED
      const problem = {
        code,
        detail,
        ...(record.endedAt && { since: record.endedAt.toISOString() }),
        ...(facts && { diagnosis: await diagnoseFacts(services, record, facts) }),
      }
      return { status, problem }
    }
    case 'completed':
      return { status }
  }
}

/** The database allows a failure without a problem, though nothing stores one. */
const UNEXPLAINED = {
  code: 'sign_in_refused',
  detail: 'The sign-in failed. Start again.',
  facts: null,
} as const

/** Returns true when nothing has returned from Microsoft for a while. */
function isOverdue({ startedAt, createdAt, consumedAt }: AuthorizationRecord, now: Date): boolean {
  const since = startedAt ?? createdAt
  return consumedAt === null && now.getTime() - since.getTime() >= HINT_AFTER_MS
}

/** Diagnoses a missing return. Most refusals end on Microsoft's own page, which only the person sees. */
async function diagnoseSilence(services: Services, call: Call | null, record: AuthorizationRecord) {
  if (!record.startedAt) return diagnoseUnopenedLink(services.settings)
  // The hint is useful without the link, so a failure here is ignored.
  const links = call ? linksForAuthorization(services, call, record) : record.openAdminLinks()
  const [link = null] = await links.catch(() => [])
  return diagnoseSignIn(record, NO_RETURN, services.settings, link)
}

async function diagnoseExpiry(services: Services, call: Call | null, record: AuthorizationRecord) {
  if (record.mismatch) return diagnoseFacts(services, record, mismatchFacts(null))
  return record.consumedAt ? null : diagnoseSilence(services, call, record)
}

/** Includes the admin-consent link if one was created when the sign-in failed. */
async function diagnoseFacts(services: Services, record: AuthorizationRecord, facts: FailureFacts) {
  const [link = null] = await record.openAdminLinks().catch(() => [])
  return diagnoseSignIn(record, facts, services.settings, link)
}
