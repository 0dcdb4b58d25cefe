/** The mapping from a reason of the domain, or an error, to a problem: its code and its sentence for people. */
import { HTTPException } from 'hono/http-exception'
import type { MailServer } from '../../schema/mail-servers.ts'
import type { ProblemCode } from '../../schema/problems.ts'
import { type Direction, PROTOCOL_NAMES } from '../../schema/protocols.ts'
import { TEST_MESSAGES_PER_KEY, TEST_MESSAGES_PER_MAILBOX } from '../../schema/test-message.ts'
import { SETTINGS_DAMAGED } from '../model/integration.ts'
import type { FieldIssue, PermittedUse, Reason, Resource } from '../model/reason.ts'
import type { Result } from '../model/result.ts'
import { findRefusedWrites, KeyMissing } from '../model/storage.ts'
import { httpProblems, type ProblemContent, ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'

/** Returns the value of a result. Throws the ProblemError that ends the request. */
export function unwrap<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new ProblemError(toProblem(result.error))
  return result.value
}

/** Returns the problem of an error that ended a request. */
export function problemOf(error: Error, store: Services['store']): ProblemContent {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof KeyMissing) return httpProblems.keyMissing(error.kid)
  if (store.isStorageError(error)) {
    const { storageUnavailable } = httpProblems
    return { ...storageUnavailable, detail: findRefusedWrites(error) ?? storageUnavailable.detail }
  }
  // An error of node:http, when the client closes the connection before the end of the body.
  if (error.message === 'aborted') {
    return { code: 'bad_request', detail: 'The request body is not complete.' }
  }
  // Hono's own errors: a body that is not JSON, a content type that no route accepts.
  if (error instanceof HTTPException && error.status < 500) {
    return error.status === 415 ? httpProblems.notJson : httpProblems.badJson
  }
  return httpProblems.internal
}

const CREDENTIAL_REQUIRED = {
  none: 'Enter a client secret or a certificate: none is stored yet.',
  other_app: 'A different client ID requires its own client secret or certificate.',
  damaged: SETTINGS_DAMAGED,
} as const

/** Maps a reason to its problem. */
export function toProblem(reason: Reason): ProblemContent {
  const entry: unknown = PROBLEMS[reason.reason]
  const content = typeof entry === 'function' ? entry(reason) : entry
  return { code: reason.reason, ...(typeof content === 'string' ? { detail: content } : content) }
}

/** A problem, or only its sentence. The code is left out where it is the name of the reason. */
type Content<Name> = Name extends ProblemCode
  ? string | (Omit<ProblemContent, 'code'> & { code?: ProblemCode })
  : ProblemContent

type Problems = {
  [Name in Reason['reason']]:
    | Content<Name>
    | ((reason: Extract<Reason, { reason: Name }>) => Content<Name>)
}

const refused = (reason: Extract<Reason, { reason: 'token_refused' | 'import_refused' }>) => ({
  code: reason.code,
  detail: reason.detail,
  ...(reason.code === 'refresh_token_refused' && {
    errors: [{ pointer: '/refresh_token', message: 'is refused by Microsoft' }],
  }),
  ...(reason.retryAfter !== undefined && { retryAfter: reason.retryAfter }),
  ...(reason.diagnosis && { diagnosis: reason.diagnosis }),
})

