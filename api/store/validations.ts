/** Results of validations. Saving one, its event and the account's `last_validation` is one batch. */
import { and, desc, eq, gte, isNull, lte, or } from 'drizzle-orm'
import { mailAccounts, validations } from '../../schema/d1/tables.ts'
import type { Protocol, Security } from '../../schema/mail-servers.ts'
import type { Outcome, ProbeFailure, Step } from '../../schema/probe.ts'
import type { ProblemCode } from '../../schema/problem.ts'
import type { Database } from './database.ts'
import { type EventRecord, insertEvent } from './events.ts'
import type { LastValidation } from './mail-accounts.ts'

/** The facts behind a validation that did not pass, and who found them: what a diagnosis weighs. */
export type ValidationFailure =
  | { from: 'checker'; probe: ProbeFailure }
  | { from: 'token'; code: ProblemCode }
  | { from: 'worker'; checker: string; status: number | null }

export type ValidationRecord = {
  id: string
  /** The account that it was made for, if any. */
  mailAccountId: string | null
  /** Stands for the values that were tried; see domain/fingerprint.ts. */
  fingerprint: string
  outcome: Outcome
  protocol: Protocol
  host: string
  port: number
  security: Security
  mechanism: string | null
  identity: string
  steps: Step[]
  failure: ValidationFailure | null
  warnings: string[]
  durationMs: number
  checkedAt: Date
}

export function createValidationStore(db: Database) {
  return {
    /**
     * With `account`, the result also becomes the last validation of this account, if that is still
     * at the version whose values were tried and no newer result has come.
     */
    async add(
      record: ValidationRecord,
      event: EventRecord,
      account: { id: string; version: number } | null,
    ): Promise<void> {
      const checkedAt = record.checkedAt.getTime()
      const note = (target: { id: string; version: number }) =>
        db
          .update(mailAccounts)
          .set({
            lastValidationId: record.id,
            lastValidationOutcome: record.outcome,
            lastValidationAt: checkedAt,
          })
          .where(
            and(
              eq(mailAccounts.id, target.id),
              eq(mailAccounts.version, target.version),
              or(
                isNull(mailAccounts.lastValidationAt),
                lte(mailAccounts.lastValidationAt, checkedAt),
              ),
            ),
          )
      await db.batch([
        db.insert(validations).values({ ...record, checkedAt }),
        insertEvent(db, event),
        ...(account ? [note(account)] : []),
      ])
    },

    async read(id: string): Promise<ValidationRecord | null> {
      const [row] = await db.select().from(validations).where(eq(validations.id, id))
      return row ? toRecord(row) : null
    },

    /** The newest validation of these values since then. */
    async latest(fingerprint: string, since: Date): Promise<LastValidation | null> {
      const [row] = await db
        .select({
          id: validations.id,
          outcome: validations.outcome,
          checkedAt: validations.checkedAt,
        })
        .from(validations)
        .where(
          and(
            eq(validations.fingerprint, fingerprint),
            gte(validations.checkedAt, since.getTime()),
          ),
        )
        .orderBy(desc(validations.checkedAt))
        .limit(1)
      return row
        ? { id: row.id, outcome: row.outcome as Outcome, checkedAt: new Date(row.checkedAt) }
        : null
    },
  }
}

const toRecord = (row: typeof validations.$inferSelect): ValidationRecord => ({
  ...row,
  outcome: row.outcome as Outcome,
  protocol: row.protocol as Protocol,
  security: row.security as Security,
  steps: row.steps as Step[],
  failure: row.failure as ValidationFailure | null,
  warnings: row.warnings as string[],
  checkedAt: new Date(row.checkedAt),
})
