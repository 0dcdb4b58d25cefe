/**
 * Import of a refresh token that another product obtained with the same app registration. One refresh proves that it
 * works, and the id_token shows whose it is. Every check that does not need the token runs before the token is used.
 */
import { sameAddress } from '../../../schema/common.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import type { Grant, GrantInput } from '../../../schema/grant.ts'
import { isGuid, isOneTenant, isPersonalTenant } from '../../../schema/integration.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import { tenantFits } from '../../entra/authority.ts'
import { clouds } from '../../entra/clouds.ts'
import { mailScopes } from '../../entra/scopes.ts'
import { UNLIMITED } from '../../model/access.ts'
import type { SignInParameters } from '../../model/authorization.ts'
import { isGone, type NewGrant } from '../../model/grant.ts'
import { err, invalid, ok, type Result, refuseToken } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { suspensionOf } from '../access/customers.ts'
import { admitCustomer } from '../access/limits.ts'
import { type AppCredential, openAppCredential } from '../app/credential.ts'
import {
  enabledProtocols,
  isConfigured,
  type Registered,
  signInBlockedReason,
} from '../app/integration.ts'
import { newGrantEvent } from '../events.ts'
import { diagnoseSignIn, signInReport } from '../failures/authorization.ts'
import { loggedFacts, mismatchFacts } from '../failures/facts.ts'
import { type FailureEffect, mayAdminConsentHelp, retryAfterOf } from '../failures/failures.ts'
import { grantView, UNSAVED_GRANT_LIFETIME_MS } from '../grants/grants.ts'
import { idOf, newId } from '../secrets.ts'
import { retryOnStorageError, writeWithEvent } from '../write-with-retry.ts'
import { askForOthers } from './outcome.ts'
import {
  protocolsOf,
  type Redeemed,
  type RedemptionFailure,
  redeem,
  signedInAs,
  toNewGrant,
} from './redeem.ts'

/** Seconds after which keys that could not be fetched are worth another attempt. */
const KEYS_RETRY_AFTER_S = 5

/** Request to Microsoft, and the app that makes it. */
type Import = {
  id: string
  input: GrantInput
  protocols: Protocol[]
  integration: Registered
  credential: AppCredential
  signIn: SignInParameters
}

/**
 * Stores an unsaved grant with the tokens of one refresh. A refusal stores nothing, and the caller's token stays valid,
 * since Microsoft does not revoke a refresh token when it is used.
 */
export async function importGrant(services: Services, call: Call, input: GrantInput) {
  const { store, settings } = services
  const admitted = await admitCustomer(services, call.accessScope, input.customer)
  if (!admitted.ok) return admitted
  const suspension = await suspensionOf(services, admitted.value ?? null)
  if (suspension) return suspension
  const derived = idOf('grant', call.work, services.random)
  // An earlier attempt of this request may have stored the grant before failing.
  const earlier = call.work === undefined ? null : await store.grants.read(derived, UNLIMITED)
  if (earlier && !isGone(earlier, services.now())) return ok(grantView(earlier, settings))
  // An expired grant keeps the id until the maintenance deletes it.
  const id = earlier ? newId('grant', services.random) : derived
  const stored = await store.integrations.readWithCredentials()
  const { integration, credential, refusal } = await openAppCredential(services, stored, 'current')
  const blockedReason = await signInBlockedReason(integration)
  if (blockedReason) return err(blockedReason)
  if (!isConfigured(integration)) return err({ reason: 'integration_not_configured' })
  if (!credential) return refuseToken('credential_rejected', refusal)
  const { clientId, cloud } = integration
  const tenant = input.tenant ?? integration.tenant
  if (isPersonalTenant(tenant) && !clouds[cloud].personalAccounts) {
    return invalid('/tenant', { issue: 'personal_accounts_unavailable' })
  }
  if (!mayBeAsked(tenant, integration)) {
    return invalid('/tenant', { issue: 'tenant_not_admitted', admitted: integration.tenant })
  }
  const enabled = enabledProtocols(integration, input.protocols)
  if (!enabled.ok) return enabled
  const protocols = enabled.value
  const shared = input.delegate !== undefined && !isPersonalTenant(tenant)
  const scopes = mailScopes(cloud, protocols, { shared })
  const signIn = { clientId, cloud, tenant, scopes }
  const request = { id, input, protocols, integration, credential, signIn }
  const work = proveAndStore(services, call, request)
  call.defer(work.catch(() => undefined))
  return await work
}

/**
 * Returns true if a response of this tenant can show that the settings admit the account. If the settings contain a
 * domain, only Microsoft knows its tenant, and shows it by responding there.
 */
const mayBeAsked = (asked: string, { tenant }: Registered): boolean =>
  asked === tenant || isGuid(tenant) || !isOneTenant(tenant)

async function proveAndStore(services: Services, call: Call, request: Import) {
  const { input, integration, credential, signIn } = request
  using started = services.entra.startDeadline()
  const redeemed = await redeem(services, call, {
    proof: { refreshToken: input.refresh_token },
    username: input.username,
    signIn,
    credential,
    integration,
    deadline: started.signal,
  })
  if (!redeemed.ok) return refuseRedemption(services, request, redeemed.error)
  const grant = grantFrom(services, request, redeemed.value)
  return grant.ok ? storeImported(services, call, input, grant.value) : grant
}