/** The problem of each reason. */
const PROBLEMS: Problems = {
  invalid: (reason) => {
    const { pointer } = reason
    const message = describeField(reason)
    return {
      code: 'validation_failed',
      detail: `${pointer}: ${message}`,
      errors: [{ pointer, message }],
    }
  },
  not_found: ({ resource }) => NOT_FOUND[resource],
  version_conflict: ({ resource }) => ({
    code: 'precondition_failed',
    detail: `${CHANGED[resource]} in the meantime. Read the latest version and repeat the change.`,
  }),
  key_restricted: ({ limit, permitted }) => ({
    code: 'key_limited',
    detail: `${LIMITS[limit]} ${PERMITTED[permitted]}`,
  }),
  console_keys_off: {
    code: 'console_key_refused',
    detail:
      'Your Mailgrant administrator has closed the console to API keys. Sign in with Microsoft, or with the root key.',
  },
  api_key_ended: ({ status }) => KEY_ENDED[status],
  customer_suspended:
    'The customer is suspended or was deleted, so its mailboxes get no access tokens, no sign-ins and no logins. Your Mailgrant administrator can resume a suspended customer, which has lost nothing.',
  customer_deleted: {
    code: 'customer_suspended',
    detail:
      'The customer was deleted. Its name can be used again once everything is deleted, in ten minutes at the earliest.',
  },
  confirmation_outdated: ({ accounts }) =>
    `The customer has ${accounts} email accounts. Confirm with that number to delete them all.`,
  too_many_webhooks: ({ limit }) => `A customer can have ${limit} webhooks. Delete one first.`,
  customer_name_similar: ({ known }) => ({
    detail: `There is a customer "${known}", whose name differs in upper and lower case only.`,
    errors: [{ pointer: '/customer', message: `must differ from "${known}" in more than case` }],
  }),
  idempotency_key_reused: {
    detail: 'This Idempotency-Key was used with a different body. Use a new key for a new request.',
    errors: [{ pointer: 'idempotency-key', message: 'was used with a different body' }],
  },
  idempotency_in_progress: {
    detail: 'A request with this Idempotency-Key is in progress. Repeat it in a moment.',
    retryAfter: 2,
  },
  integration_not_configured:
    'The app registration is not configured. Save its client ID and its client secret or certificate in the settings of the Microsoft integration.',
  settings_damaged: { code: 'integration_not_configured', detail: SETTINGS_DAMAGED },
  grants_depend: ({ grants, change }) => ({
    detail: DEPENDS[change](`${grants} ${grants === 1 ? 'grant' : 'grants'}`, grants === 1),
    grants,
  }),
  issuer_not_public: ({ publicUrl, pointer }) => ({
    detail: `Entra must be able to read Mailgrant's keys at PUBLIC_URL, which is ${publicUrl}. Set it to an https address with a public host name, or use a certificate.`,
    errors: [{ pointer, message: 'requires https and a public host name in PUBLIC_URL' }],
  }),
  credential_required: ({ why }) => ({
    detail: CREDENTIAL_REQUIRED[why],
    errors: [{ pointer: '/credential', message: 'is required' }],
  }),
  client_secret_is_an_id: ({ pointer }) => ({
    detail:
      'This is the ID of the secret, not its value. Entra shows the value once, in the column "Value", when the secret is created. Paste the value, or create a new secret.',
    errors: [{ pointer, message: 'is the ID of the secret' }],
  }),
  next_credential_missing: ({ issuer, expiredAt }) => {
    if (issuer !== undefined) {
      return `The next credential has the issuer ${issuer}, but PUBLIC_URL has changed since. Store it again, and enter its new issuer at Entra.`
    }
    if (expiredAt === null) return 'There is no next credential. Store one first.'
    return `The next credential expired on ${day(expiredAt)}. Store another one first.`
  },
  mail_account_exists: ({ id }) => ({
    detail:
      'An email account with this owner, protocol and mailbox exists already, and the request has "unique" set.',
    existing: id,
  }),
  grant_in_use: ({ mailAccountIds }) => ({
    detail:
      'Email accounts use this sign-in. Delete them first, or add ?detach=true to leave them without a sign-in.',
    mailAccounts: mailAccountIds,
  }),
  grant_not_usable: ({ signedInAs, detail, diagnosis }) => ({
    detail: `The sign-in of ${signedInAs} cannot be used: ${detail}`,
    ...(diagnosis && { diagnosis }),
  }),
  account_mismatch: ({ detail, diagnosis }) => ({ detail, diagnosis }),
  protocol_not_granted: ({ protocol, shared }) => {
    const [where, who] = shared
      ? [" in someone else's mailbox", ', and enter who signs in (delegate)']
      : ['', '']
    return `This sign-in does not cover ${PROTOCOL_NAMES[protocol]}${where}. Sign in again for it${who}. Your Microsoft 365 admin may have to consent.`
  },
  protocol_not_enabled: ({ protocol }) =>
    `The Microsoft settings do not allow ${PROTOCOL_NAMES[protocol]}. Your Mailgrant administrator can allow it there.`,
  password_required: ({ stored }) => ({
    detail: stored
      ? 'Enter the password again: the stored one is used only with the protocol, host, port, security and username that it was entered for.'
      : 'Enter the password.',
    errors: [{ pointer: '/authentication/password', message: 'is required' }],
  }),
  mail_server_not_allowed: ({ server, allowed }) => {
    const message = `an access token of this account may be sent only to ${allowed.map(describeServer).join(', ')}`
    return {
      code: 'mail_host_not_allowed',
      detail: `${describeServer(server)} is not allowed: ${message}.`,
      errors: [{ pointer: '/host', message }],
    }
  },
  mail_server_of_another_cloud: ({ server }) => ({
    code: 'mail_host_not_allowed',
    detail: `A token must not be sent to ${describeServer(server)}. Save the account with a server of its Microsoft cloud.`,
  }),
  token_refused: refused,
  import_refused: refused,
  identity_unknown: ({ defect }) => ({
    detail: `Microsoft's response does not prove whose account the refresh token belongs to (ID token: ${defect}). Nothing was stored, and the refresh token is still valid. The user can sign in instead.`,
    errors: [{ pointer: '/refresh_token', message: 'does not prove whose account it opens' }],
  }),
  no_protocol_granted: ({ protocols, diagnosis }) => ({
    code: 'protocol_not_granted',
    detail: `Microsoft did not grant ${protocols.map((one) => PROTOCOL_NAMES[one]).join(' or ')} for this refresh token. Nothing was stored. The user must sign in for it, and your Microsoft 365 admin may have to consent.`,
    diagnosis,
  }),
  import_not_stored: {
    code: 'storage_unavailable',
    detail:
      'Microsoft accepted the refresh token, but the database did not confirm that the result was stored. Microsoft does not revoke a refresh token when it issues the next one, so import the same one again in a moment.',
  },
  asked_recently: ({ retryAfter }) => ({
    code: 'rate_limited',
    detail: `Microsoft was asked about this sign-in less than a minute ago. Repeat the call in ${retryAfter} s.`,
    retryAfter,
  }),
  account_receives_only: {
    code: 'cannot_send',
    detail:
      "This email account reads mail over IMAP and cannot send. Use the mailbox's account for sending, with SMTP or Microsoft Graph.",
  },
  sender_not_plain: ({ sender }) => ({
    code: 'cannot_send',
    detail: `The sender is ${sender}. A test message requires an address in ASCII without quotes: save the email account with such an address as its sender (from).`,
  }),
  app_only_sending_not_allowed: {
    code: 'app_only_not_allowed',
    detail:
      "An app-only account's app can also send from the tenant's other mailboxes. A test message through it requires full access, or an API key that may fetch app-only tokens.",
  },
  test_messages_limited: ({ per, retryAfter }) => {
    const most =
      per === 'mailbox'
        ? `${TEST_MESSAGES_PER_MAILBOX} test messages an hour from one mailbox`
        : `${TEST_MESSAGES_PER_KEY} test messages an hour with one API key`
    return {
      code: 'rate_limited',
      detail: `The limit is ${most}. Nothing was sent. Send the next one in ${minutes(retryAfter)}.`,
      retryAfter,
    }
  },
  scope_not_graph: {
    code: 'bad_request',
    detail:
      'This email account sends through Microsoft Graph. Leave "scope" out, or send a Microsoft Graph scope, such as https://graph.microsoft.com/Mail.Send.',
  },
  not_oauth: 'This account logs in with a password, so it has no access token.',
  app_only_not_allowed:
    'This API key is limited to certain email accounts. An app-only account\'s token also opens the tenant\'s other mailboxes, so only a key created with "app_only": true can fetch it.',
  return_target_not_allowed: ({ field, allowed }) => {
    const rule =
      field === 'origin'
        ? '`origin` must be one of the allowed origins, without a path'
        : '`return_url` must be a URL at one of the allowed origins, and must not be a Mailgrant sign-in page'
    return {
      code: 'origin_not_allowed',
      detail: `${rule}. Allowed: ${allowed.join(', ')}. Your Mailgrant administrator can add others to ALLOWED_ORIGINS.`,
      errors: [{ pointer: `/${field}`, message: 'is not at an allowed origin' }],
    }
  },
  too_many_links: ({ limit }) =>
    `${limit} links are open, which is the limit of an API key, a person or a customer. End some, or wait until they have been used or have expired.`,
  callback_empty: {
    code: 'bad_request',
    detail:
      'The outcome of a sign-in is shown only once and still holds. If this page showed none, go back to where you came from and start again.',
  },
  callback_malformed: {
    code: 'bad_request',
    detail:
      'This is not a valid response from Microsoft. Go back to where you came from and start again.',
  },
  callback_unknown: {
    code: 'bad_request',
    detail:
      'This sign-in is unknown, or was started again since. Finish in the newest window, or go back to where you came from and start again.',
  },
  wrong_browser:
    'This sign-in was not started in this browser, or was started again since. Go back to where you came from and start again in this browser.',
  link_unknown: {
    code: 'not_found',
    detail:
      'This link is incomplete, or expired a long time ago. Ask the person who sent it for a new one.',
  },
  link_outlived: {
    code: 'authorization_expired',
    detail: 'This link is too old to start another sign-in.',
  },
  link_ended: {
    code: 'authorization_ended',
    detail:
      'The sender of this link has withdrawn it, sent a newer one, or no longer has access. Nothing was changed.',
  },
  authorization_expired: ({ detail }) => detail,
  authorization_used:
    'This sign-in was already used. If something is missing, go back to where you came from and start again.',
  authorization_overtaken: {
    code: 'authorization_used',
    detail: 'This sign-in had already ended. This page changed nothing.',
  },
  too_often: httpProblems.tooMany,
  signing_keys_unavailable: ({
    detail = "Microsoft's signing keys could not be fetched, so the sign-in was not finished yet. Nothing is lost. Reload this page in a moment.",
  }) => ({ code: 'provider_unavailable', detail, retryAfter: 5 }),
  consent_link_expired: {
    code: 'authorization_expired',
    detail: 'This link has expired: it was valid for 14 days. Ask for a new one.',
  },
}

