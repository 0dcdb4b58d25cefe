/** The app registration: reading and replacing it without stranding a grant by accident. */
import type {
  Credential,
  IntegrationSettings,
  IntegrationSettingsInput,
} from '../../schema/integration.ts'
import { isGuid } from '../../schema/integration.ts'
import {
  type Cloud,
  type MailServer,
  microsoftMailServers,
  type Protocol,
} from '../../schema/mail-servers.ts'
import { clouds } from '../entra/clouds.ts'
import { MAIL_PERMISSIONS, mailScopes } from '../entra/scopes.ts'
import { ok, type Refusal, type Result, refuse } from '../result.ts'
import type { Call, Services } from '../services.ts'
import type { IntegrationRecord } from '../store/integrations.ts'
import { newEvent } from './events.ts'
import { adminConsentRedirectUri, redirectUri } from './redirect-uris.ts'

export type Versioned<Value> = { value: Value; version: number }

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
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = await store.integrations.read()
    if (options.ifMatch !== null && options.ifMatch !== before.version) break
    const no = refusalOf(input, before, services.now())
    if (no) return { ok: false, error: no }
    const moved = before.clientId !== input.client_id || before.cloud !== input.cloud
    if (moved && !options.confirm) {
      const grants = await store.grants.countOthers(input.client_id, input.cloud)
      if (grants > 0) return dependent(grants)
    }
    const saved = await store.integrations.save(
      changeOf(input),
      before.version,
      {
        detail: 'The app registration was changed. Sign in again to reconnect.',
        since: services.now(),
      },
      newEvent(services, call, 'integration.settings_changed', 'microsoft', {
        client_id: input.client_id,
        cloud: input.cloud,
        tenant: input.tenant,
        credential_changed: input.credential !== undefined,
      }),
    )
    if (saved) return ok(await readSettings(services))
    if (options.ifMatch !== null) break
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

const field = (pointer: string, message: string) =>
  refuse('validation_failed', `${pointer}: ${message}`, { errors: [{ pointer, message }] }).error

function refusalOf(
  input: IntegrationSettingsInput,
  before: IntegrationRecord,
  now: Date,
): Refusal | null {
  const { credential } = input
  if (credential && isGuid(credential.client_secret)) {
    return refuse(
      'client_secret_is_an_id',
      'This is the secret\'s ID. Entra shows the value once, in the column "Value", when the secret is made: paste that, or make a new secret.',
      { errors: [{ pointer: '/credential/client_secret', message: "is the secret's ID" }] },
    ).error
  }
  if (credential?.expires_at && new Date(credential.expires_at) <= now) {
    return field('/credential/expires_at', 'lies in the past: this secret has ended already')
  }
  if (!credential && (before.credential === null || before.clientId !== input.client_id)) {
    return refuse(
      'credential_required',
      before.credential === null
        ? 'Enter the client secret: none is stored yet.'
        : 'Another client ID needs its own client secret.',
      { errors: [{ pointer: '/credential', message: 'is needed' }] },
    ).error
  }
  if (input.tenant === 'consumers' && !clouds[input.cloud].personalAccounts) {
    return field('/tenant', 'personal accounts exist in the global cloud only')
  }
  return null
}

/** Entra shows the first three characters of a secret in its list; they help to tell secrets apart. */
const hintOf = (secret: string) => (secret.length > 12 ? secret.slice(0, 3) : '')

const changeOf = (input: IntegrationSettingsInput) => ({
  clientId: input.client_id,
  cloud: input.cloud,
  tenant: input.tenant,
  homeTenant: input.home_tenant,
  credential: input.credential
    ? {
        secret: input.credential.client_secret,
        hint: hintOf(input.credential.client_secret),
        expiresAt: input.credential.expires_at ? new Date(input.credential.expires_at) : null,
      }
    : null,
})

function settingsView(
  record: IntegrationRecord,
  settings: Services['settings'],
): IntegrationSettings {
  const { publicUrl } = settings
  return {
    client_id: record.clientId,
    credential: credentialView(record),
    next_credential: null,
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

const credentialView = ({ credential }: IntegrationRecord): Credential | null =>
  credential && {
    type: 'client_secret',
    hint: credential.hint,
    expires_at: credential.expiresAt?.toISOString() ?? null,
  }
