/** Results of validations. Saving one, its event and the account's `last_validation` is one batch. */
import { and, desc, eq, gte, isNull, lte, ne, or } from 'drizzle-orm'
import { mailAccounts, validations } from '../../schema/d1/tables.ts'
import type { Diagnosis } from '../../schema/diagnosis.ts'
import type { FailureFacts } from '../../schema/failure.ts'
import type { Protocol, Security } from '../../schema/mail-servers.ts'
import type { Outcome, ProbeFailure, Step } from '../../schema/probe.ts'
import type { ProblemCode } from '../../schema/problem.ts'
import type { Database } from './database.ts'
import { type EventRecord, insertEvent } from './events.ts'
import { type MaybeLimit, validationWithin } from './limits.ts'
import type { LastValidation } from './mail-accounts.ts'

/** The facts behind a validation that did not pass, and who found them: what a diagnosis weighs. */
export type ValidationFailure =
  | { from: 'checker'; probe: ProbeFailure }
  | { from: 'token'; code: ProblemCode; facts: FailureFacts | null }
  | { from: 'worker'; checker: string; status: number | null }

export type ValidationRecord = {
  id: string
  /** The account that it was made for, if any. */
  mailAccountId: string | null
  /** Null for a password. */
  grantId: string | null
  /** Stands for the values that were tried; see domain/mail-accounts/fingerprint.ts. */
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
  diagnosis: Diagnosis | null
  durationMs: number
  checkedAt: Date
}

export type LoginValues = Pick<
  ValidationRecord,
  'fingerprint' | 'mailAccountId' | 'grantId' | 'protocol' | 'host'
>

export type LoginHistory = {
  /** One login of these values passed, as far back as results are kept. */
  workedBefore: boolean
  /** The last result of the other mail protocol with the same grant. */
  otherProtocol: 'passed' | 'failed' | null
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

    async read(id: string, limit: MaybeLimit = null): Promise<ValidationRecord | null> {
      const [row] = await db
        .select()
        .from(validations)
        .where(and(eq(validations.id, id), validationWithin(limit)))
      return row ? toRecord(row) : null
    },

    /** What earlier logins say about one that failed: the other protocol's, and these values' own. */
    async history(login: LoginValues): Promise<LoginHistory> {
      const { fingerprint, mailAccountId, grantId, protocol, host } = login
      const own = or(
        eq(validations.fingerprint, fingerprint),
        mailAccountId === null
          ? undefined
          : and(
              eq(validations.mailAccountId, mailAccountId),
              eq(validations.protocol, protocol),
              eq(validations.host, host),
            ),
      )
      const [[passed], [other]] = await Promise.all([
        db
          .select({ id: validations.id })
          .from(validations)
          .where(and(own, eq(validations.outcome, 'passed')))
          .limit(1),
        grantId === null
          ? []
          : db
              .select({ outcome: validations.outcome })
              .from(validations)
              .where(
                and(
                  eq(validations.grantId, grantId),
                  ne(validations.protocol, protocol),
                  ne(validations.outcome, 'inconclusive'),
                ),
              )
              .orderBy(desc(validations.checkedAt))
              .limit(1),
      ])
      return {
        workedBefore: passed !== undefined,
        otherProtocol: other ? (other.outcome as 'passed' | 'failed') : null,
      }
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
      return row ? { id: row.id, outcome: row.outcome, checkedAt: new Date(row.checkedAt) } : null
    },
  }
}

const toRecord = (row: typeof validations.$inferSelect): ValidationRecord => ({
  ...row,
  failure: row.failure as ValidationFailure | null,
  checkedAt: new Date(row.checkedAt),
})