/** `grants`: their number as text, such as "3 grants". */
const DEPENDS: Record<
  (Reason & { reason: 'grants_depend' })['change'],
  (grants: string, isOne: boolean) => string
> = {
  app: (grants, isOne) =>
    `${grants} ${isOne ? 'was' : 'were'} issued for the current client ID and cloud and would have to be reconnected. To proceed, repeat the request with ?confirm=true.`,
  federated: (grants, isOne) =>
    `${grants} ${isOne ? 'depends' : 'depend'} on the current credential, and nothing has verified the federated one yet. Store it as the next credential, verify it, then promote it.`,
  issuer: (grants, isOne) =>
    `${grants} ${isOne ? 'depends' : 'depend'} on the federated credential, whose issuer was another PUBLIC_URL. Enter the new issuer at Entra, then repeat the request with ?confirm=true.`,
}

const NOT_FOUND: Record<Resource, string> = {
  customer: 'There is no customer with this name.',
  api_key: 'There is no API key with this ID.',
  authorization: 'There is no authorization with this ID, or it was deleted after it had ended.',
  console_session: 'There is no open console session with this ID.',
  delivery: 'This webhook has no delivery with this ID.',
  grant:
    'There is no sign-in with this ID. An unsaved sign-in is deleted after an hour, or after a day if its link was sent.',
  mail_account: 'There is no email account with this ID.',
  validation: 'There is no validation with this ID.',
  webhook: 'There is no webhook with this ID.',
}

