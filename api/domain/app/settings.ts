/**
 * The app registration in the settings, with the current credential and the next one. A change after which grants have to
 * be reconnected must be confirmed.
 */
import type { CredentialInput, WhichCredential } from '../../../schema/credential.ts'
import {
  type IntegrationSettings,
  type IntegrationSettingsInput,
  isPersonalTenant,
  PERSONAL_TENANT,
} from '../../../schema/integration.ts'
import {
  type Cloud,
  type MailProtocol,
  type MailServer,
  microsoftMailServers,
} from '../../../schema/mail-servers.ts'
import { resourceOf } from '../../../schema/protocols.ts'
import { clouds } from '../../entra/clouds.ts'
import type { FederatedIdentity } from '../../entra/federated.ts'
import { declaredPermissions, scopeAt } from '../../entra/scopes.ts'
import type {
  CredentialFacts,
  IntegrationChange,
  IntegrationRecord,
  StoredCredential,
} from '../../model/integration.ts'
import { err, invalid, ok, type Result, type Versioned } from '../../model/result.ts'
import { nullIfKeyMissing } from '../../model/storage.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { retryOnConflict } from '../write-with-retry.ts'
import { credentialView, parseCredential } from './credential.ts'
import {
  ensureSigningKey,
  isIssuerPublic,
  otherIssuerOf,
  readFederatedIdentity,
} from './federated.ts'
import { orphaned } from './integration.ts'

/** Returns the settings as the API shows them. Stores the id of the deployment if it has none yet. */
export async function readSettings(services: Services): Promise<Versioned<IntegrationSettings>> {
  const record = await readShownSettings(services)
  const identity = await readFederatedIdentity(services, record)
  return { value: settingsView(record, identity, services.settings), version: record.version }
}

/**
 * Reads the settings. A certificate is left out if its credential cannot be decrypted, since an admin uploads what is
 * shown, and something other than Mailgrant could have put it there.
 */
export async function readShownSettings({ store }: Services): Promise<IntegrationRecord> {
  const { integration, openCredential } = await store.integrations.readWithCredentials()
  const shown = async (which: WhichCredential, facts: CredentialFacts | null) =>
    (await openCredential(which).catch(nullIfKeyMissing)) === null
      ? facts && { ...facts, certificate: null }
      : facts
  return {
    ...integration,
    credential: await shown('current', integration.credential),
    nextCredential: await shown('next', integration.nextCredential),
  }
}

/**
 * Replaces the settings. Without a credential the stored one stays, for the same client only. If there is none at all,
 * the next credential becomes the current one. It is the certificate that a setup script has uploaded before the client
 * ID was known. While grants exist, a change of client or cloud requires `confirm`: the grants must then be
 * reconnected.
 */
export async function replaceSettings(
  services: Services,
  call: Call,
  input: IntegrationSettingsInput,
  options: { ifMatch: number | null; confirm: boolean },
): Promise<Result<Versioned<IntegrationSettings>>> {
  const { store } = services
  const { detail } = orphaned.error
  const credential =
    input.credential && (await parseCredential(services, input.credential, '/credential'))
  if (credential && !credential.ok) return credential
  const replace = async (): Promise<Result<Versioned<IntegrationSettings>> | null> => {
    const stored = await store.integrations.readWithCredentials()
    const { integration: before } = stored
    if (options.ifMatch !== null && options.ifMatch !== before.version) return versionConflict
    const refusal = checkInput(input, before, services.now())
    if (refusal) return refusal
    const takesNext = !input.credential && before.credential === null
    const open = stored.openCredential(takesNext ? 'next' : 'current')
    const kept = await (credential ? open.catch(nullIfKeyMissing) : open)
    const current = credential?.value ?? kept
    if (!current) return err({ reason: 'credential_required', why: 'damaged' })
    const appChanged = before.clientId !== input.client_id || before.cloud !== input.cloud
    const keepGrants = appChanged && !options.confirm
    if (keepGrants) {
      const grants = await store.grants.countFromOtherApps(input.client_id, input.cloud)
      if (grants > 0) return err({ reason: 'grants_depend', grants, change: 'app' })
    }
    if (credential?.value.type === 'federated') {
      // A damaged credential may be replaced without a trial, since nothing works with it.
      const isDamaged = kept === null && before.credential !== null
      const refusal = isDamaged ? null : await checkFederated(services, before, options.confirm)
      if (refusal) return refusal
      await ensureSigningKey(services)
    }
    const saved = await store.integrations.save(
      {
        ...changeOf(input, before, current, kept !== null),
        ...(takesNext && { newInCredential: 'all' as const, dropNext: true }),
        keepGrants,
      },
      before.version,
      {
        detail,
        event: newEvent(
          services,
          call,
          'grant.reconnect_required',
          { id: '', customer: null },
          { detail },
        ),
      },
      newEvent(services, call, 'integration.settings_changed', 'microsoft', {
        client_id: input.client_id,
        cloud: input.cloud,
        tenant: input.tenant,
        home_tenant: input.home_tenant,
        credential_changed: input.credential !== undefined,
      }),
    )
    return saved ? ok(await readSettings(services)) : null
  }
  return (await retryOnConflict(replace)) ?? versionConflict
}

const versionConflict = err({ reason: 'version_conflict', resource: 'settings' })

/**
 * Returns why the federated credential cannot become the current one here, or null. Nothing has verified it,
 * so while there are grants it must be verified as the next credential first. One that is current already may
 * be confirmed for a new issuer.
 */
async function checkFederated(
  { store, settings }: Services,
  { credential }: IntegrationRecord,
  confirm: boolean,
) {
  const isCurrent = credential?.type === 'federated'
  if (isCurrent && (confirm || otherIssuerOf(credential, settings) === null)) return null
  const grants = await store.grants.countSaved()
  return grants > 0
    ? err({ reason: 'grants_depend', grants, change: isCurrent ? 'issuer' : 'federated' })
    : null
}

