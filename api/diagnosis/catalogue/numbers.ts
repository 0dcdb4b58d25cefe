/**
 * Numbers of Entra that more than one cause refers to. All others appear only in the cause that owns
 * them, so that each number is in one file.
 */

/** Also seen during temporary faults: the same refresh token worked minutes later. */
export const GRANT_NOT_ACCEPTED = 70000
export const GRANT_EXPIRED = 70008
export const UNKNOWN_APP = 700016
export const APP_NOT_IN_TENANT = 700011
export const NO_ENTERPRISE_APP = 7000229
/** The same for an app that requests a token of its own. */
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

/** Numbers that do not decide on their own: their causes are weighed by the signs. */
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
 * Numbers that no cause is certain for, because Microsoft gives them for others as well: 650051 has one sentence for a tenant that
 * no administrator has taken over and one for an app that could not be set up there.
 */
export const SHARED_NUMBERS: ReadonlySet<number> = new Set([
  ...AMBIGUOUS,
  ...SAME_SENTENCE,
  RESOURCE_UNKNOWN,
  APP_NOT_PROVISIONED,
])
