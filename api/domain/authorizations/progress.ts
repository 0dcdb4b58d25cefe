/**
 * How a sign-in stands: for its reader at the API and for the page that waits. The diagnosis is made
 * from stored facts when it is read; where nothing comes back from Microsoft there is a hint instead.
 */
import type { AuthorizationProgress } from '../../../schema/authorization.ts'
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { MINUTE_MS } from '../../../schema/durations.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { Call, Services } from '../../services.ts'
import { linkForAuthorization } from '../admin-consent.ts'
import {
  diagnoseSignIn,
  diagnoseUnopenedLink,
  NO_RETURN,
} from '../diagnosis-inputs/authorization.ts'
import { mismatchFacts } from '../diagnosis-inputs/facts.ts'
import { expiryDetail, statusOf } from './authorization-status.ts'

/** Somebody who types a password and a code takes about this long. */
const HINT_AFTER_MS = MINUTE_MS

export async function progressOf(
  services: Services,
  call: Call,
  record: AuthorizationRecord,
): Promise<AuthorizationProgress> {
  const now = services.now()
  const status = statusOf(record, now)
  switch (status) {
    case 'pending': {
      const hint = isSilent(record, now) ? await silence(services, call, record) : null
      return { status, ...(hint && { hint }) }
    }
    case 'expired': {
      const diagnosis = await expiry(services, call, record)
      const problem = {
        code: 'authorization_expired',
        detail: expiryDetail(record),
        since: record.expiresAt.toISOString(),
        ...(diagnosis && { diagnosis }),
      }
      return { status, problem }
    }
    case 'failed': {
      if (!record.problem) return { status }
      const { code, detail, facts } = record.problem
      const problem = {
        code,
        detail,
        ...(record.endedAt && { since: record.endedAt.toISOString() }),
        ...(facts && { diagnosis: await diagnosisOf(services, record, facts) }),
      }
      return { status, problem }
    }
    default:
      return { status }
  }
}

/** Nothing has come for a while. What has come back, if only to be decided on, is not silent. */
function isSilent({ startedAt, createdAt, consumedAt }: AuthorizationRecord, now: Date): boolean {
  const since = startedAt ?? createdAt
  return consumedAt === null && now.getTime() - since.getTime() >= HINT_AFTER_MS
}

/** Most refusals end on Microsoft's own page and never come back: only the person can tell. */
async function silence(
  services: Services,
  call: Call,
  record: AuthorizationRecord,
): Promise<Diagnosis> {
  if (!record.startedAt) return diagnoseUnopenedLink()
  // The link only adds to the hint: whatever keeps it from being made must not keep back the rest.
  const link = await linkForAuthorization(services, call, record).catch(() => null)
  return diagnoseSignIn(record, NO_RETURN, services.settings, link)
}

async function expiry(
  services: Services,
  call: Call,
  record: AuthorizationRecord,
): Promise<Diagnosis | null> {
  if (record.mismatch) return diagnosisOf(services, record, mismatchFacts(null))
  return record.consumedAt ? null : silence(services, call, record)
}

/** With the admin-consent link only where the failure has made one. */
async function diagnosisOf(
  services: Services,
  record: AuthorizationRecord,
  facts: FailureFacts,
): Promise<Diagnosis> {
  const link = await services.store.adminConsents.readLinkOf(record.id).catch(() => null)
  return diagnoseSignIn(record, facts, services.settings, link)
}