const CHANGED = {
  settings: 'The settings were changed',
  mail_account: 'The email account was changed',
  webhook: 'The webhook was changed',
  api_key: 'The API key was changed',
}

const KEY_ENDED = {
  expired: 'This API key has expired, so it cannot be changed. Create another one.',
  revoked: 'This API key was revoked, so it cannot be changed. Create another one.',
  ended:
    'This API key was ended by a change of ACCESS_EPOCH, or its row was changed outside Mailgrant. Create another one.',
}

const LIMITS = {
  mail_accounts: 'This API key is limited to certain email accounts.',
  customer: 'This API key is limited to one customer.',
}

const PERMITTED: Record<PermittedUse, string> = {
  own_accounts: "It can use these accounts, but can't create new ones.",
  no_metrics: 'The metrics count all accounts, so use a key without this limit.',
  no_customers: 'It cannot list customers.',
  no_console: "It can't open the console. Use a key without this limit, or sign in with Microsoft.",
  own_sign_ins:
    'It can request sign-ins only for these accounts. Send the ID of one as "mail_account_id".',
  no_import: "It can't import sign-ins. Use a key without this limit, or start a sign-in.",
  own_forms:
    'It can validate forms only for these accounts. Send the ID of one as "mail_account_id".',
  unchanged_owner: 'It cannot give them another owner.',
  unchanged_customer: 'It cannot use another customer.',
  unchanged_app_only_mailbox:
    'It cannot give an app-only account another tenant, mailbox or protocol.',
  unshared_grants: 'It can delete a sign-in only if no other email account uses it.',
}

const OWNER_RULES: Record<Direction, string> = {
  read: 'must be department or other: brands and global own only accounts that send',
  send: 'must be brand, global or other: departments own only accounts that read',
}

