/**
 * The settings with the credentials that authenticate the app to Entra. The statement that leases a token reads them as
 * one of its columns: so both are from the same moment and need no further statement.
 */
import { getTableColumns, sql } from 'drizzle-orm'
import { integrations, signingKeys } from '../../schema/d1/tables.ts'
import { isGuid } from '../../schema/integration.ts'
import { Cloud, type Protocol } from '../../schema/mail-servers.ts'
import type {
  AppRegistration,
  CredentialFacts,
  IntegrationRecord,
  IntegrationWithCredentials,
  StoredCredential,
} from '../model/integration.ts'
import { jsonOf, mapValues, type Row } from './database.ts'
import { bindingTo, type SealContext, type Sealer } from './seal.ts'
import { toSigner } from './signing-keys.ts'

export const INTEGRATION_ID = 'microsoft'

/** All columns but those that only maintenance needs. */
const {
  id: _id,
  credentialLabel: _credentialLabel,
  nextCredentialLabel: _nextCredentialLabel,
  credentialWarnedDays: _warnedDays,
  ...columns
} = getTableColumns(integrations)
export const settingsColumns = columns

type SettingsRow = Row<typeof settingsColumns>

/**
 * Returns the context of a credential's ciphertext, which vouches for the facts about it. The current one vouches for
 * the app registration as well. Otherwise someone with write access could enter another tenant and sign in there.
 */
function contextOf(facts: CredentialFacts, app: AppRegistration | null): SealContext {
  return {
    table: 'integrations',
    row: INTEGRATION_ID,
    column: app ? 'credential' : 'next_credential',
    binding: bindingTo([...Object.values(factsOf(facts)), ...(app ? appValues(app) : [])]),
  }
}

function appValues(app: AppRegistration): readonly unknown[] {
  const { clientId, cloud, tenant, homeTenant } = app
  const values = { clientId, cloud, tenant, homeTenant, homeTenantId: homeTenantIdOf(app) }
  return Object.values(values satisfies Record<keyof AppRegistration, unknown>)
}

/** Returns the GUID of the home tenant, which the settings may contain instead of a domain. */
const homeTenantIdOf = ({
  homeTenant,
  homeTenantId,
}: Pick<AppRegistration, 'homeTenant' | 'homeTenantId'>): string | null =>
  isGuid(homeTenant) ? homeTenant : homeTenantId

/** Seals a credential. `app`: the registration that it authenticates; null for the next credential. */
export const sealCredential = (
  sealer: Sealer,
  credential: StoredCredential,
  app: AppRegistration | null,
): Promise<string> =>
  // A federated one has no secret, but it must vouch for the registration all the same.
  sealer.seal(credential.secret ?? '', contextOf(credential, app))

/** The settings as JSON, with the keys that sign for a federated credential; null without a row. */
export const settingsColumn = sql`(SELECT ${jsonOf(
  'settings',
  settingsColumns,
  sql`json((SELECT json_group_array(json_array(key.id, key.private_key_sealed, key.signs_from))
    FROM ${signingKeys} AS key
    WHERE 'federated' IN (settings.credential ->> 'type', settings.next_credential ->> 'type')))`,
)}
    FROM ${integrations} AS settings WHERE settings.id = 'microsoft')`.mapWith(
  (text: string): StoredSettings | null => {
    const values = JSON.parse(text) as unknown[]
    return {
      row: mapValues(settingsColumns, values),
      signers: values.at(-1) as StoredSettings['signers'],
    }
  },
)

type StoredSettings = {
  row: SettingsRow
  signers: [id: string, privateKeySealed: string, signsFrom: number][]
}

/** Returns the settings that `settingsColumn` has read. */
export function toSettings(
  sealer: Sealer,
  stored: StoredSettings | null,
): IntegrationWithCredentials {
  const { row, signers = [] } = stored ?? {}
  const integration = toIntegration(sealer, row)
  return {
    integration,
    openCredential: (which) =>
      which === 'current'
        ? openSealed(sealer, row?.credentialSealed, integration.credential, integration)
        : openSealed(sealer, row?.nextCredentialSealed, integration.nextCredential, null),
    signers: signers
      .toSorted(([, , one], [, , other]) => one - other)
      .map(([id, privateKeySealed, signsFrom]) =>
        toSigner(sealer, { id, privateKeySealed, signsFrom: new Date(signsFrom) }),
      ),
  }
}

/**
 * Returns null for a credential that is missing or damaged, or does not vouch for these facts and this app. Throws
 * KeyMissing.
 */
async function openSealed(
  sealer: Sealer,
  sealed: string | null = null,
  facts: CredentialFacts | null,
  app: AppRegistration | null,
): Promise<StoredCredential | null> {
  if (!facts) return null
  const secret = await sealer.openIfIntact(sealed, contextOf(facts, app))
  if (secret === null) return null
  const { type } = facts
  return type === 'federated' ? { ...facts, type, secret: null } : { ...facts, type, secret }
}

/** The protocols of a new integration. */
export const NEW_PROTOCOLS: Protocol[] = ['imap', 'smtp']

const NEW_INTEGRATION = {
  active: false,
  protocols: NEW_PROTOCOLS,
  clientId: null,
  credential: null,
  credentialSealed: null,
  nextCredential: null,
  nextCredentialSealed: null,
  undoUntil: null,
  cloud: 'global',
  tenant: 'common',
  homeTenant: null,
  homeTenantId: null,
  verifiedAt: null,
  appProblem: null,
  outage: null,
  version: 0,
  deploymentId: null,
} as const satisfies SettingsRow

export function toIntegration(
  sealer: Sealer,
  row: SettingsRow = NEW_INTEGRATION,
): IntegrationRecord {
  const { credentialSealed, nextCredentialSealed: _nextSealed, ...settings } = row
  const record: IntegrationRecord = {
    ...settings,
    cloud: Cloud.safeParse(row.cloud).data ?? 'global',
    homeTenantId: homeTenantIdOf(row),
    isIntact: async () =>
      (await openSealed(sealer, credentialSealed, record.credential, record)) !== null,
  }
  return record
}

/** Returns what is stored beside a credential, without the secret. */
export const factsOf = ({
  type,
  hint,
  certificate,
  expiresAt,
  lifetimeDays,
}: CredentialFacts): CredentialFacts => ({ type, hint, certificate, expiresAt, lifetimeDays })
