/**
 * Plan of a mail account: a form with every value filled in, every rule checked and its credential
 * loaded. Saving and validating share it, so that a form that validates can be saved, and vice versa.
 */
import { sameAddress } from '../../../schema/common.ts'
import { type MailAccountInput, type Owner, plainValues } from '../../../schema/mail-account.ts'
import { defaultMailServer } from '../../../schema/mail-servers.ts'
import { type Direction, directionOf, resourceOf } from '../../../schema/protocols.ts'
import { type AccessScope, customerOf } from '../../model/access.ts'
import { type GrantRecord, isGone } from '../../model/grant.ts'
import type { AppSettings, FormSettings } from '../../model/integration.ts'
import type { StoredMailAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import { err, invalid, ok, type Result } from '../../model/result.ts'
import type { AppAtTenant } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { limitRefusal } from '../access/limits.ts'
import { lackOf } from '../tokens/delegated.ts'
import { fingerprint } from './fingerprint.ts'
import { planServer, serverRefusal } from './server-rules.ts'

export type MailAccountPlan = {
  values: MailAccountValues
  /** The grant of a delegated OAuth account, else null. */
  grant: GrantRecord | null
  /** The app and tenant of an app-only account, else null. */
  app: AppAtTenant | null
  /** The password of a password account, else null. `typed`: entered in the form, not the stored one. */
  password: { text: string; typed: boolean } | null
  /** Sentence about a sign-in with another account than that of the form, else null. */
  mismatch: string | null
  fingerprint: string
}

const OWNERS: Record<Direction, readonly Owner['type'][]> = {
  read: ['department', 'other'],
  send: ['brand', 'global', 'other'],
}

type LoginMeans = Pick<MailAccountValues, 'grantId' | 'tenant' | 'authentication'>

/** Returns how a form logs in: with a grant, as the app at a tenant, or with a password. */
export function loginMeans({
  authentication,
}: Pick<MailAccountInput, 'authentication'>): LoginMeans {
  if (authentication.type === 'password') {
    return { grantId: null, tenant: null, authentication: 'password' }
  }
  return authentication.flow === 'app_only'
    ? { grantId: null, tenant: authentication.tenant, authentication: 'app_only' }
    : { grantId: authentication.grant_id, tenant: null, authentication: 'oauth' }
}

/** Facts besides the form that decide a plan. `grants`: those that the caller may use, with that of the form. */
type PlanFacts = { grants: readonly GrantRecord[]; integration: FormSettings }

type PlanServices = Pick<Services, 'now' | 'settings'>
type PlanCall = Pick<Call, 'accessScope' | 'actor'>

/** Plans a form. `stored`: its account, whose password is used only for the same login. */
export async function planMailAccount(
  services: PlanServices,
  call: PlanCall,
  input: MailAccountInput,
  stored: StoredMailAccount | null,
  { grants, integration }: PlanFacts,
): Promise<Result<MailAccountPlan>> {
  const { owner = null, protocol, username, authentication } = input
  const means = loginMeans(input)
  const named = grants.find(({ id }) => id === means.grantId)
  const grant = named && !isGone(named, services.now()) ? named : null
  const { cloud, accountType } = grant ?? { ...integration, accountType: 'work' as const }
  const server = planServer(input, stored, defaultMailServer(cloud, protocol, accountType))
  if (!server.ok) return server
  // An account keeps a protocol that is no longer enabled.
  const isNewProtocol = means.authentication !== 'password' && stored?.protocol !== protocol
  if (isNewProtocol && !integration.protocols.includes(protocol)) {
    return err({ reason: 'protocol_not_enabled', protocol })
  }
  const customer = planCustomer(call.accessScope, input.customer, stored, grant)
  if (!customer.ok) return customer
  const values = {
    ...plainValues(input),
    customer: customer.value,
    owner,
    protocol,
    ...server.value,
    username,
    ...means,
  }
  const typed = authentication.type === 'password' ? authentication.password : undefined
  return planValues(services, call, values, typed, stored, { grant, integration })
}

/** Plans complete values, such as those of a saved account. `typed`: the password of the form. */
export async function planValues(
  { settings }: PlanServices,
  call: PlanCall,
  values: MailAccountValues,
  typed: string | undefined,
  stored: StoredMailAccount | null,
  { grant, integration }: { grant: GrantRecord | null; integration: AppSettings },
): Promise<Result<MailAccountPlan>> {
  const { protocol, tenant, authentication } = values
  const { cloud } = grant ?? integration
  const isPassword = authentication === 'password'
  const refusal =
    formRefusal(call, values, grant, stored) ??
    serverRefusal(values, isPassword ? null : cloud, settings)
  if (refusal) return refusal
  const lack = grant && lackOf(grant, values, grant.protocols)
  if (lack) return err({ reason: 'protocol_not_granted', ...lack })
  const password = isPassword ? await passwordOf(typed, values, stored) : null
  if (isPassword && password === null) {
    return err({ reason: 'password_required', stored: stored !== null })
  }
  return ok({
    values,
    grant,
    app:
      tenant === null
        ? null
        : { clientId: integration.clientId, cloud, tenant, resource: resourceOf(protocol) },
    password,
    mismatch: grant && mismatchOf(values, grant),
    fingerprint: fingerprint(settings.encryptionKeys, values, password?.text ?? null),
  })
}

/** Returns the customer of the form, else of the stored account, else of the grant or of the caller's key. */
function planCustomer(
  scope: AccessScope,
  asked: string | null | undefined,
  stored: StoredMailAccount | null,
  grant: GrantRecord | null,
): Result<string | null> {
  const usual = stored ? stored.customer : (grant?.customer ?? customerOf(scope))
  const customer = asked === undefined ? usual : asked
  const limit = customer === usual ? null : limitRefusal(scope, 'unchanged_customer')
  if (limit) return limit
  // The account moves with the grant that it keeps.
  const keepsGrant = stored !== null && stored.grantId === grant?.id
  if (!grant || keepsGrant || grant.customer === customer) return ok(customer)
  return invalid(asked === undefined ? '/authentication/grant_id' : '/customer', {
    issue: 'grant_of_another_customer',
  })
}

/** Returns the reason that refuses a form regardless of its server, or null. */
function formRefusal(
  { accessScope, actor }: Pick<Call, 'accessScope' | 'actor'>,
  { owner, protocol, username, delegate, authentication, tenant }: MailAccountValues,
  grant: GrantRecord | null,
  stored: StoredMailAccount | null,
) {
  const direction = directionOf(protocol)
  if (owner !== null && !OWNERS[direction].includes(owner.type)) {
    return invalid('/owner/type', { issue: 'wrong_owner', direction })
  }
  if (authentication === 'password' && protocol === 'graph_send') {
    return invalid('/authentication/type', { issue: 'graph_without_password' })
  }
  if (authentication === 'oauth' && !grant) {
    return invalid('/authentication/grant_id', { issue: 'unknown_grant' })
  }
  // The link was sent to the owner of the mailbox, who gave access to the caller that sent it.
  if (grant?.savedAt === null && ![null, actor.id].includes(grant.reservedFor)) {
    return invalid('/authentication/grant_id', { issue: 'reserved_grant' })
  }
  if (authentication !== 'app_only') return null
  // The app's token opens mailboxes of the whole tenant, so a restricted key must choose neither the mailbox nor the
  // token.
  const isSame =
    stored?.tenant === tenant &&
    stored.protocol === protocol &&
    sameAddress(stored.username, username)
  const limit = isSame ? null : limitRefusal(accessScope, 'unchanged_app_only_mailbox')
  if (limit) return limit
  return delegate ? invalid('/delegate', { issue: 'delegate_without_sign_in' }) : null
}

/** Returns the password of the form, else the stored one, which must never be sent to another server. */
async function passwordOf(
  typed: string | undefined,
  values: MailAccountValues,
  stored: StoredMailAccount | null,
): Promise<MailAccountPlan['password']> {
  if (typed !== undefined) return { text: typed, typed: true }
  const text = stored && sameLogin(values, stored) ? await stored.openPassword() : null
  return text === null ? null : { text, typed: false }
}

const sameLogin = (a: MailAccountValues, b: MailAccountValues) =>
  a.protocol === b.protocol &&
  a.host === b.host &&
  a.port === b.port &&
  a.security === b.security &&
  sameAddress(a.username, b.username)

/**
 * Returns a sentence if someone else signed in for the mailbox. Addresses are only a hint, since people are renamed
 * while a grant stays bound to its account.
 */
export function mismatchOf(
  { username, delegate }: Pick<MailAccountValues, 'username' | 'delegate'>,
  { signedInAs }: Pick<GrantRecord, 'signedInAs'>,
): string | null {
  const loginUser = delegate ?? username
  if (sameAddress(signedInAs, username) || sameAddress(signedInAs, loginUser)) return null
  const expected = delegate === null ? username : `${username} and its delegate ${delegate}`
  return `${signedInAs} signed in, but the mailbox is ${expected}. If ${signedInAs} signs in for this mailbox, enter that address as the person who signs in (delegate). Otherwise sign in again as ${loginUser}.`
}
