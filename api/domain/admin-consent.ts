/**
 * Links with which an admin consents for a whole tenant, and what comes back from them. The answer is
 * not authenticated: the holder of a link can write it. So it is told as an event, marked
 * `unverified`, and changes nothing but the link itself.
 */
import { DAY_MS } from '../../schema/durations.ts'
import {
  type AdminConsentInput,
  type AdminConsentLink,
  isPersonalTenant,
} from '../../schema/integration.ts'
import { type Cloud, Protocol } from '../../schema/mail-servers.ts'
import { type AdminConsentAnswer, adminConsentUrl } from '../entra/admin-consent.ts'
import { clouds } from '../entra/clouds.ts'
import { mailScopes } from '../entra/scopes.ts'
import type { AuthorizationRecord } from '../model/authorization.ts'
import type { Reason } from '../model/reason.ts'
import { invalid, ok, type Result, refuse } from '../model/result.ts'
import type { Call, Services } from '../services.ts'
import { newEvent } from './events.ts'
import { isRegistered } from './integration/sign-in-preconditions.ts'
import { hashSecret, newId, newSecret } from './secrets.ts'

/** Long enough for a ticket at somebody else's help desk. */
const LIFETIME_MS = 14 * DAY_MS

/** Of an authorization it takes tenant and protocols, as far as the input names no tenant. */
export async function createAdminConsent(
  services: Services,
  call: Call,
  input: AdminConsentInput,
): Promise<Result<AdminConsentLink>> {
  const { authorization_id: id, flow } = input
  const [integration, authorization] = await Promise.all([
    services.store.integrations.read(),
    id === undefined ? null : services.store.authorizations.read(id, call.accessScope),
  ])
  if (!isRegistered(integration)) return refuse({ reason: 'integration_not_configured' })
  if (id !== undefined && !authorization) {
    return invalid('/authorization_id', { issue: 'unknown_authorization' })
  }
  if (authorization && flow === 'app_only') {
    return invalid('/flow', { issue: 'delegated_only' })
  }
  const tenant = input.tenant ?? authorization?.signIn?.tenant ?? integration.tenant
  if (isPersonalTenant(tenant)) {
    return invalid('/tenant', { issue: 'personal_tenant' })
  }
  const { clientId, cloud } = integration
  return ok(
    await makeLink(services, call, {
      clientId,
      cloud,
      tenant,
      scopes:
        flow === 'app_only'
          ? // The only way to ask for application permissions: all that is declared for Exchange.
            [clouds[cloud].appOnlyScope]
          : mailScopes(cloud, authorization?.protocols ?? Protocol.options),
      authorizationId: authorization?.id ?? null,
    }),
  )
}

/**
 * For a sign-in that may need an admin: one link, made when it is first needed, however often a page
 * asks. Null where there is no admin.
 */
export async function linkForAuthorization(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
): Promise<string | null> {
  const { id, signIn, protocols } = authorization
  if (!signIn || isPersonalTenant(signIn.tenant)) return null
  const { adminConsents } = services.store
  const kept = await adminConsents.readLinkOf(id)
  if (kept !== null) return kept
  const { clientId, cloud, tenant } = signIn
  const scopes = mailScopes(cloud, protocols)
  const wish = { clientId, cloud, tenant, scopes, authorizationId: id }
  const { url } = await makeLink(services, call, wish)
  // Two may ask at once: all are shown the link of the first.
  return (await adminConsents.keepLinkOf(id, url)) ? url : adminConsents.readLinkOf(id)
}

async function makeLink(
  services: Services,
  call: Call,
  wish: {
    clientId: string
    cloud: Cloud
    tenant: string
    scopes: readonly string[]
    authorizationId: string | null
  },
): Promise<AdminConsentLink> {
  const { random, settings, store, entra } = services
  const id = newId('adminConsent', random)
  const state = newSecret(random)
  const createdAt = services.now()
  const expiresAt = new Date(createdAt.getTime() + LIFETIME_MS)
  const { tenant, authorizationId } = wish
  const facts = { tenant, ...(authorizationId && { authorization: authorizationId }) }
  await store.adminConsents.create(
    { id, stateHash: await hashSecret(state), tenant, authorizationId, createdAt, expiresAt },
    newEvent(services, call, 'admin_consent.created', id, facts),
  )
  const url = adminConsentUrl({
    authority: entra.authority(wish.cloud, tenant),
    clientId: wish.clientId,
    redirectUri: settings.urls.adminConsentRedirectUri,
    scopes: wish.scopes,
    state,
  })
  return { url, expires_at: expiresAt.toISOString() }
}

export type AdminConsentOutcome =
  | { kind: 'completed' | 'already_completed' | 'refused' }
  | { kind: 'rejected'; reason: Reason }

const rejected = (reason: Reason): AdminConsentOutcome => ({ kind: 'rejected', reason })

/** Records the response of an admin's browser. A link that succeeded once is not changed again. */
export async function receiveAdminConsent(
  services: Services,
  call: Call,
  answer: AdminConsentAnswer,
): Promise<AdminConsentOutcome> {
  if (answer.state === null) return rejected({ reason: 'consent_malformed' })
  const record = await services.store.adminConsents.readByState(await hashSecret(answer.state))
  if (!record) return rejected({ reason: 'consent_link_unknown' })
  if (record.succeededAt) return { kind: 'already_completed' }
  const now = services.now()
  if (record.expiresAt <= now) return rejected({ reason: 'consent_link_expired' })
  if ('malformed' in answer) return rejected({ reason: 'consent_malformed' })
  const { tenant } = answer
  const facts = {
    unverified: true,
    ...(tenant !== null && { tenant }),
    ...(record.authorizationId && { authorization: record.authorizationId }),
  }
  if (!answer.ok) {
    const { aadsts } = answer.refusal
    const event = newEvent(services, call, 'admin_consent.refused', record.id, { ...facts, aadsts })
    await services.store.events.add(event)
    return { kind: 'refused' }
  }
  const event = newEvent(services, call, 'admin_consent.completed', record.id, facts)
  const succeeded = await services.store.adminConsents.succeed(record.id, now, event)
  return { kind: succeeded ? 'completed' : 'already_completed' }
}