const CODES = {
  cool_down: 'provider_unavailable',
  reconnect: 'refresh_token_refused',
  block: 'refresh_token_refused',
  credential_rejected: 'credential_rejected',
} as const satisfies Record<FailureEffect, string>

function refuseRedemption(
  { log, settings }: Services,
  { id, input, protocols, signIn }: Import,
  failure: RedemptionFailure,
): Result<Grant> {
  if (failure.kind === 'keys_unavailable') {
    return refuseToken(
      'provider_unavailable',
      "Microsoft's signing keys could not be fetched, so nothing was stored. The refresh token is still valid: import it again in a moment.",
      { retryAfter: KEYS_RETRY_AFTER_S },
    )
  }
  if (failure.kind === 'not_proven') {
    return err({ reason: 'identity_unknown', defect: failure.fault.replaceAll('_', ' ') })
  }
  const { cause } = failure
  const { effect, detail, unconfirmed, facts } = failure.judged
  const { username, delegate = null } = input
  const code = CODES[effect]
  log('warn', 'import_refused', { grant: id, code, ...loggedFacts(cause) })
  const asksForMore =
    protocols.length > 1 && mayAdminConsentHelp(signInReport({ username, signIn }, facts))
  const retryAfter = effect === 'cool_down' ? retryAfterOf(cause) : null
  return err({
    reason: 'import_refused',
    code,
    detail: detail + importHint({ unconfirmed, asksForMore }),
    diagnosis: diagnoseSignIn({ username, delegate, signIn }, facts, settings, null),
    ...(retryAfter !== null && { retryAfter }),
  })
}

/** Returns advice about mistakes that only an import can have, or nothing. */
function importHint({ unconfirmed, asksForMore }: { unconfirmed: boolean; asksForMore: boolean }) {
  if (unconfirmed) {
    return ' If Microsoft refuses it again, check that it is complete and was issued to the client ID of the settings.'
  }
  return asksForMore
    ? ' If the other product used one protocol only, import the refresh token for that one.'
    : ''
}

function grantFrom(
  services: Services,
  { id, input, protocols: requested, integration, signIn }: Import,
  redeemed: Redeemed,
): Result<NewGrant> {
  const { tokens, claims } = redeemed
  if (!tenantFits(integration.tenant, claims.tid)) {
    return invalid('/tenant', { issue: 'tenant_not_admitted', admitted: integration.tenant })
  }
  const person = signedInAs(claims)
  const { username, delegate = null } = input
  const diagnose = (facts: FailureFacts) =>
    diagnoseSignIn({ username, delegate, signIn }, facts, services.settings, null)
  if (!sameAddress(person, username) && !sameAddress(person, delegate ?? username)) {
    const mailbox = delegate === null ? username : `${username} and its delegate ${delegate}`
    return err({
      reason: 'account_mismatch',
      detail: `The refresh token belongs to ${person}, but the mailbox is ${mailbox}. Nothing was stored. If ${person} signs in for this mailbox, enter that address as the person who signs in (delegate). Otherwise import the refresh token of ${delegate ?? username}.`,
      diagnosis: diagnose(mismatchFacts(person)),
    })
  }
  const protocols = protocolsOf(redeemed, requested)
  if (protocols.length === 0) {
    const diagnosis = diagnose({ stage: 'refresh', kind: 'no_mail_scope' })
    return err({ reason: 'no_protocol_granted', protocols: requested, diagnosis })
  }
  // Without a new one, the one that was used remains valid (RFC 6749 section 6).
  const refreshToken = tokens.refreshToken ?? input.refresh_token
  const kept = { protocols, refreshToken, customer: input.customer ?? null }
  return ok(toNewGrant(id, redeemed, signIn, kept, services.now()))
}

async function storeImported(services: Services, call: Call, input: GrantInput, grant: NewGrant) {
  const { store, settings } = services
  const event = newGrantEvent(services, call, 'grant.imported', grant, {
    username: input.username,
    delegate: input.delegate ?? null,
    tenant: grant.tenantId,
    protocols: grant.protocols.join(' '),
  })
  try {
    const isStored = await writeWithEvent(services, event, () => {
      const now = services.now()
      const expiresAt = new Date(now.getTime() + UNSAVED_GRANT_LIFETIME_MS)
      return store.grants.create(grant, now, { expiresAt, reservedFor: null }, event)
    })
    if (!isStored) return err({ reason: 'version_conflict', resource: 'settings' })
    await askForOthers(services, call, grant)
    const stored = await retryOnStorageError(services, () => store.grants.read(grant.id, UNLIMITED))
    return stored
      ? ok(grantView(stored, settings))
      : err({ reason: 'not_found', resource: 'grant' })
  } catch (error) {
    if (!store.isStorageError(error)) throw error
    services.log('error', 'import_not_stored', { grant: grant.id })
    return err({ reason: 'import_not_stored' })
  }
}
