/** The app's credentials: the current one, and the next one that may replace it. */
import { and, eq, isNotNull } from 'drizzle-orm'
import type { WhichCredential } from '../../schema/credential.ts'
import { integrations } from '../../schema/d1/tables.ts'
import type { EventRecord } from '../model/event.ts'
import type { CredentialFacts, StoredCredential } from '../model/integration.ts'
import type { Database } from './database.ts'
import { insertEventIfChanged } from './events.ts'
import type { Sealer } from './seal.ts'

const ID = 'microsoft'
export const credentialContext = (which: WhichCredential) => ({
  table: 'integrations',
  row: ID,
  column: which === 'current' ? 'credential' : 'next_credential',
})

const columns = {
  current: {
    type: integrations.credentialType,
    sealed: integrations.credentialSealed,
    hint: integrations.credentialHint,
    certificate: integrations.credentialCertificate,
    expiresAt: integrations.credentialExpiresAt,
  },
  next: {
    type: integrations.nextCredentialType,
    sealed: integrations.nextCredentialSealed,
    hint: integrations.nextCredentialHint,
    certificate: integrations.nextCredentialCertificate,
    expiresAt: integrations.nextCredentialExpiresAt,
  },
}

/** Returns the columns of a new current credential. Clears the warnings and refusals of the old one. */
export async function currentColumns(sealer: Sealer, credential: StoredCredential) {
  return {
    credentialType: credential.type,
    credentialSealed: await sealer.seal(credential.secret, credentialContext('current')),
    credentialHint: credential.hint,
    credentialCertificate: credential.certificate,
    credentialExpiresAt: credential.expiresAt?.getTime() ?? null,
    credentialWarnedDays: null,
    credentialRejectedAt: null,
    credentialRejectedDetail: null,
    credentialRejectedFacts: null,
  }
}

/** Columns without a next credential. */
export const noNext = {
  nextCredentialType: null,
  nextCredentialSealed: null,
  nextCredentialHint: null,
  nextCredentialCertificate: null,
  nextCredentialExpiresAt: null,
}

export function createCredentialStore(db: Database, sealer: Sealer) {
  const only = eq(integrations.id, ID)

  async function row(which: WhichCredential) {
    const [found] = await db.select(columns[which]).from(integrations).where(only)
    return found?.sealed ? { ...found, sealed: found.sealed } : null
  }

  async function open(which: WhichCredential, found: NonNullable<Awaited<ReturnType<typeof row>>>) {
    return {
      ...factsOf(found),
      secret: await sealer.open(found.sealed, credentialContext(which)),
    } satisfies StoredCredential
  }

  return {
    async setNext(credential: StoredCredential, event: EventRecord): Promise<void> {
      const values = {
        nextCredentialType: credential.type,
        nextCredentialSealed: await sealer.seal(credential.secret, credentialContext('next')),
        nextCredentialHint: credential.hint,
        nextCredentialCertificate: credential.certificate,
        nextCredentialExpiresAt: credential.expiresAt?.getTime() ?? null,
      }
      await db.batch([
        db
          .insert(integrations)
          .values({ id: ID, ...values })
          .onConflictDoUpdate({ target: integrations.id, set: values }),
        insertEventIfChanged(db, event),
      ])
    },

    /** Removes the next credential. Idempotent: writes the event only if there was one. */
    async removeNext(event: EventRecord): Promise<void> {
      await db.batch([
        db
          .update(integrations)
          .set(noNext)
          .where(and(only, isNotNull(integrations.nextCredentialSealed))),
        insertEventIfChanged(db, event),
      ])
    },

    /**
     * Makes the next credential the current one, in one step. Returns null when there is none, and false
     * when it was changed in the meantime, or the settings are no longer at `version`.
     */
    async promote(version: number, event: EventRecord): Promise<boolean | null> {
      const found = await row('next')
      if (!found) return null
      const set = {
        ...(await currentColumns(sealer, await open('next', found))),
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
              eq(integrations.nextCredentialSealed, found.sealed),
            ),
          )
          .returning({ id: integrations.id }),
        insertEventIfChanged(db, event),
      ])
      return promoted.length === 1
    },
  }
}

/** Reads a row whose sealed column is set. */
export const factsOf = (row: {
  type: string | null
  hint: string | null
  certificate: string | null
  expiresAt: number | null
}): CredentialFacts => ({
  type: row.type === 'certificate' ? 'certificate' : 'client_secret',
  hint: row.hint ?? '',
  certificate: row.certificate,
  expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt),
})
