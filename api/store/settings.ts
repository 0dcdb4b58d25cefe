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
import { type Database, jsonOf, mapValues, type Row, time, words } from './database.ts'
import { bindingTo, type SealContext, type Sealer } from './seal.ts'
import { toSigner } from './signing-keys.ts'

export const INTEGRATION_ID = 'microsoft'

/** All columns but those that only maintenance needs. */
const {
  id: _id,
  credentialLabel: _credentialLabel,
  nextCredentialLabel: _nextCredentialLabel,
  credentialWarnedDays: _warnedDays,
  appSuspicion: _appSuspicion,
  ...readable
} = getTableColumns(integrations)

type SettingsRow = Row<typeof integrations, typeof readable>

/**
 * Returns the context of a credential's ciphertext, which vouches for the facts about it. The current one vouches for
 * the app registration as well. Otherwise someone with write access could enter another tenant and sign in there.
 */
function contextOf(facts: CredentialFacts, app: AppRegistration | null): SealContext {
  return {
    table: 'integrations',
    row: INTEGRATION_ID,
    column: app ? 'credential' : 'next_credential',
    binding: bindingTo([...Object.values(toFacts(facts)), ...(app ? appValues(app) : [])]),
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
export const settingsColumn = sql<string | null>`(SELECT ${jsonOf(
  'settings',
  readable,
  sql`json((SELECT json_group_array(json_array(key.id, key.private_key_sealed, key.signs_from))
    FROM ${signingKeys} AS key
    WHERE 'federated' IN (settings.credential ->> 'type', settings.next_credential ->> 'type')))`,
)}
    FROM ${integrations} AS settings WHERE settings.id = 'microsoft')`

/** Returns the query that reads `settingsColumn` alone. */
export const selectSettings = (db: Database) =>
  db.select({ settings: settingsColumn }).from(sql`(SELECT 1)`)

type StoredSettings = {
  row: SettingsRow | undefined
  signers: [id: string, privateKeySealed: string, signsFrom: number][]
}

/** Parses what `settingsColumn` has read. */
export function parseSettings(text: string | null): StoredSettings {
  if (text === null) return { row: undefined, signers: [] }
  const values = JSON.parse(text) as unknown[]
  return { row: mapValues(readable, values), signers: values.at(-1) as StoredSettings['signers'] }
}

export function toSettings(
  sealer: Sealer,
  { row, signers }: StoredSettings,
): IntegrationWithCredentials {
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
        toSigner(sealer, { id, privateKeySealed, signsFrom }),
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

/** Returns the enabled protocols of the row; without one, those of a new integration. */
export const protocolsOf = (protocols = 'imap smtp'): Protocol[] => words(protocols) as Protocol[]

export function toIntegration(sealer: Sealer, row: SettingsRow | undefined): IntegrationRecord {
  const { appProblem: problem = null, outage = null } = row ?? {}
  const record: IntegrationRecord = {
    active: row?.active ?? false,
    protocols: protocolsOf(row?.protocols),
    clientId: row?.clientId ?? null,
    credential: factsOf(row?.credential),
    nextCredential: factsOf(row?.nextCredential),
    undoUntil: time(row?.undoUntil ?? null),
    cloud: Cloud.safeParse(row?.cloud).data ?? 'global',
    tenant: row?.tenant ?? 'common',
    homeTenant: row?.homeTenant ?? null,
    homeTenantId: homeTenantIdOf({
      homeTenant: row?.homeTenant ?? null,
      homeTenantId: row?.homeTenantId ?? null,
    }),
    verifiedAt: time(row?.verifiedAt ?? null),
    appProblem: problem && {
      ...problem,
      since: new Date(problem.since),
      at: new Date(problem.at),
    },
    outage: outage && {
      since: new Date(outage.since),
      at: new Date(outage.at),
      facts: outage.facts,
      announced: outage.announced === true,
    },
    version: row?.version ?? 0,
    deploymentId: row?.deploymentId ?? null,
    isIntact: async () =>
      (await openSealed(sealer, row?.credentialSealed, record.credential, record)) !== null,
  }
  return record
}

/** Returns what a row says about a credential. A number that is no time is left out, so that the settings can be repaired. */
const factsOf = (stored: SettingsRow['credential'] = null): CredentialFacts | null => {
  if (!stored) return null
  const expiresAt = new Date(stored.expiresAt ?? Number.NaN)
  return { ...stored, expiresAt: Number.isNaN(expiresAt.getTime()) ? null : expiresAt }
}

/** Converts a credential's facts to the JSON that is stored beside it, without the secret. */
export const toFacts = ({
  type,
  hint,
  certificate,
  expiresAt,
  lifetimeDays,
}: CredentialFacts): NonNullable<SettingsRow['credential']> => ({
  type,
  hint,
  certificate,
  expiresAt: expiresAt?.getTime() ?? null,
  lifetimeDays,
})
