/** The single integration row: the switch, the app registration, its current and its next credential. */
import { and, eq, isNotNull, isNull, ne, notExists, or, sql } from 'drizzle-orm'
import type { WhichCredential } from '../../schema/credential.ts'
import { consoleSessions } from '../../schema/d1/operating-tables.ts'
import { grants, integrations } from '../../schema/d1/tables.ts'
import type { EventRecord } from '../model/event.ts'
import type {
  CredentialFacts,
  CredentialRejected,
  IntegrationChange,
  IntegrationRecord,
  IntegrationWithCredentials,
  StoredCredential,
} from '../model/integration.ts'
import { type Database, once } from './database.ts'
import { insertEventForEach, insertEventIfChanged } from './events.ts'
import { isFromOtherApp } from './grants.ts'
import type { Sealer } from './seal.ts'
import {
  credentialContext,
  INTEGRATION_ID,
  selectSettings,
  toIntegration,
  toSettings,
} from './settings.ts'

/** Refusals of the app that are compared, the latest ones: thousands may come within minutes. */
const RECENT_REFUSALS = 100

/** Returns the condition for grants of another app than these settings, if they were saved as this version. */
const orphanedAt = (version: number, { clientId, cloud }: IntegrationChange) =>
  sql`${isFromOtherApp(clientId, cloud)} AND EXISTS (SELECT 1 FROM ${integrations}
      WHERE ${integrations.id} = ${INTEGRATION_ID} AND ${integrations.version} = ${version})`

/** Returns the condition for people's sessions from another app or tenant, if the settings were saved as this version. */
const ofAnotherApp = ({ clientId, cloud, homeTenantId }: IntegrationChange, version: number) =>
  and(
    // People have none: makes its index the one to search.
    eq(consoleSessions.keyId, ''),
    or(
      ne(consoleSessions.clientId, clientId),
      ne(consoleSessions.cloud, cloud),
      sql`${consoleSessions.tenantId} IS NOT ${homeTenantId}`,
    ),
    sql`EXISTS (SELECT 1 FROM ${integrations}
      WHERE ${integrations.id} = ${INTEGRATION_ID} AND ${integrations.version} = ${version})`,
  )

