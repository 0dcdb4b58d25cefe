/**
 * Keys that sign the assertions of the federated credential. All that Mailgrant made are published. The id is the
 * thumbprint of the public key, and the private key is sealed for that id.
 */
import { asc, desc, eq, getTableColumns, isNull, lte, or, sql } from 'drizzle-orm'
import { signingKeys } from '../../schema/d1/tables.ts'
import { hashSecret } from '../hash.ts'
import type { Signer, SigningKey } from '../model/integration.ts'
import { KeyMissing } from '../model/storage.ts'
import { type Database, insertSelect, type Row } from './database.ts'
import type { Sealer } from './seal.ts'

const { privateKeyLabel: _label, privateKeySealed, ...publicColumns } = getTableColumns(signingKeys)

const privateKeyContext = (row: string) => ({ table: 'signing_keys', row, column: 'private_key' })

export function createSigningKeyStore(db: Database, sealer: Sealer) {
  return {
    /** Returns all keys, in the order in which they sign. */
    async list(): Promise<SigningKey[]> {
      return db.select(publicColumns).from(signingKeys).orderBy(asc(signingKeys.signsFrom))
    },

    /**
     * Returns the keys that Mailgrant made, as far as the key ring can open them. Another one, which an attacker may
     * have written into the database, must not be published, since its owner could sign in the app's name.
     */
    async listOwn(): Promise<SigningKey[]> {
      const rows = await db
        .select({ ...publicColumns, privateKeySealed })
        .from(signingKeys)
        .orderBy(asc(signingKeys.signsFrom))
      const own = await Promise.all(rows.map((row) => isOwn(sealer, row)))
      return rows.filter((_, index) => own[index]).map(({ privateKeySealed: _, ...key }) => key)
    },

    /**
     * Returns the key that signs now with its private key (PKCS#8, PEM), which is null if it is damaged. Returns null
     * if none signs yet. Throws KeyMissing.
     */
    async readSigner(now: Date): Promise<{ id: string; privateKey: string | null } | null> {
      const [row] = await db
        .select(signerColumns)
        .from(signingKeys)
        .where(lte(signingKeys.signsFrom, now))
        .orderBy(desc(signingKeys.signsFrom))
        .limit(1)
      if (!row) return null
      const { id, openPrivateKey } = toSigner(sealer, row)
      return { id, privateKey: await openPrivateKey() }
    },

    /**
     * Adds a key, unless another one was added after `newest` was read, so that only one of two runs adds a key.
     * `newest`: when the last key begins to sign; null if there is none.
     */
    async add(
      key: Omit<SigningKey, 'unusedSince'>,
      privateKey: string,
      newest: Date | null,
    ): Promise<void> {
      const sealed = await sealer.seal(privateKey, privateKeyContext(key.id))
      await insertSelect(
        db,
        signingKeys,
        { ...key, privateKeySealed: sealed },
        sql`WHERE (SELECT max(${signingKeys.signsFrom}) FROM ${signingKeys}) IS ${newest}`,
      )
    },

    /** Deletes a key at once. */
    async delete(id: string): Promise<void> {
      await db.delete(signingKeys).where(eq(signingKeys.id, id))
    },

    /** Records that the keys are in use again. */
    async markUsed(): Promise<void> {
      await db.update(signingKeys).set({ unusedSince: null })
    },

    /** Records since when the keys are not in use, unless that is known. */
    async markUnused(since: Date): Promise<void> {
      await db
        .update(signingKeys)
        .set({ unusedSince: since })
        .where(isNull(signingKeys.unusedSince))
    },

    /** Deletes the keys that have not signed since then. Returns their number. */
    async deleteUnused(since: Date): Promise<number> {
      const isReplaced = sql`EXISTS (SELECT 1 FROM ${signingKeys} "newer"
        WHERE "newer"."signs_from" > ${signingKeys.signsFrom} AND "newer"."signs_from" <= ${since})`
      const deleted = await db
        .delete(signingKeys)
        .where(or(lte(signingKeys.unusedSince, since), isReplaced))
        .returning({ id: signingKeys.id })
      return deleted.length
    },
  }
}

const signerColumns = { id: signingKeys.id, privateKeySealed, signsFrom: signingKeys.signsFrom }

export const toSigner = (sealer: Sealer, row: Row<typeof signerColumns>): Signer => ({
  id: row.id,
  signsFrom: row.signsFrom,
  openPrivateKey: () => sealer.openIfIntact(row.privateKeySealed, privateKeyContext(row.id)),
})

type KeyRow = SigningKey & Row<typeof signerColumns>

async function isOwn(sealer: Sealer, row: KeyRow): Promise<boolean> {
  const { n, e } = row.publicKey
  // RFC 7638 section 3: the required members in the order of their names.
  if (hashSecret(JSON.stringify({ e, kty: 'RSA', n })) !== row.id) return false
  try {
    return (await toSigner(sealer, row).openPrivateKey()) !== null
  } catch (error) {
    if (error instanceof KeyMissing) return false
    throw error
  }
}
