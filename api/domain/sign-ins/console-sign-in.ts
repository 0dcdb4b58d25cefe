/**
 * Sign-in of people to the console, with Microsoft at the home tenant. Anyone can start one, so nothing is stored
 * before it succeeds. Its data travels sealed in a cookie. It requests no access, and only name, object ID and role of
 * Microsoft's response are kept.
 */
import type { ConsolePerson, ConsoleRole, SignInMethods } from '../../../schema/console-session.ts'
import { MINUTE_MS } from '../../../schema/durations.ts'
import type { Cloud } from '../../../schema/mail-servers.ts'
import { issuerFits } from '../../entra/authority.ts'
import {
  type AuthorizationResponse,
  authorizeUrl,
  challengeS256,
  createVerifier,
} from '../../entra/authorize.ts'
import type { EntraFailure } from '../../entra/errors.ts'
import type { IdTokenClaims } from '../../entra/id-token.ts'
import { hashSecret, matchesHash } from '../../hash.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import { KeyMissing, SealBroken } from '../../model/storage.ts'
import type { Call, Services } from '../../services.ts'
import { endSessionsOf, type NewSession, openPersonSession } from '../access/console-session.ts'
import { problemDetail } from '../app/app-problem.ts'
import { strongestRole } from '../app/console-roles.ts'
import { openAppCredential } from '../app/credential.ts'
import { isConfigured } from '../app/integration.ts'
import { recordRefusal } from '../events.ts'
import { loggedFacts } from '../failures/facts.ts'
import { judgeSignIn } from '../failures/failures.ts'
import { newSecret } from '../secrets.ts'
import { type IdentityFault, type RedemptionFailure, redeem } from './redeem.ts'
import { nonceOf } from './start.ts'

/** Time to sign in at Microsoft. */
export const CONSOLE_SIGN_IN_TIME_MS = 10 * MINUTE_MS

const SCOPES = ['openid', 'profile']

/** Reason for which no sign-in with Microsoft is possible. */
export type SignInOff = 'no_app' | 'no_home_tenant' | 'unknown_home_tenant' | 'settings_damaged'

/** Reason for which a sign-in to the console ended without a session. */
export type ConsoleSignInRefusal =
  | { kind: 'off'; why: SignInOff }
  /** The page was reloaded after Microsoft's response was removed from its URL. */
  | { kind: 'empty' }
  | { kind: 'malformed' }
  /** Started in another browser, replaced by a later start, or already finished. */
  | { kind: 'not_started' }
  | { kind: 'expired' }
  /** The app registration was changed meanwhile. */
  | { kind: 'changed' }
  | { kind: 'unavailable' }
  /** Too many sign-ins came from this address within a minute. */
  | { kind: 'too_many' }
  /** `detail`: what happened and what to do. */
  | { kind: 'refused'; detail: string }
  | { kind: 'credential_rejected'; detail: string }
  | { kind: 'not_proven'; fault: IdentityFault }
  | { kind: 'foreign_tenant' }
  | { kind: 'no_role'; person: { id: string; name: string } }

type Outcome<Value> = { ok: true; value: Value } | { ok: false; refusal: ConsoleSignInRefusal }

const stop = (refusal: ConsoleSignInRefusal) => ({ ok: false, refusal }) as const

/**
 * Returns the ways to sign in. A home tenant whose domain is not resolved yet counts, since the sign-in resolves it.
 */
export async function readSignInMethods({ store, settings }: Services): Promise<SignInMethods> {
  const integration = await store.integrations.read()
  return {
    microsoft: isConfigured(integration) && integration.homeTenant !== null,
    keys: settings.consoleKeys,
    root_key: settings.rootKeyPlace,
  }
}

/** The app registration at its home tenant, where alone its roles count. */
type HomeApp = { clientId: string; cloud: Cloud; tenantId: string }

/** Data of a started sign-in, sealed in a cookie. */
type StartedSignIn = HomeApp & { state: string; verifier: string; until: number }

/** The redirect to Microsoft, and the value of the cookie that binds the browser to it. */
export type ConsoleRedirect = { url: string; sealed: string }

/**
 * Counts a request that reaches Microsoft. Returns true while the client's address is within its limit. Other requests
 * are not counted, since any page can send them through a visitor's browser.
 */
type WithinRate = () => Promise<boolean>

