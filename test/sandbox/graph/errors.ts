/**
 * The refusals of the simulated Graph, with codes and messages as Microsoft Graph sends them. `refusals` are for
 * requests with a mistake. Faults are set for a mailbox, and stand for a problem of that mailbox or of Microsoft.
 */

export type GraphError = {
  status: number
  code: string
  message: string
  /** Seconds. */
  retryAfter?: number
  /** True for a page in HTML, as a gateway or proxy on the way sends it. */
  html?: boolean
  /** True if only a message that could be sent is refused, and so not the probe for the permission. */
  onSending?: boolean
}

const error = (
  status: number,
  code: string,
  message: string,
  more: Partial<GraphError> = {},
): GraphError => ({ status, code, message, ...more })
const unauthenticated = (message: string) => error(401, 'InvalidAuthenticationToken', message)
const DENIED = 'ErrorAccessDenied'
const NO_BASE64 = 'ErrorMimeContentInvalidBase64String'

export const refusals = {
  noToken: unauthenticated('Access token is empty.'),
  malformedToken: unauthenticated('IDX14100: JWT is not well formed, there are no dots (.).'),
  foreignKey: unauthenticated('Signing key is invalid.'),
  /** Refuses an opaque token, which personal accounts have. */
  foreignTicket: unauthenticated('CompactToken parsing failed with error code: 80049217'),
  wrongAudience: unauthenticated('Access token validation failure. Invalid audience.'),
  expired: unauthenticated('Lifetime validation failed, the token is expired.'),
  unknownTenant: (id: string) =>
    error(
      401,
      'OrganizationFromTenantGuidNotFound',
      `The tenant for tenant guid '${id}' does not exist.`,
    ),
  appOnMe: error(
    400,
    'BadRequest',
    '/me request is only valid with delegated authentication flow.',
  ),
  noSuchPath: (segment: string) =>
    error(400, 'BadRequest', `Resource not found for the segment '${segment}'.`),
  noMailbox: error(
    404,
    'MailboxNotEnabledForRESTAPI',
    'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
  ),
  unknownUser: (user: string) =>
    error(404, 'ErrorInvalidUser', `The requested user '${user}' is invalid.`),
  noDelegation: error(
    404,
    'ErrorItemNotFound',
    'The specified object was not found in the store., Default folder Root not found.',
  ),
  accessDenied: error(403, DENIED, 'Access is denied. Check credentials and try again.'),
  accessPolicy: error(
    403,
    DENIED,
    'Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.',
  ),
  sendAsDenied: error(
    403,
    'ErrorSendAsDenied',
    'The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account. Cannot submit message.',
  ),
  notBase64: error(400, NO_BASE64, 'Invalid base64 string for MIME content.'),
  invalidMime: error(
    400,
    'ErrorMimeContentInvalid',
    'MIME content does not contain all required information, malformed formatting, or empty.',
  ),
  noRecipient: error(400, 'ErrorInvalidRecipients', 'At least one recipient is not valid.'),
  invalidJson: error(
    400,
    'BadRequest',
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
  ),
  invalidHeader: (name: string) =>
    error(
      400,
      'InvalidInternetMessageHeader',
      `The internet message header name '${name}' should start with 'x-' or 'X-'.`,
    ),
  tooLarge: error(
    413,
    'ErrorMessageSizeExceeded',
    'The message exceeds the maximum supported size.',
  ),
}

const challenge = (code: string) =>
  unauthenticated(
    `Continuous access evaluation resulted in challenge with result: InteractionRequired and code: ${code}`,
  )

/** The page that a gateway or a proxy sends in place of an error. */
const page = (status: number) => error(status, '', '', { html: true })

const VERIFY = 'Follow the instructions in your Inbox to verify your account.'

type Fault = Omit<GraphError, 'code'> & { code?: string }

/** Faults by the code of their error, or by a name if several have the same code. */
const byName = {
  TokenCreatedWithOutdatedPolicies: challenge('TokenCreatedWithOutdatedPolicies'),
  TokenIssuedBeforeRevocationTimestamp: challenge('TokenIssuedBeforeRevocationTimestamp'),
  LocationConditionEvaluationSatisfied: challenge('LocationConditionEvaluationSatisfied'),
  AuthenticationError: { status: 401, message: 'Error authenticating with resource' },
  Authorization_IdentityNotFound: {
    status: 401,
    message: 'The identity of the calling application could not be established.',
  },
  insufficient_claims: error(403, 'accessDenied', 'error=insufficient_claims'),
  MailboxNotHostedInExchangeOnline: {
    status: 404,
    message: 'The mailbox is not hosted in Exchange Online.',
  },
  ErrorNonExistentMailbox: {
    status: 404,
    message: 'The SMTP address has no mailbox associated with it.',
  },
  extensionError: { status: 400, message: '' },
  ErrorQuotaExceeded: { status: 403, message: "The mailbox's storage quota has been exceeded." },
  ErrorMailboxMoveInProgress: {
    status: 503,
    message: 'Mailbox move is in progress. Try again later.',
  },
  ErrorMailboxStoreUnavailable: {
    status: 503,
    message: 'The mailbox database is temporarily unavailable',
  },
  ApplicationThrottled: {
    status: 429,
    message: 'Application is over its MailboxConcurrency limit.',
    retryAfter: 10,
  },
  TooManyRequests: { status: 429, message: 'Too many requests', retryAfter: 30 },
  /** The old shape of throttling. */
  UnknownError: { status: 429, message: '', retryAfter: 5 },
  generalException: { status: 500, message: 'General exception while processing' },
  serviceNotAvailable: page(503),
  GatewayTimeout: error(504, 'UnknownError', ''),
  /** A proxy of the company's network. */
  proxy: page(403),
  ErrorExceededMessageLimit: {
    status: 429,
    message: `Cannot send mail. Daily Message limit exceeded. ${VERIFY}`,
    onSending: true,
  },
  ErrorMessageSubmissionBlocked: {
    status: 403,
    message: `Cannot send mail. ${VERIFY}`,
    onSending: true,
  },
  ErrorAccountSuspend: { status: 403, message: `Account suspended. ${VERIFY}`, onSending: true },
} satisfies Record<string, Fault>

export type GraphFault = keyof typeof byName
export const GRAPH_FAULTS = Object.keys(byName) as GraphFault[]

export function faultOf(name: GraphFault): GraphError {
  const fault: Fault = byName[name]
  return { code: name, ...fault }
}
