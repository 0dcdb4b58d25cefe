/** Times at which Mailgrant warns that a credential expires. Pure. */
import { DAY_MS } from '../../../schema/durations.ts'
import type { CredentialFacts } from '../../model/integration.ts'

/** Days before the expiry, farthest first, and 0 after it. */
const WARNINGS = [30, 7, 1, 0] as const

/** Last part of a certificate's lifetime in which to warn of its expiry. */
const WARNING_PART = 1 / 6

type Expiring = Pick<CredentialFacts, 'lifetimeDays'>

/**
 * Returns the days before the expiry at which to warn, nearest first. The first warning of a certificate is
 * not before the last sixth of its lifetime: 30 days ahead for one of 180 days, 1 day for one of 7.
 */
export function warningDays({ lifetimeDays }: Expiring): number[] {
  const first =
    lifetimeDays === null
      ? WARNINGS[0]
      : Math.max(1, Math.min(WARNINGS[0], Math.floor(lifetimeDays * WARNING_PART)))
  return [...WARNINGS.filter((days) => days < first), first].toSorted((a, b) => a - b)
}

/** Returns true once the credential expires so soon that admins are warned. */
export const expiresSoon = (
  credential: Expiring & Pick<CredentialFacts, 'expiresAt'>,
  now: Date,
): boolean =>
  credential.expiresAt !== null &&
  credential.expiresAt.getTime() - now.getTime() < (warningDays(credential).at(-1) ?? 0) * DAY_MS