/** Starts a sign-in. Works while the integration is inactive, too, since its switch is about mailboxes. */
export async function startConsoleSignIn(
  services: Services,
  withinRate: WithinRate,
): Promise<Outcome<ConsoleRedirect>> {
  const { entra, random, settings } = services
  const integration = await services.store.integrations.read()
  const home = await homeAppOf(services, integration, withinRate)
  if (!home.ok) return home
  const { clientId, cloud, tenantId } = home.value
  const state = newSecret(random)
  const verifier = createVerifier(random)
  const url = authorizeUrl({
    authority: entra.authority(cloud, tenantId),
    clientId,
    redirectUri: settings.urls.consoleRedirectUri,
    scopes: SCOPES,
    state,
    nonce: await nonceOf(state),
    challenge: await challengeS256(verifier),
    // Administrators often have a second account, and without this Entra signs in with the current one.
    prompt: 'select_account',
  })
  const until = services.now().getTime() + CONSOLE_SIGN_IN_TIME_MS
  const started: StartedSignIn = { clientId, cloud, tenantId, state, verifier, until }
  const sealed = await services.store.sealer.seal(JSON.stringify(started), sealContext(services))
  return { ok: true, value: { url, sealed } }
}

const sealContext = ({ settings }: Services) => ({
  table: 'console_sign_ins',
  row: settings.accessEpoch,
  column: 'started',
})

/** Returns null for a value that was not sealed here, or whose encryption key is missing. */
async function openStarted(services: Services, sealed: string): Promise<StartedSignIn | null> {
  try {
    // The seal authenticates its content, so the type is certain.
    return JSON.parse(
      await services.store.sealer.open(sealed, sealContext(services)),
    ) as StartedSignIn
  } catch (error) {
    if (error instanceof SealBroken || error instanceof KeyMissing) return null
    throw error
  }
}

/** Returns the app at its home tenant. Resolves the tenant's domain the first time and stores its GUID. */
async function homeAppOf(
  services: Services,
  integration: IntegrationRecord,
  withinRate: WithinRate,
): Promise<Outcome<HomeApp>> {
  const { clientId, cloud, homeTenant, homeTenantId, version } = integration
  if (clientId === null || !isConfigured(integration)) return stop({ kind: 'off', why: 'no_app' })
  if (homeTenant === null) return stop({ kind: 'off', why: 'no_home_tenant' })
  // Someone with write access could enter their own tenant, and assign themselves any role there.
  if (!(await integration.isIntact())) return stop({ kind: 'off', why: 'settings_damaged' })
  if (homeTenantId !== null) {
    return { ok: true, value: { clientId, cloud, tenantId: homeTenantId } }
  }
  if (!(await withinRate())) return stop({ kind: 'too_many' })
  const resolved = await services.entra.resolveTenant(services.entra.authority(cloud, homeTenant))
  if (!resolved.ok) {
    return stop(
      resolved.reason === 'unknown'
        ? { kind: 'off', why: 'unknown_home_tenant' }
        : { kind: 'unavailable' },
    )
  }
  const { tenantId } = resolved
  await services.store.integrations.recordHomeTenant(version, tenantId)
  return { ok: true, value: { clientId, cloud, tenantId } }
}

/** Returns true if a callback belongs to the sign-in that this browser started. Checked before anything else. */
const isResponseTo = (
  started: StartedSignIn | null,
  state: string | null,
): started is StartedSignIn =>
  started !== null && state !== null && matchesHash(state, hashSecret(started.state))

/**
 * Redeems the code of a callback and opens a session. `response` is null for a callback without parameters, `sealed`
 * is the value of the cookie. A code is good for one try, so a sign-in that fails is started again.
 */
