/** The Retry-After header (RFC 9110 section 10.2.3) of responses from Entra and from webhook receivers. */

/** Default cap, seconds; as in MSAL. */
const MAX_RETRY_AFTER_S = 3600

/** Returns seconds from a number or an HTTP date, capped; null for anything else. */
export function parseRetryAfter(
  value: string | null,
  now: Date,
  maxSeconds: number = MAX_RETRY_AFTER_S,
): number | null {
  if (value === null) return null
  if (/^\d+$/.test(value.trim())) return Math.min(Number(value), maxSeconds)
  const at = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(at)) return null
  return Math.min(Math.max(Math.ceil((at - now.getTime()) / 1000), 0), maxSeconds)
}
