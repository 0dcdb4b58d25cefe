/** Creation of an authorization ("Get Access Token"). */
import {
  type AuthorizationInput,
  MAX_OPEN_LINKS,
  MAX_OWN_LINK_LIFETIME_S,
} from '../../../schema/authorization.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import { resourceOf } from '../../../schema/protocols.ts'
import { customerOf, type LinkEnd } from '../../model/access.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import type { LoadedMailAccount } from '../../model/loaded-mail-account.ts'
import { err, invalid, ok, type Result } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { boundToRootKey } from '../access/authenticate.ts'
import { suspensionOf } from '../access/customers.ts'
import { admitCustomer, limitRefusal } from '../access/limits.ts'
import { enabledProtocols, signInBlockedReason } from '../app/integration.ts'
import { newEvent } from '../events.ts'
import { newId, newSecret } from '../secrets.ts'
import { writeWithEvent } from '../write-with-retry.ts'

/** The id and the two secrets, of which only hashes are stored. */
type CreatedAuthorization = {
  id: string
  /** Opens the sign-in. */
  linkSecret: string
  /** Reads its status. */
  statusSecret: string
  loginHost: string
  expiresAt: Date
}

const REPLACED: LinkEnd = {
  code: 'authorization_ended',
  detail: 'A newer link for the same mailbox has replaced this one.',
}

/**
 * Creates a sign-in link, which ends open ones of the same requester for the same mailbox. Nothing is requested from
 * Microsoft before the link is opened.
 */
export async function createAuthorization(
  services: Services,
  call: Call,
  input: AuthorizationInput,
): Promise<Result<CreatedAuthorization>> {
  const { store, settings, random } = services
  const { mail_account_id: accountId } = input
  const [integration, account] = await Promise.all([
    store.integrations.read(),
    accountId === undefined ? null : store.mailAccounts.read(accountId, call.accessScope),
  ])
  const blockedReason = await signInBlockedReason(integration)
  if (blockedReason) return { ok: false, error: blockedReason }
  const targets = parseReturnTargets(settings, input)
  if (!targets.ok) return targets
  const admitted = await admitCustomer(services, call.accessScope, input.customer)
  if (!admitted.ok) return admitted
  const request = resolveSignInRequest(call, input, account, integration)
  if (!request.ok) return request
  const suspension = await suspensionOf(services, request.value.customer)
  if (suspension) return suspension

  const now = services.now()
  const id = newId('authorization', random)
  const [link, status] = [newSecret(random), newSecret(random)]
  const expiresAt = new Date(now.getTime() + input.expires_in * 1000)
  const { customer } = request.value
  const event = newEvent(
    services,
    call,
    'authorization.created',
    { id, customer },
    {
      username: request.value.username,
      delegate: request.value.delegate,
      protocols: request.value.protocols.join(' '),
      origin: targets.value.origin,
      mail_account: request.value.mailAccountId,
      apply: input.apply,
    },
  )
  const authorization = {
    id,
    ...request.value,
    ...targets.value,
    apply: input.apply,
    sent: input.expires_in > MAX_OWN_LINK_LIFETIME_S,
    requestedBy: call.actor.id ?? '',
    requestedByPerson: call.person ?? null,
    createdAt: now,
    expiresAt,
  }
  const secrets = { link: boundToRootKey(services, authorization.requestedBy, link), status }
  const created = await writeWithEvent(services, event, () =>
    store.authorizations.create(
      authorization,
      secrets,
      { limit: MAX_OPEN_LINKS, replaced: REPLACED },
      event,
    ),
  )
  if (!created) return err({ reason: 'too_many_links', limit: MAX_OPEN_LINKS })
  const loginHost = new URL(services.entra.authority(integration.cloud, 'common').origin).host
  return ok({ id, linkSecret: link, statusSecret: status, loginHost, expiresAt })
}

// Return targets of an authorization: `origin` and `return_url`, compared by exact origin with the
// deployment's list. Parsed once, by the parser that browsers use, and stored as parsed.

type ReturnTargets = { origin: string | null; returnUrl: string | null }

type Input = { origin?: string | undefined; return_url?: string | undefined }

