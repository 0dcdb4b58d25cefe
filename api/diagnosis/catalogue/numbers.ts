/**
 * Entra's numbers that more than one cause uses. All others appear only in their cause, so that each number is in one
 * file.
 */

/** Also seen during temporary faults: the same refresh token worked minutes later. */
export const GRANT_NOT_ACCEPTED = 70000
export const GRANT_EXPIRED = 70008
export const UNKNOWN_APP = 700016
export const APP_NOT_IN_TENANT = 700011
export const NO_ENTERPRISE_APP = 7000229
/** Entra's number for the same when an app requests a token of its own. */
export const NO_SERVICE_PRINCIPAL = 7000217
export const NO_TENANT_NAMED = 50059
export const OTHER_TENANTS_USER = 50020
export const APP_UNKNOWN_OR_DISABLED = 70001
export const REQUEST_INVALID = 90023
export const REQUEST_MALFORMED = 9002313
export const RESOURCE_UNKNOWN = 500011
export const ASSERTION_REFUSED = 50012
export const SECRET_WRONG_OR_MISSING = 70002
/** The signed assertion is at fault beside `invalid_client`, otherwise the scope. */
export const NO_RESOURCE = 700023
export const CONSENT_MISSING = 65001
export const CONSENT_DECLINED = 65004
export const MISCONFIGURED_APP = 650056
export const APP_NOT_PROVISIONED = 650051
/** Given to a wrong request, and on a page that was reloaded or after which a program could not continue. */
export const POST_EXPECTED = 900561
/** Given to a server whose redirect URI is that of a single-page app, and to such an app without PKCE. */
export const PKCE_MISSING = 9002325

/** Numbers that do not decide on their own. Their causes are weighed by indicators. */
export const AMBIGUOUS: ReadonlySet<number> = new Set([
  GRANT_NOT_ACCEPTED,
  UNKNOWN_APP,
  NO_TENANT_NAMED,
  ASSERTION_REFUSED,
  SECRET_WRONG_OR_MISSING,
  GRANT_EXPIRED,
  APP_UNKNOWN_OR_DISABLED,
  OTHER_TENANTS_USER,
  REQUEST_INVALID,
  REQUEST_MALFORMED,
])

/** Numbers with the same sentence for several causes, so that neither makes one of them certain. */
export const SAME_SENTENCE: ReadonlySet<number> = new Set([
  CONSENT_DECLINED,
  MISCONFIGURED_APP,
  NO_TENANT_NAMED,
])

/**
 * Numbers that make no cause certain, because Microsoft gives them for several. 650051 has one sentence for a tenant
 * that no administrator has taken over and one for an app that could not be set up there.
 */
export const SHARED_NUMBERS: ReadonlySet<number> = new Set([
  ...AMBIGUOUS,
  ...SAME_SENTENCE,
  RESOURCE_UNKNOWN,
  APP_NOT_PROVISIONED,
  POST_EXPECTED,
  PKCE_MISSING,
])