/** Returns the message of a field error: a predicate that follows the pointer. */
function describeField(field: FieldIssue): string {
  const message: string | ((field: never) => string) = FIELD_MESSAGES[field.issue]
  return typeof message === 'string' ? message : message(field as never)
}

const FIELD_MESSAGES: {
  [Name in FieldIssue['issue']]: string | ((field: Extract<FieldIssue, { issue: Name }>) => string)
} = {
  required: 'is required',
  required_at_once: 'is required with apply "at_once"',
  past_time: 'must be in the future',
  not_for_admin_key: 'must be omitted with the scope "admin", which covers all email accounts',
  fixed_limit: ({ isLimited }) =>
    isLimited
      ? 'is required: this key is limited to email accounts, and stays so'
      : 'must be omitted or null: this key was created without a limit to email accounts. Create another key',
  more_than_before: 'must not allow more than before: create another key',
  cursor_of_another_list: 'is not the `next_cursor` of this list',
  fixed_webhook_customer: 'cannot be changed: delete the webhook and add another one',
  fixed_customer: 'cannot be changed: create another key',
  not_for_customers: ({ type }) => `must not include ${type}, which no customer is notified of`,
  one_limit: 'must be omitted with "mail_accounts": a key has one kind of limit',
  unknown_mail_account: ({ id }) => `does not exist: ${id}`,
  unknown_authorization: 'is not the ID of an authorization',
  unknown_grant: 'is not the ID of a sign-in, or the sign-in has expired',
  reserved_grant:
    'is the sign-in of a link that another API key or person sent, and only they can save it',
  customer_of_account: 'must be that of the email account, or be omitted',
  grant_of_another_customer:
    'must belong together, but the sign-in has a different customer from the account',
  delegated_only: 'must be "delegated" with an authorization, since a person signs in there',
  personal_tenant:
    'must be an organisation: personal accounts have no administrator and no app registrations',
  personal_accounts_unavailable:
    'must be an organisation: personal accounts exist in the global cloud only',
  tenant_not_admitted: ({ admitted }) =>
    `must be a tenant whose accounts may sign in: the settings say ${admitted}`,
  account_without_grant: 'requires an account with a sign-in: use "on_save" and save the account',
  grant_protocols_missing: ({ protocols }) =>
    `must include those of the sign-in: ${protocols.join(', ')}`,
  wrong_owner: ({ direction }) => OWNER_RULES[direction],
  fixed_direction: ({ direction }) =>
    `must stay one to ${direction} mail: create another account for anything else`,
  delegate_without_sign_in: 'must be omitted: app-only access involves no sign-in',
  port_not_allowed: ({ allowed }) => `must be one of ${allowed.join(', ')}`,
  fixed_by_graph: ({ value }) =>
    `must be ${value} or be omitted: with Microsoft Graph, Microsoft sets the server`,
  graph_without_password: 'must be "oauth": Microsoft Graph accepts no passwords',
  not_a_host: 'must be a host name (in ASCII, as in xn--...) or an IP address',
  secret_expired: 'is in the past: this secret has expired',
  not_a_url: 'must be a URL such as https://helpdesk.example.com/hooks/mailgrant',
  url_with_credentials: 'must not contain a user name or password',
  fixed_type: 'cannot be changed: delete the webhook and add another one',
  for_email_only: 'must be omitted: it is for webhooks of the type email',
  not_for_email: 'must be omitted: enter the recipient as "to"',
  signs_nothing: 'cannot be rotated: only webhooks of the type standard sign their messages',
  not_a_sender:
    'must be the id of an account that sends, and whose sender is an address in ASCII without quotes',
  not_https: 'must start with https://',
  unusual_port: 'must use the default port, 443',
  ip_address:
    'must contain a host name, not an IP address (on your own server, WEBHOOK_PRIVATE_HOSTS can allow some, but not for a customer)',
  private_name:
    'must contain a host name on the public internet (on your own server, WEBHOOK_PRIVATE_HOSTS can allow others, but not for a customer)',
  own_host: 'must not be Mailgrant itself',
  other_service: ({ type, from, host }) => `is for "${from}" (${host}), but the type is "${type}"`,
}

const describeServer = ({ host, port, security }: MailServer) =>
  `${host}:${port} with ${security === 'tls' ? 'TLS' : 'STARTTLS'}`

const minutes = (seconds: number) => {
  const count = Math.ceil(seconds / 60)
  return count === 1 ? '1 minute' : `${count} minutes`
}

const day = (date: Date) => date.toISOString().slice(0, 10)
