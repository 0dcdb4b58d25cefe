/** The single integration row: the switch, the app registration, its current and its next credential. */
import { and, eq, inArray, isNotNull, isNull, lte, notExists, type SQL, sql } from 'drizzle-orm'
import type { SQLiteUpdateSetSource } from 'drizzle-orm/sqlite-core'
import { consoleSessions } from '../../schema/d1/operating-tables.ts'
import { grants, grantTokens, integrations } from '../../schema/d1/tables.ts'
import type { EventRecord } from '../model/event.ts'
import type {
  AppProblem,
  AppRegistration,
  IntegrationChange,
  IntegrationRecord,
  IntegrationWithCredentials,
  Outage,
  StoredCredential,
} from '../model/integration.ts'
import { SealBroken } from '../model/storage.ts'
import type { Database } from './database.ts'
import { insertEventForEach, insertEventIfChanged, writeWithEvent } from './events.ts'
import { isFromOtherApp } from './grants.ts'
import type { Sealer } from './seal.ts'
import {
  factsOf,
  INTEGRATION_ID,
  sealCredential,
  settingsColumn,
  settingsColumns,
  toIntegration,
  toSettings,
} from './settings.ts'

const { appProblem, outage } = integrations
const { person } = consoleSessions

/** Returns the condition for grants of another app than these settings, if they were saved as this version. */
const orphanedAt = (version: number, { clientId, cloud }: IntegrationChange) =>
  sql`${isFromOtherApp(clientId, cloud)} AND EXISTS (SELECT 1 FROM ${integrations}
      WHERE ${integrations.id} = ${INTEGRATION_ID} AND ${integrations.version} = ${version})`

/** Returns the condition for people's sessions from another app or tenant, if the settings were saved as this version. */
const ofAnotherApp = ({ clientId, cloud, homeTenantId }: IntegrationChange, version: number) =>
  and(
    // Sessions of people have no key. With this condition, SQLite searches the column's index.
    isNull(consoleSessions.keyId),
    sql`(${person} ->> 'clientId' <> ${clientId} OR ${person} ->> 'cloud' <> ${cloud}
      OR ${person} ->> 'tenantId' IS NOT ${homeTenantId})`,
    sql`EXISTS (SELECT 1 FROM ${integrations}
      WHERE ${integrations.id} = ${INTEGRATION_ID} AND ${integrations.version} = ${version})`,
  )

