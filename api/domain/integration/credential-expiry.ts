/** Times at which Mailgrant warns that a credential expires, and replaces a certificate of its own. Pure. */
import { DAY_MS } from '../../../schema/durations.ts'
import type { CredentialFacts } from '../../model/integration.ts'

/** Days before the expiry, farthest first, and 0 after it. */
const WARNINGS = [30, 7, 1, 0] as const

/** Last part of a certificate's lifetime in which to warn of its expiry. */
const WARNING_PART = 1 / 6
/** Last part of its lifetime in which it is due to be replaced, so that the warnings remind of that. */
const RENEWAL_PART = 1 / 3
/** Limits in days: people need time for the upload, and a certificate that is not used yet must not age. */
const MIN_RENEWAL = 3
const MAX_RENEWAL = 60

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

/** Returns true if this is a certificate of Mailgrant's that is due to be replaced. */
export function isDueForReplacement(credential: CredentialFacts | null, now: Date): boolean {
  if (credential?.type !== 'certificate' || !credential.generated) return false
  const { expiresAt, lifetimeDays } = credential
  if (expiresAt === null || lifetimeDays === null) return false
  const days = Math.min(MAX_RENEWAL, Math.max(MIN_RENEWAL, lifetimeDays * RENEWAL_PART))
  return expiresAt.getTime() - now.getTime() <= days * DAY_MS
}