export function createIntegrationStore(db: Database, sealer: Sealer) {
  const only = eq(integrations.id, INTEGRATION_ID)
  const select = once(() => db.select().from(integrations).where(only).prepare())
  const selectAll = once(() => selectSettings(db).prepare())

  return {
    /** Reads the settings with both credentials, and the keys that sign for a federated one. */
    readWithCredentials: async (): Promise<IntegrationWithCredentials> =>
      toSettings(sealer, await selectAll().all()),

    async read(): Promise<IntegrationRecord> {
      const [row] = await select().all()
      return toIntegration(row)
    },

    /** Stores the id of the deployment unless it has one. Returns the stored one. */
    async claimDeploymentId(id: string): Promise<string> {
      const [row] = await db
        .insert(integrations)
        .values({ id: INTEGRATION_ID, deploymentId: id })
        .onConflictDoUpdate({
          target: integrations.id,
          set: {
            deploymentId: sql`coalesce(${integrations.deploymentId}, excluded.deployment_id)`,
          },
        })
        .returning({ deploymentId: integrations.deploymentId })
      return row?.deploymentId ?? id
    },

    /** Sets the switch. Idempotent: writes the event only if that changed it. */
    async setActive(active: boolean, event: EventRecord): Promise<void> {
      await db.batch([
        db
          .insert(integrations)
          .values({ id: INTEGRATION_ID, active })
          .onConflictDoUpdate({
            target: integrations.id,
            set: { active },
            setWhere: sql`${integrations.active} <> excluded.active`,
          }),
        insertEventIfChanged(db, event),
      ])
    },

    /**
     * Replaces the settings if they are still at `version`. Grants of another app then require a new
     * sign-in, and the event of `orphaned` is written for each saved one; sessions of people who signed in with
     * another app or tenant end. Returns false, with nothing changed, on a version conflict, or if `keepGrants`
     * is set and there is such a grant.
     */
    async save(
      change: IntegrationChange,
      version: number,
      orphaned: { detail: string; event: Omit<EventRecord, 'id' | 'subject'> },
      event: EventRecord,
    ): Promise<boolean> {
      const values = {
        clientId: change.clientId,
        cloud: change.cloud,
        tenant: change.tenant,
        homeTenant: change.homeTenant,
        homeTenantId: change.homeTenantId,
        verifiedAt: null,
        ...(change.credential && (await currentColumns(sealer, change.credential))),
        ...(change.secretExpiresAt && {
          credentialExpiresAt: change.secretExpiresAt.getTime(),
          credentialWarnedDays: null,
        }),
        ...(change.dropNext && noNext),
        // Whether the changed app is refused as well shows the next refresh.
        ...notRefused,
        version: version + 1,
      }
      const unchanged = eq(integrations.version, version)
      const ofOtherApp = isFromOtherApp(change.clientId, change.cloud)
      const orphans = and(isNotNull(grants.savedAt), ofOtherApp)
      const isOrphaned = orphanedAt(version + 1, change)
      const noneOrphaned = notExists(db.select({ id: grants.id }).from(grants).where(orphans))
      const [saved] = await db.batch([
        db
          .insert(integrations)
          .values({ id: INTEGRATION_ID, ...values })
          .onConflictDoUpdate({
            target: integrations.id,
            set: values,
            setWhere: change.keepGrants ? sql`${unchanged} AND ${noneOrphaned}` : unchanged,
          })
          .returning({ id: integrations.id }),
        insertEventIfChanged(db, event),
        insertEventForEach(
          db,
          { ...orphaned.event, subject: null },
          sql`SELECT ${grants.id} AS subject,
                json_object('signed_in_as', ${grants.signedInAs}) AS facts FROM ${grants}
              WHERE ${grants.savedAt} IS NOT NULL AND ${isOrphaned}`,
        ),
        db
          .update(grants)
          .set({
            state: 'reconnect_required',
            problemCode: 'reconnect_required',
            problemDetail: orphaned.detail,
            problemFacts: null,
            problemSince: orphaned.event.at.getTime(),
            retryAt: null,
            version: sql`${grants.version} + 1`,
          })
          .where(isOrphaned),
        db.delete(consoleSessions).where(ofAnotherApp(change, version + 1)),
      ])
      return saved.length === 1
    },

    /**
     * Records that Entra refuses the credential, with one event for each change of state. Leaves settings
     * alone that were saved after `version`: their credential is not the one that was refused.
     */
    async markCredentialRejected(
      version: number,
      { code, at, detail, facts }: CredentialRejected,
      event: EventRecord,
    ): Promise<void> {
      const same = and(only, eq(integrations.version, version))
      const codeColumn = code === 'credential_rejected' ? null : code
      const isNew = sql`(${integrations.credentialRejectedAt} IS NULL OR ${integrations.credentialRejectedCode} IS NOT ${codeColumn})`
      await db.batch([
        db
          .update(integrations)
          .set({
            credentialRejectedAt: at.getTime(),
            credentialRejectedDetail: detail,
            credentialRejectedCode: codeColumn,
            credentialRejectedFacts: facts,
            verifiedAt: null,
          })
          .where(and(same, isNew)),
        insertEventIfChanged(db, event),
        db.update(integrations).set({ credentialRejectedAt: at.getTime() }).where(same),
      ])
    },

    /** Stores the GUID of the home tenant's domain, unless the settings were saved after `version`. */
    async recordHomeTenant(version: number, homeTenantId: string): Promise<void> {
      await db
        .update(integrations)
        .set({ homeTenantId })
        .where(and(only, eq(integrations.version, version)))
    },

    /** Records a successful verification, unless the settings were saved after `version`. */
    async markVerified(version: number, at: Date): Promise<void> {
      await db
        .update(integrations)
        .set({ verifiedAt: at.getTime() })
        .where(and(only, eq(integrations.version, version)))
    },

    /** Clears a refusal, unless the settings were saved after `version`, for the same reason. */
    async markCredentialAccepted(version: number, event: EventRecord): Promise<void> {
      await db.batch([
        db
          .update(integrations)
          .set({
            credentialRejectedAt: null,
            credentialRejectedDetail: null,
            credentialRejectedCode: null,
            credentialRejectedFacts: null,
          })
          .where(
            and(
              only,
              eq(integrations.version, version),
              isNotNull(integrations.credentialRejectedAt),
            ),
          ),
        insertEventIfChanged(db, event),
      ])
    },

    /**
     * Records that a grant was refused for a fault of the app. Opens the problem, with one event, once
     * `grants` of them were refused for this cause since then; those blocked earlier do not count.
     * `manyTenants`: the app serves more than one, so these must come from two tenants, unless none works
     * elsewhere. Returns whether the problem is open.
     */
    async markAppRefused(
      grant: { id: string; version: number; tenantId: string },
      cause: string,
      {
        at,
        since,
        grants: several,
        manyTenants,
      }: { at: Date; since: Date; grants: number; manyTenants: boolean },
      detail: string,
      event: EventRecord,
    ): Promise<boolean> {
      const recent = sql`(SELECT ${grants.tenantId} FROM ${grants}
        WHERE ${grants.appRefusal} = ${cause} AND ${grants.failedAt} >= ${since.getTime()}
          AND (${grants.state} <> 'blocked' OR ${grants.problemSince} >= ${since.getTime()})
        ORDER BY ${grants.failedAt} DESC LIMIT ${RECENT_REFUSALS})`
      // The state must not choose the index: almost all grants are active.
      const worksElsewhere = sql`EXISTS (SELECT 1 FROM ${grants}
        WHERE (${grants.tenantId} < ${grant.tenantId} OR ${grants.tenantId} > ${grant.tenantId})
          AND +${grants.savedAt} IS NOT NULL AND +${grants.state} = 'active')`
      const isSeveral = sql`(SELECT count(*) FROM ${recent}) >= ${several}`
      const isGeneral = sql`((SELECT count(DISTINCT tenant_id) FROM ${recent}) > 1 OR NOT ${worksElsewhere})`
      const [, , , open] = await db.batch([
        db
          .update(grants)
          .set({ appRefusal: cause, failedAt: at.getTime() })
          .where(and(eq(grants.id, grant.id), eq(grants.version, grant.version))),
        db
          .update(integrations)
          .set({ appRefusedSince: at.getTime(), appRefusedDetail: detail })
          .where(
            and(
              only,
              isNull(integrations.appRefusedSince),
              isSeveral,
              manyTenants ? isGeneral : undefined,
            ),
          ),
        insertEventIfChanged(db, event),
        db
          .update(integrations)
          .set({ appRefusedAt: at.getTime() })
          .where(and(only, isNotNull(integrations.appRefusedSince)))
          .returning({ id: integrations.id }),
      ])
      return open.length === 1
    },

    /** Closes the problem of a refused app. Does nothing while there is none. */
    async markAppAccepted(event: EventRecord): Promise<void> {
      await db.batch([
        db
          .update(integrations)
          .set(notRefused)
          .where(and(only, isNotNull(integrations.appRefusedSince))),
        insertEventIfChanged(db, event),
      ])
    },

    async setNextCredential(credential: StoredCredential, event: EventRecord): Promise<void> {
      const values = await nextColumns(sealer, credential)
      await db.batch([
        db
          .insert(integrations)
          .values({ id: INTEGRATION_ID, ...values })
          .onConflictDoUpdate({ target: integrations.id, set: values }),
        insertEventIfChanged(db, event),
      ])
    },

    /** Records a successful trial of the next credential, unless it was replaced since. */
    async markNextCredentialTried({ type, hint }: CredentialFacts, at: Date): Promise<void> {
      await db
        .update(integrations)
        .set({ nextCredentialTriedAt: at.getTime() })
        .where(
          and(
            only,
            eq(integrations.nextCredentialType, type),
            eq(integrations.nextCredentialHint, hint),
          ),
        )
    },

    /** Removes the next credential. Idempotent: writes the event only if there was one. */
    async removeNextCredential(event: EventRecord): Promise<void> {
      await db.batch([
        db
          .update(integrations)
          .set(noNext)
          .where(
            and(
              only,
              or(
                isNotNull(integrations.nextCredentialSealed),
                eq(integrations.nextCredentialType, 'federated'),
              ),
            ),
          ),
        insertEventIfChanged(db, event),
      ])
    },

    /**
     * Makes the next credential the current one, in one step. Returns null when there is none, and false
     * when it was changed in the meantime, or the settings are no longer at `version`.
     */
    async promoteNextCredential(version: number, event: EventRecord): Promise<boolean | null> {
      const [row] = await db.select().from(integrations).where(only)
      const { nextCredential } = toIntegration(row)
      const sealed = row?.nextCredentialSealed ?? null
      if (!nextCredential) return null
      const set = {
        ...(await currentColumns(sealer, await openNext(sealer, nextCredential, sealed))),
        ...noNext,
        version: version + 1,
      }
      const [promoted] = await db.batch([
        db
          .update(integrations)
          .set(set)
          .where(
            and(
              only,
              eq(integrations.version, version),
              eq(integrations.nextCredentialType, nextCredential.type),
              eq(integrations.nextCredentialHint, nextCredential.hint),
              sql`${integrations.nextCredentialSealed} IS ${sealed}`,
            ),
          )
          .returning({ id: integrations.id }),
        insertEventIfChanged(db, event),
      ])
      return promoted.length === 1
    },
  }
}

