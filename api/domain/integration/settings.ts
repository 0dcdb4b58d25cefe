/** The app registration: reading and replacing it without stranding a grant by accident. */
import {
  type IntegrationSettings,
  type IntegrationSettingsInput,
  isPersonalTenant,
  PERSONAL_TENANT,
} from '../../../schema/integration.ts'
import {
  type Cloud,
  type MailServer,
  microsoftMailServers,
  type Protocol,
} from '../../../schema/mail-servers.ts'
import { clouds } from '../../entra/clouds.ts'
import { MAIL_PERMISSIONS, mailScopes } from '../../entra/scopes.ts'
import type { IntegrationRecord, StoredCredential } from '../../model/integration.ts'
import { invalid, ok, type Refusal, type Result, refuse, type Versioned } from '../../result.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { credentialView, takeCredential } from './credential.ts'
import { stranded } from './integration.ts'
import { adminConsentRedirectUri, redirectUri } from './redirect-uris.ts'

export async function readSettings(services: Services): Promise<Versioned<IntegrationSettings>> {
  const record = await services.store.integrations.read()
  return { value: settingsView(record, services.settings), version: record.version }
}

/** How often a write without If-Match is tried against a moving version. */
const TRIES = 3

/**
 * Replaces the settings. Without a credential the stored one stays, for the same client only. A
 * change of client or cloud needs `confirm` while grants exist: they must be reconnected then.
 */
export async function replaceSettings(
  services: Services,
  call: Call,
  input: IntegrationSettingsInput,
  options: { ifMatch: number | null; confirm: boolean },
): Promise<Result<Versioned<IntegrationSettings>>> {
  const { store } = services
  const { detail } = stranded.error
  const taken =
    input.credential && (await takeCredential(services, input.credential, '/credential'))
  if (taken && !taken.ok) return taken
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = await store.integrations.read()
    if (options.ifMatch !== null && options.ifMatch !== before.version) break
    const no = refusalOf(input, before)
    if (no) return { ok: false, error: no }
    const moved = before.clientId !== input.client_id || before.cloud !== input.cloud
    const keepGrants = moved && !options.confirm
    if (keepGrants) {
      const grants = await store.grants.countMadeElsewhere(input.client_id, input.cloud)
      if (grants > 0) return dependent(grants)
    }
    const saved = await store.integrations.save(
      { ...changeOf(input, before, taken?.value ?? null), keepGrants },
      before.version,
      {
        detail,
        event: newEvent(services, call, 'grant.reconnect_required', null, { detail }),
      },
      newEvent(services, call, 'integration.settings_changed', 'microsoft', {
        client_id: input.client_id,
        cloud: input.cloud,
        tenant: input.tenant,
        credential_changed: input.credential !== undefined,
      }),
    )
    if (saved) return ok(await readSettings(services))
  }
  return refuse(
    'precondition_failed',
    'The settings were changed in the meantime. Read them again and repeat the change.',
  )
}

const dependent = (grants: number) =>
  refuse(
    'grants_depend',
    `${grants} ${grants === 1 ? 'grant was' : 'grants were'} made with the current client ID and cloud and would have to be reconnected. Repeat with ?confirm=true if that is meant.`,
    { grants },
  )

function refusalOf(input: IntegrationSettingsInput, before: IntegrationRecord): Refusal | null {
  if (!input.credential && (before.credential === null || before.clientId !== input.client_id)) {
    return refuse(
      'credential_required',
      before.credential === null
        ? 'Enter the client secret or a certificate: none is stored yet.'
        : 'Another client ID needs its own client secret or certificate.',
      { errors: [{ pointer: '/credential', message: 'is needed' }] },
    ).error
  }
  if (isPersonalTenant(input.tenant) && !clouds[input.cloud].personalAccounts) {
    return invalid('/tenant', 'personal accounts exist in the global cloud only').error
  }
  if (input.home_tenant === PERSONAL_TENANT) {
    return invalid('/home_tenant', 'must be an organisation: no app is registered with this one')
      .error
  }
  return null
}

const changeOf = (
  input: IntegrationSettingsInput,
  before: IntegrationRecord,
  credential: StoredCredential | null,
) => ({
  clientId: input.client_id,
  cloud: input.cloud,
  // One place with two names: all else is to know it by one.
  tenant: input.tenant === PERSONAL_TENANT ? 'consumers' : input.tenant,
  homeTenant: input.home_tenant,
  credential,
  // Stored before there was any client, it was meant for this one.
  dropNext: before.clientId !== null && before.clientId !== input.client_id,
})

function settingsView(
  record: IntegrationRecord,
  settings: Services['settings'],
): IntegrationSettings {
  const { publicUrl } = settings
  return {
    client_id: record.clientId,
    credential: credentialView(record.credential),
    next_credential: credentialView(record.nextCredential),
    cloud: record.cloud,
    tenant: record.tenant,
    home_tenant: record.homeTenant,
    redirect_uri: redirectUri(publicUrl),
    admin_consent_redirect_uri: adminConsentRedirectUri(publicUrl),
    permissions: MAIL_PERMISSIONS.map(({ name, id, protocol }) => ({
      name,
      id,
      type: 'delegated',
      scope: (protocol && mailScopes(record.cloud, [protocol])[0]) || name,
    })),
    mail_servers: {
      imap: mailServers('imap', record.cloud, settings),
      smtp: mailServers('smtp', record.cloud, settings),
    },
  }
}

/**
 * Servers to offer in a form, the default first: the cloud's own, then those that the deployment adds.
 * Where another authority than Microsoft's issues the tokens its servers are of no use, and stand last.
 */
function mailServers(
  protocol: Protocol,
  cloud: Cloud,
  settings: Services['settings'],
): MailServer[] {
  const own = microsoftMailServers[cloud][protocol]
  const extra = settings.extraMailServers
    .filter((server) => server.protocol === protocol)
    .map(({ host, port, security }) => ({ host, port, security }))
  return settings.entraAuthority === undefined ? [...own, ...extra] : [...extra, ...own]
}
