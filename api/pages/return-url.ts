import type { AuthorizationStatus } from '../../schema/authorization.ts'

/** Returns `return_url` with the outcome added; null without one, or while the outcome is open. */
export function returnUrlWithOutcome(
  authorization: { id: string; returnUrl: string | null },
  status: AuthorizationStatus,
): string | null {
  if (authorization.returnUrl === null || status === 'pending') return null
  const url = new URL(authorization.returnUrl)
  url.searchParams.set('authorization', authorization.id)
  url.searchParams.set('status', status)
  return url.href
}