export async function finishConsoleSignIn(
  services: Services,
  call: Call,
  response: AuthorizationResponse | null,
  sealed: string | undefined,
  withinRate: WithinRate,
): Promise<Outcome<NewSession>> {
  if (response === null) return stop({ kind: 'empty' })
  if ('malformed' in response) return stop({ kind: 'malformed' })
  const started = sealed === undefined ? null : await openStarted(services, sealed)
  if (!isResponseTo(started, response.state)) return stop({ kind: 'not_started' })
  if (started.until <= services.now().getTime()) return stop({ kind: 'expired' })
  const { integration, credential, refusal } = await openAppCredential(
    services,
    await services.store.integrations.readWithCredentials(),
    'current',
  )
  const { clientId, cloud, tenantId } = started
  const isSame =
    integration.clientId === clientId &&
    integration.cloud === cloud &&
    integration.homeTenantId === tenantId
  if (!isSame) return stop({ kind: 'changed' })
  const signIn = { clientId, cloud, tenant: tenantId, scopes: SCOPES }
  const authority = services.entra.authority(cloud, tenantId)
  // RFC 9207 section 2.4: a response in another issuer's name is dropped before anything is sent.
  if (response.iss !== null && !issuerFits(authority, response.iss)) {
    return stop({ kind: 'not_proven', fault: 'issuer' })
  }
  if (!response.ok) {
    const failure: EntraFailure = { kind: 'refused', refusal: response.refusal, retryAfter: null }
    services.log('warn', 'console_sign_in_failed', loggedFacts(failure))
    // The browser's user can forge this response, so it proves nothing about the credential.
    const request = { stage: 'callback', credential: null } as const
    const { detail } = judgeSignIn(failure, { signIn }, integration, request)
    return stop({ kind: 'refused', detail })
  }
  if (credential === null) return stop({ kind: 'credential_rejected', detail: refusal })
  if (!(await withinRate())) return stop({ kind: 'too_many' })
  using exchanges = services.entra.startDeadline()
  const { code, iss, state } = response
  const { verifier } = started
  const redirectUri = services.settings.urls.consoleRedirectUri
  const redeemed = await redeem(services, call, {
    proof: { code, iss, state, verifier, redirectUri },
    signIn,
    credential,
    integration,
    deadline: exchanges.signal,
  })
  if (!redeemed.ok) return stop(refusalOf(services, redeemed.error))
  const person = personOf(redeemed.value.claims, started, services.settings)
  if (person === 'foreign_tenant') return stop({ kind: 'foreign_tenant' })
  if (person.role === null) {
    const { id, name } = person
    const attempt = {
      method: 'GET',
      route: '/console/callback',
      code: 'insufficient_scope',
    } as const
    await Promise.all([
      endSessionsOf(services, person),
      // A failure must not end the request while the sessions are still being ended.
      recordRefusal(services, { type: 'person', id, name }, attempt).catch(() => undefined),
    ])
    return stop({ kind: 'no_role', person: { id, name } })
  }
  const { role, ...rest } = person
  return { ok: true, value: await openPersonSession(services, { ...rest, role }) }
}

function refusalOf(services: Services, failure: RedemptionFailure): ConsoleSignInRefusal {
  switch (failure.kind) {
    case 'keys_unavailable':
      return { kind: 'unavailable' }
    case 'not_proven':
      return failure.fault === 'tenant' ? { kind: 'foreign_tenant' } : failure
    case 'refused': {
      const { judged, cause } = failure
      services.log('warn', 'console_sign_in_failed', loggedFacts(cause))
      if (judged.effect === 'credential_rejected' || judged.problem === 'issuer_unreachable') {
        return { kind: 'credential_rejected', detail: problemDetail(services, judged) }
      }
      return judged.effect === 'cool_down' && cause.kind !== 'refused'
        ? { kind: 'unavailable' }
        : { kind: 'refused', detail: judged.detail }
    }
  }
}

type KnownPerson = Omit<ConsolePerson, 'role'> & { role: ConsoleRole | null }

/**
 * Returns the person with the strongest of their roles, which is null without one. The tenant is checked first, since
 * every tenant with the app has its roles, and an admin there could assign themselves any of them.
 */
export function personOf(
  claims: Pick<IdTokenClaims, 'tid' | 'oid' | 'name' | 'preferredUsername' | 'roles'>,
  { clientId, cloud, tenantId }: HomeApp,
  { consoleAdmins }: Pick<Services['settings'], 'consoleAdmins'>,
): KnownPerson | 'foreign_tenant' {
  if (claims.tid !== tenantId) return 'foreign_tenant'
  const id = claims.oid.toLowerCase()
  const appRole = strongestRole(claims.roles)
  const isSetting = appRole !== 'admin' && consoleAdmins.includes(id)
  return {
    id,
    name: claims.name ?? claims.preferredUsername ?? id,
    role: isSetting ? 'admin' : appRole,
    roleSource: isSetting ? 'setting' : 'app_role',
    clientId,
    cloud,
    tenantId,
  }
}
