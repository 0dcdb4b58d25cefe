/**
 * App-only access: a token of the app itself at one tenant, by client credentials. There is no refresh
 * token to lose and no person to sign in again, so a refusal always waits for an administrator.
 */
import type { Protocol } from '../../../schema/mail-servers.ts'
import { resourceOf } from '../../../schema/protocols.ts'
import { readAccessTokenClaims } from '../../entra/access-token.ts'
import type { ClientAuth } from '../../entra/client-auth.ts'
import { APP_ONLY_PERMISSIONS, appOnlyScope } from '../../entra/scopes.ts'
import {
  type AppTokenKey,
  type AppTokenLease,
  type AppTokenRecord,
  appTokenId,
  type IssuedAppToken,
} from '../../model/grant.ts'
import { type AppSettings, speaksForApp } from '../../model/integration.ts'
import type { TokenRefusal } from '../../model/reason.ts'
import { type Result, refuseToken } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { inactive, isFromOtherApp } from '../app/integration.ts'
import { newEvent } from '../events.ts'
import { judgeAppToken } from '../failures/failures.ts'
import { type Demand, isWorthAsking } from './decide.ts'
import {
  type Acquired,
  currentToken,
  refreshNow,
  type TokenSource,
  type UsableToken,
} from './engine.ts'

/**
 * Returns a token for a validation. People validate after they changed something, so this asks again after a refusal,
 * and replaces a token without the permission, which holds only what was consented to when it was issued. Scheduled
 * validations wait.
 */
export async function freshAppToken(
  services: Services,
  call: Call,
  { tenant, protocol }: { tenant: string; protocol: Protocol },
  stored: IssuedAppToken | null,
  integration: AppSettings,
): Promise<Result<UsableToken, TokenRefusal>> {
  const byPerson = call.actor.type !== 'system'
  const outdated =
    byPerson && stored !== null && (await lacksPermission(stored, APP_ONLY_PERMISSIONS[protocol]))
  const atOnce = byPerson && stored !== null && isWorthAsking(stored, services.now())
  const demand = { rejected: null, outdated, atOnce }
  const resource = resourceOf(protocol)
  return appToken(services, call, { tenant, resource, stored }, integration, demand)
}

/** Returns false for a token that cannot be read. */
async function lacksPermission(stored: IssuedAppToken, permission: string): Promise<boolean> {
  const facts = readAccessTokenClaims((await stored.openAccessToken()) ?? '')
  return facts !== null && !(facts.permissions ?? '').split(' ').includes(permission)
}

/** Returns a usable token of the app at this tenant; `stored` is what the store holds of it. */
export async function appToken(
  services: Services,
  call: Call,
  { stored, ...wanted }: WantedToken & { stored: IssuedAppToken | null },
  integration: AppSettings,
  demand: Demand,
): Promise<Result<UsableToken, TokenRefusal>> {
  if (!integration.active) return inactive
  const key = keyOf(integration, wanted)
  if (!key) return notConfigured
  return currentToken(services, call, sourceOf(services, call, key, demand.atOnce), stored, demand)
}

/** Fetches a token for maintenance. Returns null when another caller holds the lease or has changed it. */
export function fetchAppToken(
  services: Services,
  call: Call,
  { clientId, cloud, tenant, resource, version }: AppTokenRecord,
): Promise<Result<UsableToken, TokenRefusal> | null> {
  const source = sourceOf(services, call, { clientId, cloud, tenant, resource })
  return refreshNow(services, call, source, version)
}

const notConfigured = refuseToken(
  'credential_rejected',
  'No client ID is stored. Save the app registration in the Microsoft settings.',
)

const appChanged = refuseToken(
  'provider_unavailable',
  'The app registration has just been changed. Repeat the call.',
  { retryAfter: 1 },
)

type WantedToken = Pick<AppTokenKey, 'tenant' | 'resource'>

function keyOf({ clientId, cloud }: AppSettings, wanted: WantedToken): AppTokenKey | null {
  return clientId === null ? null : { clientId, cloud, ...wanted }
}

function sourceOf(
  services: Services,
  call: Call,
  key: AppTokenKey,
  requested = false,
): TokenSource<AppTokenLease> {
  const { appTokens } = services.store
  const { tenant, resource } = key
  const isOutlook = resource === 'outlook'
  return {
    id: appTokenId(key),
    resource,
    requested,
    log: { prefix: 'app_token', fields: { tenant, ...(!isOutlook && { resource }) } },
    leases: appTokens.leases,
    acquire: (...args) => appTokens.leases.acquire(key, ...args),
    read: () => appTokens.read(key),
    deleted: null,
    checkApp: (integration) => (isFromOtherApp(key, integration) ? appChanged : null),
    ask: (lease, { auth }) => fetchToken(services, lease, auth),
    judge: judgeAppToken,
    isOwn: (integration) => speaksForApp(tenant, integration),
    // The same types as a grant's events, so that their webhooks get both. The subject is the tenant.
    newEvent: (type, data) =>
      newEvent(
        services,
        call,
        type,
        { id: tenant, customer: { ofTenant: tenant } },
        { flow: 'app_only', tenant, ...data, ...(!isOutlook && { resource }) },
      ),
  }
}

async function fetchToken(
  { entra, store, now }: Services,
  lease: AppTokenLease,
  auth: ClientAuth,
): Promise<Acquired> {
  const { cloud, tenant, resource } = lease.record
  const response = await entra.clientCredentials({
    authority: entra.authority(cloud, tenant),
    auth,
    scope: appOnlyScope(cloud, resource),
    now: now(),
  })
  if (!response.ok) return response
  const { accessToken, expiresIn } = response.tokens
  const token = { accessToken, expiresAt: new Date(now().getTime() + expiresIn * 1000) }
  return {
    ok: true,
    token,
    store: (at, event) => store.appTokens.leases.store(lease, token, at, event),
  }
}
