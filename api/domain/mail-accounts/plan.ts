/**
 * Plan of a mail account: a form with every value filled in, every rule checked and its credential
 * loaded. Saving and validating share it, so that a form that validates can be saved, and vice versa.
 */
import { sameAddress } from '../../../schema/common.ts'
import { type MailAccountInput, type Owner, plainValues } from '../../../schema/mail-account.ts'
import { defaultMailServer, type MailServer, type Protocol } from '../../../schema/mail-servers.ts'
import { type GrantRecord, isGone } from '../../model/grant.ts'
import type { AppSettings } from '../../model/integration.ts'
import type { StoredMailAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import { invalid, ok, type Result, refuse } from '../../model/result.ts'
import type { AppAtTenant } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { fingerprint } from './fingerprint.ts'
import { checkServer, checkTokenServer, fillServer } from './server-rules.ts'

export type MailAccountPlan = {
  values: MailAccountValues
  /** The grant of a delegated OAuth account, else null. */
  grant: GrantRecord | null
  /** The app and tenant of an app-only account, else null. */
  app: (AppAtTenant & { tenant: string }) | null
  /** The password of a password account, else null. `typed`: entered in the form, not the stored one. */
  password: { text: string; typed: boolean } | null
  /** Sentence about a sign-in with another account than the form names, else null. */
  mismatch: string | null
  fingerprint: string
}

const OWNERS: Record<Protocol, readonly Owner['type'][]> = {
  imap: ['department', 'other'],
  smtp: ['brand', 'global', 'other'],
}

/** Returns the id of the grant that a form names, or null. */
export const grantIdOf = ({ authentication }: Pick<MailAccountInput, 'authentication'>) =>
  authentication.type === 'oauth' && authentication.flow !== 'app_only'
    ? authentication.grant_id
    : null

/** Returns the tenant of an app-only form, or null. */
export const tenantOf = ({ authentication }: Pick<MailAccountInput, 'authentication'>) =>
  authentication.type === 'oauth' && authentication.flow === 'app_only'
    ? authentication.tenant
    : null

/** Facts besides the form that decide a plan. `grant`: the one that the form names, if the caller may use it. */
export type PlanFacts = { grant: GrantRecord | null; integration: AppSettings }

/** Plans a form. `stored`: its account, whose password is used only for the same login. */
export async function planMailAccount(
  services: Pick<Services, 'now' | 'settings'>,
  call: Pick<Call, 'accessScope'>,
  input: MailAccountInput,
  stored: StoredMailAccount | null,
  facts: PlanFacts,
): Promise<Result<MailAccountPlan>> {
  if (!OWNERS[input.protocol].includes(input.owner.type)) {
    return invalid('/owner/type', { issue: 'wrong_owner', protocol: input.protocol })
  }
  const { authentication } = input
  if (authentication.type === 'oauth') {
    return authentication.flow === 'app_only'
      ? planAppOnly(services, call, input, authentication.tenant, stored, facts)
      : planOAuth(services, input, authentication.grant_id, facts)
  }
  return planPassword(services, input, authentication.password, stored, facts)
}

async function planOAuth(
  services: Pick<Services, 'now' | 'settings'>,
  input: MailAccountInput,
  grantId: string,
  { grant }: PlanFacts,
): Promise<Result<MailAccountPlan>> {
  const { settings } = services
  if (grant?.id !== grantId || isGone(grant, services.now())) {
    return invalid('/authentication/grant_id', { issue: 'unknown_grant' })
  }
  const microsoft = defaultMailServer(grant.cloud, input.protocol, grant.accountType)
  const server = fillServer(input, microsoft)
  const checked = checkServer(server, settings)
  if (!checked.ok) return checked
  const place = { ...server, protocol: input.protocol }
  const allowed = checkTokenServer(place, grant.cloud, settings.extraMailServers)
  if (!allowed.ok) return allowed
  if (!grant.protocols.includes(input.protocol)) {
    return refuse({ reason: 'protocol_not_granted', protocol: input.protocol })
  }
  const values = valuesOf(input, server, { authentication: 'oauth', grantId })
  return toPlan(settings, { values, grant, mismatch: mismatchOf(values, grant) })
}

async function planAppOnly(
  { settings }: Pick<Services, 'settings'>,
  { accessScope }: Pick<Call, 'accessScope'>,
  input: MailAccountInput,
  tenant: string,
  stored: StoredMailAccount | null,
  { integration: { clientId, cloud } }: PlanFacts,
): Promise<Result<MailAccountPlan>> {
  // The app's token opens mailboxes of the whole tenant: a restricted key must not choose among them.
  const sameMailbox = stored?.tenant === tenant && sameAddress(stored.username, input.username)
  if (accessScope && !sameMailbox) {
    return refuse({ reason: 'key_restricted', permitted: 'unchanged_app_only_mailbox' })
  }
  if (input.delegate) {
    return invalid('/delegate', { issue: 'delegate_without_sign_in' })
  }
  const server = fillServer(input, defaultMailServer(cloud, input.protocol, 'work'))
  const checked = checkServer(server, settings)
  if (!checked.ok) return checked
  const place = { ...server, protocol: input.protocol }
  const allowed = checkTokenServer(place, cloud, settings.extraMailServers)
  if (!allowed.ok) return allowed
  const values = valuesOf(input, server, { authentication: 'app_only', tenant })
  return toPlan(settings, { values, app: { clientId, cloud, tenant } })
}

async function planPassword(
  { settings }: Pick<Services, 'settings'>,
  input: MailAccountInput,
  typed: string | undefined,
  stored: StoredMailAccount | null,
  { integration }: PlanFacts,
): Promise<Result<MailAccountPlan>> {
  // A form that names its server does not depend on the integration.
  const cloud = input.host === undefined ? integration.cloud : 'global'
  const server = fillServer(input, defaultMailServer(cloud, input.protocol, 'work'))
  const checked = checkServer(server, settings)
  if (!checked.ok) return checked
  const values = valuesOf(input, server, { authentication: 'password' })
  if (typed !== undefined) {
    return toPlan(settings, { values, password: { text: typed, typed: true } })
  }
  // The stored password must never be sent to another server.
  const password = stored && sameLogin(values, stored) ? await stored.openPassword() : null
  if (password === null) return refuse({ reason: 'password_required', stored: stored !== null })
  return toPlan(settings, { values, password: { text: password, typed: false } })
}

const sameLogin = (a: MailAccountValues, b: MailAccountValues) =>
  a.protocol === b.protocol &&
  a.host === b.host &&
  a.port === b.port &&
  a.security === b.security &&
  sameAddress(a.username, b.username)

const valuesOf = (
  input: MailAccountInput,
  server: MailServer,
  login: Partial<MailAccountValues> & Pick<MailAccountValues, 'authentication'>,
): MailAccountValues => ({
  ...plainValues(input),
  owner: input.owner,
  protocol: input.protocol,
  ...server,
  username: input.username,
  grantId: null,
  tenant: null,
  ...login,
})

/** Says who signed in for a mailbox of another user. Addresses are only a hint: people are renamed, but a grant is bound to its account. */
export function mismatchOf(
  { username, delegate }: Pick<MailAccountValues, 'username' | 'delegate'>,
  { signedInAs }: Pick<GrantRecord, 'signedInAs'>,
): string | null {
  const loginUser = delegate ?? username
  if (sameAddress(signedInAs, username) || sameAddress(signedInAs, loginUser)) return null
  const expected = delegate === null ? username : `${username} and its delegate ${delegate}`
  return `${signedInAs} signed in, but the mailbox is ${expected}. If ${signedInAs} signs in for this mailbox, set "delegate" to that address; otherwise get a new access token as ${loginUser}.`
}

/** Completes a plan: members left out are null. */
async function toPlan(
  settings: Services['settings'],
  plan: Partial<MailAccountPlan> & Pick<MailAccountPlan, 'values'>,
) {
  const password = plan.password?.text ?? null
  return ok({
    grant: null,
    app: null,
    password: null,
    mismatch: null,
    ...plan,
    fingerprint: fingerprint(settings.encryptionKeys, plan.values, password),
  })
}