export function createIntegrationStore(db: Database, sealer: Sealer) {
  const only = eq(integrations.id, INTEGRATION_ID)
  const isAt = (version: number) => eq(integrations.version, version)
  const update = (
    values: SQLiteUpdateSetSource<typeof integrations>,
    ...conditions: (SQL | undefined)[]
  ) =>
    db
      .update(integrations)
      .set(values)
      .where(and(only, ...conditions))
  const readAll = async () => {
    const [found] = await db.select({ settings: settingsColumn }).from(sql`(SELECT 1)`)
    return found?.settings ?? null
  }

  return {
    /** Reads the settings with both credentials, and the keys that sign for a federated one. */
    readWithCredentials: async (): Promise<IntegrationWithCredentials> =>
      toSettings(sealer, await readAll()),

    async read(): Promise<IntegrationRecord> {
      const [row] = await db.select(settingsColumns).from(integrations).where(only)
      return toIntegration(sealer, row)
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
      await writeWithEvent(
        db,
        db
          .insert(integrations)
          .values({ id: INTEGRATION_ID, active })
          .onConflictDoUpdate({
            target: integrations.id,
            // While the integration is off, nothing calls Microsoft, so nothing would end the outage.
            set: { active, outage: null },
            setWhere: sql`${integrations.active} <> excluded.active`,
          }),
        event,
      )
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
        protocols: change.protocols,
        ...(!change.keepsVerification && { verifiedAt: null }),
        // Sealed again in any case, since it vouches for the settings.
        ...(await currentColumns(sealer, change.credential, change)),
        ...(change.newInCredential && { credentialWarnedDays: null }),
        ...(change.newInCredential === 'all' && { appProblem: null }),
        ...(change.dropNext && noNext),
        version: version + 1,
      }
      const unchanged = eq(integrations.version, version)
      const ofOtherApp = isFromOtherApp(change.clientId, change.cloud)
      const orphans = and(isNotNull(grants.savedAt), ofOtherApp)
      const isOrphaned = orphanedAt(version + 1, change)
      const noneOrphaned = notExists(db.select({ id: grants.id }).from(grants).where(orphans))
      return writeWithEvent(
        db,
        db
          .insert(integrations)
          .values({ id: INTEGRATION_ID, ...values })
          .onConflictDoUpdate({
            target: integrations.id,
            set: {
              // Another cloud has another login host, which the outage does not concern.
              outage: sql`iif(${integrations.cloud} = excluded.cloud, ${outage}, NULL)`,
              ...values,
            },
            setWhere: change.keepGrants ? sql`${unchanged} AND ${noneOrphaned}` : unchanged,
          }),
        event,
        insertEventForEach(
          db,
          { ...orphaned.event, subject: null },
          sql`SELECT ${grants.id} AS subject, ${grants.customer} AS customer,
                json_object('signed_in_as', ${grants.signedInAs}) AS facts FROM ${grants}
              WHERE ${grants.savedAt} IS NOT NULL AND ${isOrphaned}`,
        ),
        // First, since the tokens' states decide which grants are orphaned.
        db
          .update(grants)
          .set({ version: sql`${grants.version} + 1` })
          .where(isOrphaned),
        db
          .update(grantTokens)
          .set({
            state: 'reconnect_required',
            problemCode: 'reconnect_required',
            problemDetail: orphaned.detail,
            problemFacts: null,
            problemSince: orphaned.event.at,
            retryAt: null,
          })
          .where(
            inArray(
              grantTokens.grantId,
              db.select({ id: grants.id }).from(grants).where(isOrphaned),
            ),
          ),
        db.delete(consoleSessions).where(ofAnotherApp(change, version + 1)),
      )
    },

    /**
     * Opens a problem with one event, in place of any other, or records that it goes on. `version`: of the settings
     * that were refused. Nothing changes if they were saved since.
     */
    async openAppProblem(version: number, problem: AppProblem, event: EventRecord): Promise<void> {
      const isOpen = sql`${appProblem} ->> 'code' IS ${problem.code}`
      const everywhere = problem.ofOwnTenant ? sql`` : sql`, '$.ofOwnTenant', json('false')`
      await db.batch([
        update({ appProblem: problem, verifiedAt: null }, isAt(version), sql`NOT ${isOpen}`),
        insertEventIfChanged(db, event),
        update(
          { appProblem: sql`json_set(${appProblem}, '$.at', ${problem.at}${everywhere})` },
          isAt(version),
          isOpen,
        ),
      ])
    },

    /** Closes this problem, with an event, unless another one is open or the settings were saved after `version`. */
    async closeAppProblem(
      version: number,
      { code, since }: AppProblem,
      event: EventRecord,
    ): Promise<void> {
      await writeWithEvent(
        db,
        update(
          { appProblem: null },
          isAt(version),
          sql`${appProblem} ->> 'code' = ${code} AND ${appProblem} ->> 'since' = ${since}`,
        ),
        event,
      )
    },

    /**
     * Begins, continues, announces or ends (null) the outage, with the event if there is one. Changes nothing if another
     * request has begun, announced or ended it since it was read, or has continued it where this one does.
     */
    async changeOutage(
      before: Outage | null,
      after: Outage | null,
      event: EventRecord | null,
    ): Promise<void> {
      const { since = null, at = null } = before ?? {}
      const changed = update(
        { outage: after },
        sql`${outage} ->> 'since' IS ${since}`,
        sql`${outage} ->> 'announced' IS ${before && Number(before.announced)}`,
        after ? sql`${outage} ->> 'at' IS ${at}` : undefined,
      )
      await writeWithEvent(db, changed, event)
    },

    /** Stores the GUID of the home tenant's domain, unless the settings are no longer intact or at `version`. */
    async recordHomeTenant(version: number, homeTenantId: string): Promise<void> {
      const { integration, openCredential } = toSettings(sealer, await readAll())
      const credential = await openCredential('current')
      if (!credential || integration.version !== version) return
      const change = { ...integration, homeTenantId }
      const columns = await currentColumns(sealer, credential, change)
      await update({ homeTenantId, ...columns }, isAt(version))
    },

    /** Records a successful verification, unless the settings were saved after `version`. */
    async markVerified(version: number, at: Date): Promise<void> {
      await update({ verifiedAt: at }, isAt(version))
    },

    async setNextCredential(credential: StoredCredential, event: EventRecord): Promise<void> {
      const values = await nextColumns(sealer, credential)
      await writeWithEvent(
        db,
        db
          .insert(integrations)
          .values({ id: INTEGRATION_ID, ...values })
          .onConflictDoUpdate({ target: integrations.id, set: values }),
        event,
      )
    },

    /**
     * Removes the next credential, with the event. `replacedUntil`: only a replaced one that can be put back until then
     * at most. Returns false if there was none to remove.
     */
    async removeNextCredential(event: EventRecord, replacedUntil?: Date): Promise<boolean> {
      return writeWithEvent(
        db,
        update(
          noNext,
          replacedUntil
            ? lte(integrations.undoUntil, replacedUntil)
            : isNotNull(integrations.nextCredential),
        ),
        event,
      )
    },

    /**
     * Makes the next credential the current one, in one step, and the current one the next. `undoUntil`: end of the
     * time in which that can be undone, null to keep the replaced one for good, undefined to delete it. Returns null
     * when there is no next credential, and false when it is not the one in `before` any more, or the settings are no
     * longer intact or at its version. Throws KeyMissing, or SealBroken if the next credential is damaged.
     */
    async promoteNextCredential(
      before: Pick<IntegrationRecord, 'version' | 'nextCredential'>,
      undoUntil: Date | null | undefined,
      event: EventRecord,
    ): Promise<boolean | null> {
      const stored = await readAll()
      const { integration, openCredential } = toSettings(sealer, stored)
      const { nextCredential } = integration
      if (!nextCredential) return null
      const { type, hint } = nextCredential
      if (type !== before.nextCredential?.type || hint !== before.nextCredential.hint) return false
      const current = await openCredential('current')
      // The next credential must not vouch for settings that the current one does not vouch for.
      if (!current) return false
      const next = await openCredential('next')
      if (!next) throw new SealBroken('the next credential is damaged')
      const set = {
        ...(await currentColumns(sealer, next, integration)),
        // A console sign-in may have stored another one meanwhile, but the seal contains the one that was read.
        homeTenantId: integration.homeTenantId,
        ...(undoUntil === undefined ? noNext : await nextColumns(sealer, current, undoUntil)),
        credentialWarnedDays: null,
        appProblem: null,
        verifiedAt: null,
        version: before.version + 1,
      }
      return writeWithEvent(
        db,
        update(
          set,
          isAt(before.version),
          sql`${integrations.nextCredentialSealed} IS ${stored?.row.nextCredentialSealed ?? null}`,
        ),
        event,
      )
    },
  }
}

/** Returns the columns of the current credential, which vouches for this app registration. */
const currentColumns = async (
  sealer: Sealer,
  credential: StoredCredential,
  app: AppRegistration,
) => ({
  credential: factsOf(credential),
  credentialSealed: await sealCredential(sealer, credential, app),
})

/** Returns the columns of a new next credential. `undoUntil`: set for one that was replaced. */
const nextColumns = async (
  sealer: Sealer,
  credential: StoredCredential,
  undoUntil: Date | null = null,
) => ({
  nextCredential: factsOf(credential),
  nextCredentialSealed: await sealCredential(sealer, credential, null),
  undoUntil,
})

/** Columns without a next credential. */
const noNext = { nextCredential: null, nextCredentialSealed: null, undoUntil: null }