/** Columns without a refusal of the app. */
const notRefused = { appRefusedSince: null, appRefusedAt: null, appRefusedDetail: null }

/** Returns the columns of a new current credential. Clears the warnings and refusals of the old one. */
async function currentColumns(sealer: Sealer, credential: StoredCredential) {
  return {
    credentialType: credential.type,
    credentialSealed: await sealSecret(sealer, credential, 'current'),
    credentialHint: credential.hint,
    credentialCertificate: credential.certificate,
    credentialExpiresAt: credential.expiresAt?.getTime() ?? null,
    credentialLifetimeDays: credential.lifetimeDays,
    credentialGenerated: credential.generated,
    credentialWarnedDays: null,
    credentialRejectedAt: null,
    credentialRejectedDetail: null,
    credentialRejectedCode: null,
    credentialRejectedFacts: null,
    verifiedAt: null,
  }
}

/** Returns the columns of a new next credential. */
const nextColumns = async (sealer: Sealer, credential: StoredCredential) => ({
  nextCredentialType: credential.type,
  nextCredentialSealed: await sealSecret(sealer, credential, 'next'),
  nextCredentialHint: credential.hint,
  nextCredentialCertificate: credential.certificate,
  nextCredentialExpiresAt: credential.expiresAt?.getTime() ?? null,
  nextCredentialLifetimeDays: credential.lifetimeDays,
  nextCredentialGenerated: credential.generated,
  nextCredentialTriedAt: null,
})

const sealSecret = async (
  sealer: Sealer,
  { secret }: StoredCredential,
  which: WhichCredential,
): Promise<string | null> =>
  secret === null ? null : sealer.seal(secret, credentialContext(which))

/** Returns the next credential in clear. Throws KeyMissing or SealBroken. */
async function openNext(
  sealer: Sealer,
  facts: CredentialFacts,
  sealed: string | null,
): Promise<StoredCredential> {
  const { type } = facts
  return type === 'federated'
    ? { ...facts, type, secret: null }
    : { ...facts, type, secret: await sealer.open(sealed ?? '', credentialContext('next')) }
}

/** Columns without a next credential. */
const noNext = {
  nextCredentialType: null,
  nextCredentialSealed: null,
  nextCredentialHint: null,
  nextCredentialCertificate: null,
  nextCredentialExpiresAt: null,
  nextCredentialLifetimeDays: null,
  nextCredentialGenerated: false,
  nextCredentialTriedAt: null,
}
