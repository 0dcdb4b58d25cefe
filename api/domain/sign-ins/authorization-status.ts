/** The status of an authorization at a given time, with its sentences for people. Pure. */
import type { AuthorizationStatus } from '../../../schema/authorization.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { Reason } from '../../model/reason.ts'

export const statusOf = (record: AuthorizationRecord, now: Date): AuthorizationStatus =>
  record.status === 'pending' && record.expiresAt <= now ? 'expired' : record.status

/** Returns why this authorization cannot continue, or null. */
export function progressBlockedReason(record: AuthorizationRecord, now: Date): Reason | null {
  const status = statusOf(record, now)
  if (status === 'expired') return expiredReason(record)
  if (record.problem?.code === 'authorization_ended') return { reason: 'link_ended' }
  return status !== 'pending' || record.consumedAt ? { reason: 'authorization_used' } : null
}

export const expiredReason = (record: AuthorizationRecord): Reason => ({
  reason: 'authorization_expired',
  detail: expiryDetail(record),
})

/** Explains an expiry by the step that was not finished in time. */
export function expiryDetail({ mismatch, consumedAt, startedAt }: AuthorizationRecord): string {
  if (mismatch) {
    return 'A different account signed in, and the question whether to keep it was not answered in time. Nothing was saved. Start again.'
  }
  if (consumedAt) {
    return 'Microsoft responded, but the result of the sign-in could not be stored. Nothing was saved. Start again.'
  }
  return startedAt
    ? 'The sign-in at Microsoft was not finished in time. If it stopped on a Microsoft page, that page gives the reason. Start again.'
    : 'The link was not opened in time. Create a new one.'
}

/** Warns about a grant whose account was not the expected one and was kept on purpose. */
export const mismatchWarning = (signedInAs: string, username: string) =>
  `${signedInAs} signed in, not ${username}. To save this, enter ${signedInAs} as the person who signs in (delegate).`
