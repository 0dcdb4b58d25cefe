/**
 * Links for tenant-wide admin consent, and the responses to them. A response is not authenticated, so anyone with the
 * link can forge it. So it is recorded as an event marked `unverified` and changes nothing but the link itself.
 */
import { DAY_MS } from '../../../schema/durations.ts'
import { type AdminConsentInput, isPersonalTenant } from '../../../schema/integration.ts'
import type { Cloud } from '../../../schema/mail-servers.ts'
import type { Resource } from '../../../schema/protocols.ts'
import {
  type AdminConsentResponse,
  adminConsentUrl,
  UNRECORDED_STATE,
} from '../../entra/admin-consent.ts'
import { appOnlyScope, mailScopes, resourcesOf, scopesFor } from '../../entra/scopes.ts'
import { customerOf } from '../../model/access.ts'
import { type AuthorizationRecord, CONSENTS_PER_CUSTOMER } from '../../model/authorization.ts'
import type { Reason } from '../../model/reason.ts'
import { err, invalid, ok } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { newId, newSecret } from '../secrets.ts'
import { isConfigured, isFromOtherApp, settingsBlockedReason } from './integration.ts'

/** Leaves time for a ticket at the help desk of another organisation. */
const LINK_LIFETIME_MS = 14 * DAY_MS

/** Creates a link. Tenant and protocols default to those of the authorization, if there is one. */
export async function createAdminConsent(services: Services, call: Call, input: AdminConsentInput) {
  const { store } = services
  const { authorization_id: id, flow } = input
  const [integration, authorization] = await Promise.all([
    store.integrations.read(),
    id === undefined ? null : store.authorizations.read(id, call.accessScope),
  ])
  const blockedReason = await settingsBlockedReason(integration)
  if (blockedReason) return err(blockedReason)
  if (!isConfigured(integration)) return err({ reason: 'integration_not_configured' })
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
  const protocols = authorization?.protocols ?? integration.protocols
  const shared = (authorization?.delegate ?? null) !== null
  const scopes = authorization?.signIn?.scopes ?? mailScopes(cloud, protocols, { shared })
  const { links, consents } = newLinks(services, call, {
    clientId,
    cloud,
    tenant,
    resources: resourcesOf(protocols),
    scopesOf: (resource) =>
      flow === 'app_only'
        ? // Application permissions cannot be requested one by one, only all that the app declares.
          [appOnlyScope(cloud, resource)]
        : scopesFor(cloud, scopes, resource, protocols),
    authorizationId: authorization?.id ?? null,
    customer: authorization?.customer ?? customerOf(call.accessScope),
  })
  if (!(await store.adminConsents.create(consents))) {
    return err({ reason: 'too_many_links', limit: CONSENTS_PER_CUSTOMER })
  }
  return ok({
    url: links[0].url,
    expires_at: consents[0].expiresAt.toISOString(),
    links: [...links],
  })
}

/**
 * Returns the admin-consent links of an authorization, one for each resource, creating them on first use. There are
 * none before the sign-in has begun, for a personal account, which has no admin, for another app than that of the
 * settings, or while the settings are damaged.
 */
export async function linksForAuthorization(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
): Promise<string[]> {
  const { id, signIn, protocols } = authorization
  if (!signIn || isPersonalTenant(signIn.tenant)) return []
  const existing = await authorization.openAdminLinks()
  if (existing.length > 0) return existing
  const integration = await services.store.integrations.read()
  // A person who can write to the database could change the app in the row of the sign-in, but not that of the settings.
  if (await settingsBlockedReason(integration)) return []
  if (isFromOtherApp(signIn, integration)) return []
  const { clientId, cloud, tenant, scopes } = signIn
  const { customer } = authorization
  const { links, consents } = newLinks(services, call, {
    clientId,
    cloud,
    tenant,
    resources: resourcesOf(protocols),
    scopesOf: (resource) => scopesFor(cloud, scopes, resource, protocols),
    authorizationId: id,
    customer,
  })
  const urls = links.map(({ url }) => url)
  const { adminConsents } = services.store
  // If two requests do this at once, both return the links of the first.
  return (await adminConsents.createFor(id, urls, consents)) ? urls : adminConsents.readLinksOf(id)
}

/**
 * Creates a link for each resource, since it is not known whether one link may contain both, and the records to store.
 * Each link has its own record, so that consent by one does not end the other.
 */
function newLinks(
  services: Services,
  call: Call,
  request: {
    clientId: string
    cloud: Cloud
    tenant: string
    resources: readonly Resource[]
    scopesOf: (resource: Resource) => readonly string[]
    authorizationId: string | null
    customer: string | null
  },
) {
  const { random, settings, entra } = services
  const createdAt = services.now()
  const expiresAt = new Date(createdAt.getTime() + LINK_LIFETIME_MS)
  const { tenant, authorizationId, customer } = request
  const consentFor = (resource: Resource) => {
    const id = newId('adminConsent', random)
    const data = { tenant, ...(authorizationId && { authorization: authorizationId }), resource }
    return {
      id,
      customer,
      state: newSecret(random),
      tenant,
      resource,
      authorizationId,
      createdAt,
      expiresAt,
      event: newEvent(services, call, 'admin_consent.created', { id, customer }, data),
    }
  }
  const linkFor = ({ resource, state }: ReturnType<typeof consentFor>) => ({
    resource,
    url: adminConsentUrl({
      authority: entra.authority(request.cloud, tenant),
      clientId: request.clientId,
      redirectUri: settings.urls.adminConsentRedirectUri,
      scopes: request.scopesOf(resource),
      state,
    }),
  })
  const [first = 'outlook', ...others] = request.resources
  const consents = [consentFor(first), ...others.map(consentFor)] as const
  const [link, ...further] = consents
  return { links: [linkFor(link), ...further.map(linkFor)] as const, consents }
}

export type AdminConsentOutcome =
  | { kind: 'completed' | 'already_completed' | 'refused' }
  | { kind: 'rejected'; reason: Reason }

const rejected = (reason: Reason): AdminConsentOutcome => ({ kind: 'rejected', reason })

/**
 * Records the consent that an admin's browser reports. A link that succeeded once is not changed again, and a refusal
 * changes nothing.
 */
export async function receiveAdminConsent(
  services: Services,
  call: Call,
  response: AdminConsentResponse,
): Promise<AdminConsentOutcome> {
  if (response.state === null) return rejected({ reason: 'callback_malformed' })
  if (response.state === UNRECORDED_STATE) {
    if ('malformed' in response) return rejected({ reason: 'callback_malformed' })
    return { kind: response.ok ? 'completed' : 'refused' }
  }
  const record = await services.store.adminConsents.readByState(response.state)
  if (!record) return rejected({ reason: 'link_unknown' })
  if (record.succeededAt) return { kind: 'already_completed' }
  const now = services.now()
  if (record.expiresAt <= now) return rejected({ reason: 'consent_link_expired' })
  if ('malformed' in response) return rejected({ reason: 'callback_malformed' })
  if (!response.ok) return { kind: 'refused' }
  const { tenant } = response
  const event = newEvent(services, call, 'admin_consent.completed', record, {
    unverified: true,
    resource: record.resource,
    ...(tenant !== null && { tenant }),
    ...(record.authorizationId && { authorization: record.authorizationId }),
  })
  const succeeded = await services.store.adminConsents.succeed(record.id, now, event)
  return { kind: succeeded ? 'completed' : 'already_completed' }
}
