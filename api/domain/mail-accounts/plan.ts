/**
 * What a form means: every value filled in, every rule checked, the credential in hand. Saving and
 * validating go through here, so that what validates can be saved and the other way round.
 */
import { sameAddress } from '../../../schema/common.ts'
import type { MailAccountInput, Owner } from '../../../schema/mail-account.ts'
import { defaultMailServer, type MailServer, type Protocol } from '../../../schema/mail-servers.ts'
import { type GrantRecord, isGone } from '../../model/grant.ts'
import type { LoadedMailAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import { invalid, ok, type Result, refuse } from '../../model/result.ts'
import type { AppAtTenant } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { fingerprint } from './fingerprint.ts'
import { checkServer, checkTokenServer, fillServer } from './server-rules.ts'

export type MailAccountPlan = {
  values: MailAccountValues
  /** Of an OAuth account of a person, else null. */
  grant: GrantRecord | null
  /** Of an app-only account, else null. */
  app: (AppAtTenant & { tenant: string }) | null
  /** Of a password account: as typed, or the stored one. */
  password: { text: string; typed: boolean } | null
  /** A sentence that names both, when the account that signed in is not the one of the form. */
  mismatch: string | null
  fingerprint: string
}

/** Types of owners of the accounts of each protocol. */
const OWNERS: Record<Protocol, readonly Owner['type'][]> = {
  imap: ['department'],
  smtp: ['brand', 'global'],
}

/** `stored` is the account that the form is about; it lends its password to the same server only. */
export async function planMailAccount(
  services: Services,
  call: Pick<Call, 'accessScope'>,
  input: MailAccountInput,
  stored: LoadedMailAccount | null,
): Promise<Result<MailAccountPlan>> {
  if (!OWNERS[input.protocol].includes(input.owner.type)) {
    return invalid('/owner/type', { issue: 'wrong_owner', protocol: input.protocol })
  }
  const { authentication } = input
  if (authentication.type === 'oauth') {
    return authentication.flow === 'app_only'
      ? planAppOnly(services, call, input, authentication.tenant, stored)
      : planOAuth(services, call, input, authentication.grant_id)
  }
  return planPassword(services, input, authentication.password, stored)
}

async function planOAuth(
  services: Services,
  { accessScope }: Pick<Call, 'accessScope'>,
  input: MailAccountInput,
  grantId: string,
): Promise<Result<MailAccountPlan>> {
  const { settings, store } = services
  const grant = await store.grants.read(grantId, accessScope)
  if (!grant || isGone(grant, services.now())) {
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
  const mismatch = mismatchOf(values, grant)
  return finish(services, { values, grant, mismatch })
}

async function planAppOnly(
  services: Services,
  { accessScope }: Pick<Call, 'accessScope'>,
  input: MailAccountInput,
  tenant: string,
  stored: LoadedMailAccount | null,
): Promise<Result<MailAccountPlan>> {
  // The app's token opens mailboxes of the whole tenant: a restricted key must not choose among them.
  const kept = stored?.tenant === tenant && sameAddress(stored.username, input.username)
  if (accessScope && !kept) {
    return refuse({ reason: 'key_restricted', permitted: 'unchanged_app_only_mailbox' })
  }
  if (input.delegate) {
    return invalid('/delegate', { issue: 'delegate_without_sign_in' })
  }
  const { settings, store } = services
  const { clientId, cloud } = await store.integrations.read()
  const server = fillServer(input, defaultMailServer(cloud, input.protocol, 'work'))
  const checked = checkServer(server, settings)
  if (!checked.ok) return checked
  const place = { ...server, protocol: input.protocol }
  const allowed = checkTokenServer(place, cloud, settings.extraMailServers)
  if (!allowed.ok) return allowed
  const values = valuesOf(input, server, { authentication: 'app_only', tenant })
  return finish(services, { values, app: { clientId, cloud, tenant } })
}

async function planPassword(
  services: Services,
  input: MailAccountInput,
  typed: string | undefined,
  stored: LoadedMailAccount | null,
): Promise<Result<MailAccountPlan>> {
  const { settings, store } = services
  // Read only when it is needed: a form that names its server does not depend on the integration.
  const cloud = input.host === undefined ? (await store.integrations.read()).cloud : 'global'
  const server = fillServer(input, defaultMailServer(cloud, input.protocol, 'work'))
  const checked = checkServer(server, settings)
  if (!checked.ok) return checked
  const values = valuesOf(input, server, { authentication: 'password' })
  if (typed !== undefined) {
    const password = { text: typed, typed: true }
    return finish(services, { values, password })
  }
  // A stored password must never be sent to a server that somebody else has put into the form.
  const kept = stored && sameLogin(values, stored) ? await stored.openPassword() : null
  if (kept === null) return refuse({ reason: 'password_required', stored: stored !== null })
  const password = { text: kept, typed: false }
  return finish(services, { values, password })
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
  name: input.name ?? null,
  owner: input.owner,
  protocol: input.protocol,
  ...server,
  username: input.username,
  delegate: input.delegate ?? null,
  from: input.from ?? null,
  grantId: null,
  tenant: null,
  ...login,
})

/** Addresses are only a hint, since people are renamed: the grant itself is pinned to its account. */
function mismatchOf({ username, delegate }: MailAccountValues, grant: GrantRecord): string | null {
  const { signedInAs } = grant
  if (sameAddress(signedInAs, username)) return null
  if (delegate === null) {
    return `${signedInAs} signed in, but the mailbox is ${username}. If ${signedInAs} signs in for this mailbox, set "delegate" to it; if not, get a new access token as ${username}.`
  }
  if (sameAddress(signedInAs, delegate)) return null
  return `${signedInAs} signed in, but the mailbox is ${username} and its delegate ${delegate}. If ${signedInAs} signs in for this mailbox, set "delegate" to it; if not, get a new access token as ${delegate}.`
}

/** What a plan does not name, it has not. */
async function finish(
  services: Services,
  plan: Partial<MailAccountPlan> & Pick<MailAccountPlan, 'values'>,
) {
  const { encryptionKeys } = services.settings
  const password = plan.password?.text ?? null
  const print = await fingerprint(encryptionKeys, plan.values, password)
  return ok({ grant: null, app: null, password: null, mismatch: null, ...plan, fingerprint: print })
}
