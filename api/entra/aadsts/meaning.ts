/** What a number can mean for a grant. */

/** Who can mend it. For faults that pass by themselves it is the request, which may be repeated. */
export type Subject = 'user' | 'tenant_admin' | 'app' | 'credential' | 'request'

/**
 * - `cool_down`: it passes; try again later. An outage never reads as revoked.
 * - `reconnect`: a person must sign in again.
 * - `block`: an admin or the operator must change something; a later try may then work.
 * - `credential_rejected`: the app's own credential or registration; says nothing about the grant.
 * - `suspect`: believed only when the same token is refused again later.
 */
export type GrantEffect = 'cool_down' | 'reconnect' | 'block' | 'credential_rejected' | 'suspect'

export type CodeMeaning = { effect: GrantEffect; subject: Subject; cause: string; advice: string }

/** Numbers that have all but their cause in common. */
export type Group = {
  effect: GrantEffect
  subject: Subject
  advice: string
  causes: Record<number, string>
}
