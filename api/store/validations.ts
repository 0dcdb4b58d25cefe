/** Results of validations. Saving one, its event and the account's `last_validation` is one batch. */
import { and, desc, eq, isNull, lte, ne, or } from 'drizzle-orm'
import { mailAccounts, validations } from '../../schema/d1/tables.ts'
import type { AccessScope } from '../model/access.ts'
import type { EventRecord } from '../model/event.ts'
import type { LoginHistory, LoginValues, ValidationRecord } from '../model/validation.ts'
import { validationWithin } from './access-scope.ts'
import type { Database } from './database.ts'
import { insertEvent } from './events.ts'

export function createValidationStore(db: Database) {
  return {
    /**
     * Stores a result. It becomes the last validation of `account`, if that is still at the version
     * whose values were tried, and has no newer result.
     */
    async add(
      record: ValidationRecord,
      event: EventRecord | null,
      account: { id: string; version: number } | null,
    ): Promise<void> {
      const setLast = ({ id, version }: { id: string; version: number }) =>
        db
          .update(mailAccounts)
          .set({
            lastValidationId: record.id,
            lastValidationOutcome: record.outcome,
            lastValidationAt: record.checkedAt,
          })
          .where(
            and(
              eq(mailAccounts.id, id),
              eq(mailAccounts.version, version),
              or(
                isNull(mailAccounts.lastValidationAt),
                lte(mailAccounts.lastValidationAt, record.checkedAt),
              ),
            ),
          )
      await db.batch([
        db.insert(validations).values(record),
        ...(event ? [insertEvent(db, event)] : []),
        ...(account ? [setLast(account)] : []),
      ])
    },

    async read(id: string, scope: AccessScope): Promise<ValidationRecord | null> {
      const [row] = await db
        .select()
        .from(validations)
        .where(and(eq(validations.id, id), validationWithin(scope)))
      return row ? toValidation(row) : null
    },

    /**
     * Returns whether a stored validation of these values, or of this account with the same protocol and host, has
     * passed, and how the grant's last login with another protocol ended; null if that is unknown.
     */
    async readHistory(login: LoginValues): Promise<LoginHistory> {
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
  }
}

/** Returns the row with the types of the JSON that Mailgrant stores in it. */
export const toValidation = (row: typeof validations.$inferSelect) => row as ValidationRecord