function parseReturnTargets(
  { allowedOrigins, urls }: Pick<Services['settings'], 'allowedOrigins' | 'urls'>,
  input: Input,
): Result<ReturnTargets> {
  const origin = input.origin === undefined ? null : parse(input.origin)
  // A path is refused, since browsers compare origins only.
  if (
    origin !== null &&
    (!isAllowed(origin, allowedOrigins) || origin.href !== `${origin.origin}/`)
  ) {
    return notAllowed('origin', allowedOrigins)
  }
  const returnUrl = input.return_url === undefined ? null : parse(input.return_url)
  if (returnUrl === null) return ok({ origin: origin?.origin ?? null, returnUrl })
  if (!isAllowed(returnUrl, allowedOrigins) || isWithin(returnUrl, new URL(urls.hostedPages))) {
    return notAllowed('return_url', allowedOrigins)
  }
  return ok({ origin: origin?.origin ?? null, returnUrl: returnUrl.href })
}

const parse = (text: string): URL | 'unusable' => (URL.canParse(text) ? new URL(text) : 'unusable')

function isAllowed(url: URL | 'unusable', allowed: readonly string[]): url is URL {
  if (url === 'unusable') return false
  // A `blob:` URL also has an origin but is not a page.
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false
  return allowed.includes(url.origin) && url.username === '' && url.password === ''
}

/**
 * Returns true for a URL of a hosted page, which is refused as a return URL because it could be another sign-in link.
 * The page that ends a sign-in would open it from the same origin, as the console does, so the consent page would be
 * skipped. Matches the decoded path, as routes do.
 */
function isWithin(url: URL, pages: URL): boolean {
  let path = url.pathname
  try {
    path = decodeURI(path)
  } catch {
    // A path that cannot be decoded matches no hosted page.
  }
  return url.origin === pages.origin && `${path}/`.startsWith(`${pages.pathname}/`)
}

const notAllowed = (field: 'origin' | 'return_url', allowed: readonly string[]) =>
  err({ reason: 'return_target_not_allowed', field, allowed })

// The mailbox and protocols of a sign-in: the caller's values, with defaults from the mail account.

type SignInRequest = {
  customer: string | null
  username: string
  delegate: string | null
  protocols: Protocol[]
  mailAccountId: string | null
}

/** `account`: the one in the input, or null if the key has no access to it. */
function resolveSignInRequest(
  call: Pick<Call, 'accessScope'>,
  input: AuthorizationInput,
  account: LoadedMailAccount | null,
  integration: IntegrationRecord,
): Result<SignInRequest> {
  const { mail_account_id: id, apply } = input
  const usual = account ? account.customer : customerOf(call.accessScope)
  const { customer = usual } = input
  if (id === undefined) {
    const refusal = limitRefusal(call.accessScope, 'own_sign_ins')
    if (refusal) return refusal
    if (apply === 'at_once') return invalid('/mail_account_id', { issue: 'required_at_once' })
    if (input.username === undefined) return invalid('/username', { issue: 'required' })
    const protocols = enabledProtocols(integration, input.protocols)
    if (!protocols.ok) return protocols
    return ok({
      customer,
      username: input.username,
      delegate: input.delegate ?? null,
      protocols: protocols.value,
      mailAccountId: null,
    })
  }
  if (!account) return invalid('/mail_account_id', { issue: 'unknown_mail_account', id })
  if (customer !== usual) return invalid('/customer', { issue: 'customer_of_account' })
  const protocols = protocolsFor(input, account)
  if (!protocols.ok) return protocols
  // An account keeps a protocol that is no longer enabled.
  const kept = [account.protocol, ...(account.grant?.covered ?? [])]
  const enabled = enabledProtocols(
    integration,
    protocols.value.filter((protocol) => !kept.includes(protocol)),
  )
  if (!enabled.ok) return enabled
  return ok({
    customer,
    username: input.username ?? account.username,
    delegate: input.delegate ?? account.delegate,
    protocols: protocols.value,
    mailAccountId: id,
  })
}

/**
 * Chooses the protocols to request. Reconnecting at once replaces the tokens of every account that
 * shares the grant, so it requests all that the grant covers, and what the account has lost; a form requests its own
 * account's. A sign-in for Microsoft Graph alone adds to what the grant covers at Outlook, and the other way round.
 */
function protocolsFor(
  input: AuthorizationInput,
  { protocol, grant }: Pick<LoadedMailAccount, 'protocol' | 'grant'>,
): Result<Protocol[]> {
  if (input.apply === 'on_save') return ok(input.protocols ?? [protocol])
  if (!grant) return invalid('/apply', { issue: 'account_without_grant' })
  const requested = input.protocols ?? [...new Set([...grant.covered, protocol])]
  const resources = requested.map(resourceOf)
  const replaced = grant.covered.filter((one) => resources.includes(resourceOf(one)))
  return replaced.every((one) => requested.includes(one))
    ? ok(requested)
    : invalid('/protocols', { issue: 'grant_protocols_missing', protocols: replaced })
}