/** Returns why these settings cannot replace the stored ones, or null. */
function checkInput(input: IntegrationSettingsInput, before: IntegrationRecord, now: Date) {
  const isOtherApp = before.credential !== null && before.clientId !== input.client_id
  if (!input.credential && (isOtherApp || (before.credential ?? before.nextCredential) === null)) {
    return err({ reason: 'credential_required', why: isOtherApp ? 'other_app' : 'none' })
  }
  const expiresAt = secretExpiry(input, before)
  if (expiresAt && expiresAt <= now) {
    return invalid('/secret_expires_at', { issue: 'secret_expired' })
  }
  if (isPersonalTenant(input.tenant) && !clouds[input.cloud].personalAccounts) {
    return invalid('/tenant', { issue: 'personal_accounts_unavailable' })
  }
  return input.home_tenant === PERSONAL_TENANT
    ? invalid('/home_tenant', { issue: 'personal_tenant' })
    : null
}

/** Returns what to store. `credential`: the new or the stored one. `isIntact`: false if the settings were damaged. */
function changeOf(
  input: IntegrationSettingsInput,
  before: IntegrationRecord,
  credential: StoredCredential,
  isIntact: boolean,
) {
  const expiresAt = secretExpiry(input, before)
  const isSameApp =
    before.clientId === input.client_id &&
    before.cloud === input.cloud &&
    before.tenant === input.tenant
  const isSameHome = before.homeTenant === input.home_tenant && before.cloud === input.cloud
  const change: Omit<IntegrationChange, 'keepGrants'> = {
    clientId: input.client_id,
    cloud: input.cloud,
    // The tenant of personal accounts has two names; only this one is stored.
    tenant: input.tenant === PERSONAL_TENANT ? 'consumers' : input.tenant,
    homeTenant: input.home_tenant,
    homeTenantId: isSameHome && isIntact ? before.homeTenantId : null,
    protocols: input.protocols ?? before.protocols,
    credential: expiresAt ? { ...credential, expiresAt } : credential,
    keepsVerification: isIntact && isSameApp && isSameHome && !input.credential,
    newInCredential: input.credential ? 'all' : expiresAt && 'expiry',
    // A next credential that was stored before there was a client ID belongs to this one, and stays.
    dropNext: before.clientId !== null && before.clientId !== input.client_id,
  }
  return change
}

/** Returns the new expiry of the stored client secret, or null if it stays. */
const secretExpiry = (input: IntegrationSettingsInput, before: IntegrationRecord): Date | null =>
  input.credential || !input.secret_expires_at || before.credential?.type !== 'client_secret'
    ? null
    : new Date(input.secret_expires_at)

function settingsView(
  record: IntegrationRecord,
  identity: FederatedIdentity,
  settings: Services['settings'],
): IntegrationSettings {
  return {
    client_id: record.clientId,
    credential: credentialView(record.credential, identity, record.clientId),
    next_credential: credentialView(record.nextCredential, identity, record.clientId),
    undo_until: record.undoUntil?.toISOString() ?? null,
    cloud: record.cloud,
    tenant: record.tenant,
    home_tenant: record.homeTenant,
    verified_at: record.verifiedAt?.toISOString() ?? null,
    federated: { ...identity, available: isIssuerPublic(settings) },
    redirect_uri: settings.urls.redirectUri,
    admin_consent_redirect_uri: settings.urls.adminConsentRedirectUri,
    console_redirect_uri: settings.urls.consoleRedirectUri,
    protocols: record.protocols,
    permissions: declaredPermissions(record.protocols).map(({ name, id, protocol }) => ({
      name,
      id,
      type: 'delegated',
      scope: protocol === null ? name : scopeAt(record.cloud, resourceOf(protocol), name),
    })),
    mail_servers: {
      imap: mailServers('imap', record.cloud, settings),
      smtp: mailServers('smtp', record.cloud, settings),
    } satisfies Record<MailProtocol, MailServer[]>,
  }
}

/**
 * Returns the servers to offer in a form, the default first: those of the cloud, then those that the
 * deployment adds. Microsoft's come last if another authority issues the tokens.
 */
function mailServers(
  protocol: MailProtocol,
  cloud: Cloud,
  settings: Services['settings'],
): MailServer[] {
  const microsoft = microsoftMailServers[cloud][protocol]
  const extra = settings.extraMailServers
    .filter((server) => server.protocol === protocol)
    .map(({ host, port, security }) => ({ host, port, security }))
  return settings.entraAuthority === undefined ? [...microsoft, ...extra] : [...extra, ...microsoft]
}

const ID = 'microsoft'

/**
 * Stores the next credential. Overwrites an earlier next one, or the replaced credential that was kept for an undo,
 * which is then no longer possible.
 */
export async function replaceNextCredential(
  services: Services,
  call: Call,
  input: CredentialInput,
): Promise<Result<Versioned<IntegrationSettings>>> {
  const credential = await parseCredential(services, input, '')
  if (!credential.ok) return credential
  const event = newEvent(services, call, 'integration.next_credential_set', ID, {
    type: credential.value.type,
  })
  if (credential.value.type === 'federated') await ensureSigningKey(services)
  await services.store.integrations.setNextCredential(credential.value, event)
  return ok(await readSettings(services))
}

/** Deletes the next credential. Idempotent. */
export async function removeNextCredential(services: Services, call: Call): Promise<void> {
  const event = newEvent(services, call, 'integration.next_credential_removed', ID)
  await services.store.integrations.removeNextCredential(event)
}
