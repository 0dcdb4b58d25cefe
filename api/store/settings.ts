/**
 * The settings with the credentials that authenticate the app to Entra, and the statement that reads them. A refresh
 * runs it in the batch that leases its token: they are of the same moment, and take no round trip of their own.
 */
import { asc, eq, or, sql } from 'drizzle-orm'
import type { WhichCredential } from '../../schema/credential.ts'
import { integrations, signingKeys } from '../../schema/d1/tables.ts'
import { isGuid } from '../../schema/integration.ts'
import type {
  CredentialFacts,
  IntegrationRecord,
  IntegrationWithCredentials,
} from '../model/integration.ts'
import { type Database, time } from './database.ts'
import type { Sealer } from './seal.ts'
import { toSigner } from './signing-keys.ts'

export const INTEGRATION_ID = 'microsoft'

export const credentialContext = (which: WhichCredential) => ({
  table: 'integrations',
  row: INTEGRATION_ID,
  column: which === 'current' ? 'credential' : 'next_credential',
})

/** Returns the statement that reads the settings, with the keys that sign for a federated credential. */
export const selectSettings = (db: Database) =>
  db
    .select({
      row: integrations,
      // Under a name of its own: in a batch D1 returns one of two columns with the same name.
      signerId: sql<string>`${signingKeys.id}`.as('signer_id'),
      privateKeySealed: signingKeys.privateKeySealed,
      signsFrom: signingKeys.signsFrom,
    })
    .from(integrations)
    .leftJoin(
      signingKeys,
      or(
        eq(integrations.credentialType, 'federated'),
        eq(integrations.nextCredentialType, 'federated'),
      ),
    )
    .where(eq(integrations.id, INTEGRATION_ID))
    .orderBy(asc(signingKeys.signsFrom))

type SettingsRow = Awaited<ReturnType<typeof selectSettings>>[number]

/** Returns what `selectSettings` has read. */
export function toSettings(
  sealer: Sealer,
  rows: readonly SettingsRow[],
): IntegrationWithCredentials {
  const row = rows[0]?.row
  const integration = toIntegration(row)
  return {
    integration,
    openCredential: async (which) => {
      const facts = which === 'current' ? integration.credential : integration.nextCredential
      const sealed = which === 'current' ? row?.credentialSealed : row?.nextCredentialSealed
      if (facts?.type === 'federated') return { ...facts, type: facts.type, secret: null }
      if (!facts || !sealed) return null
      const { type } = facts
      const secret = await sealer.openIfIntact(sealed, credentialContext(which))
      return secret === null ? null : { ...facts, type, secret }
    },
    signers: rows.flatMap(({ signerId: id, privateKeySealed, signsFrom }) =>
      privateKeySealed === null || signsFrom === null
        ? []
        : [toSigner(sealer, { id, privateKeySealed, signsFrom })],
    ),
  }
}

export function toIntegration(
  row: typeof integrations.$inferSelect | undefined,
): IntegrationRecord {
  const problem = row?.appProblem ?? null
  return {
    active: row?.active ?? false,
    clientId: row?.clientId ?? null,
    credential: isStored(row?.credentialType, row?.credentialSealed)
      ? factsOf({
          type: row?.credentialType ?? null,
          hint: row?.credentialHint ?? null,
          certificate: row?.credentialCertificate ?? null,
          expiresAt: row?.credentialExpiresAt ?? null,
          lifetimeDays: row?.credentialLifetimeDays ?? null,
          generated: row?.credentialGenerated ?? false,
        })
      : null,
    nextCredential: isStored(row?.nextCredentialType, row?.nextCredentialSealed)
      ? factsOf({
          type: row?.nextCredentialType ?? null,
          hint: row?.nextCredentialHint ?? null,
          certificate: row?.nextCredentialCertificate ?? null,
          expiresAt: row?.nextCredentialExpiresAt ?? null,
          lifetimeDays: row?.nextCredentialLifetimeDays ?? null,
          generated: row?.nextCredentialGenerated ?? false,
        })
      : null,
    undoUntil: time(row?.nextCredentialUndoUntil ?? null),
    cloud: row?.cloud ?? 'global',
    tenant: row?.tenant ?? 'common',
    homeTenant: row?.homeTenant ?? null,
    homeTenantId: isGuid(row?.homeTenant) ? row.homeTenant : (row?.homeTenantId ?? null),
    verifiedAt: time(row?.verifiedAt ?? null),
    appProblem: problem && {
      ...problem,
      since: new Date(problem.since),
      at: new Date(problem.at),
    },
    version: row?.version ?? 0,
    deploymentId: row?.deploymentId ?? null,
  }
}

/** Returns true if the columns hold a credential. Only a federated one has nothing sealed. */
const isStored = (type: CredentialFacts['type'] | null = null, sealed: string | null = null) =>
  type === 'federated' || sealed !== null

/** Reads a row with a credential. */
const factsOf = (row: {
  type: CredentialFacts['type'] | null
  hint: string | null
  certificate: string | null
  expiresAt: number | null
  lifetimeDays: number | null
  generated: boolean
}): CredentialFacts => ({
  type: row.type ?? 'client_secret',
  hint: row.hint ?? '',
  certificate: row.certificate,
  expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt),
  lifetimeDays: row.lifetimeDays,
  generated: row.generated,
})
