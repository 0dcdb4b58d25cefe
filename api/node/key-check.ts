/** Compares the encryption keys with what the database holds, before anything is served. */
import { SealBroken } from '../model/storage.ts'
import type { Services } from '../services.ts'
import { StartFailure } from './failures.ts'
import type { EncryptionKeys } from './keys.ts'

/**
 * Ciphertexts that are tried for each key and column. If none of them can be decrypted, the key is wrong. Single
 * ones can be damaged.
 */
const TRIED = 5

/**
 * Returns a warning with the damaged rows of an older key, or null. Throws StartFailure if a key in use is missing, or
 * is another key with the same id. The newest key must decrypt something, since new data would be encrypted with it.
 */
export async function checkKeys(
  { keyRing, sealer }: Services['store'],
  { ring, source }: EncryptionKeys,
): Promise<string | null> {
  const inUse = await keyRing.kidsInUse()
  const missing = inUse.filter((kid) => !ring.some((key) => key.kid === kid))
  if (missing.length > 0) {
    throw new StartFailure(
      `${source} lacks ${named(missing)}, which encrypted stored data. Add it again after the others. No data is lost, but it can't be decrypted without this key.`,
    )
  }
  const unopened: { kid: string; rows: string[] }[] = []
  for (const kid of inUse) {
    const rows = await unopenedRows(kid)
    if (rows.length > 0) unopened.push({ kid, rows })
  }
  const wrong = unopened.filter(({ kid, rows }) => rows.length >= TRIED || kid === ring[0].kid)
  if (wrong.length > 0) {
    throw new StartFailure(
      `In ${source}, ${named(wrong.map(({ kid }) => kid))} can't decrypt data that was encrypted under this ID. The key was probably replaced. Restore the original. If it is the original, this data is damaged, so add a new key before the others.`,
    )
  }
  if (unopened.length === 0) return null
  const rows = unopened.flatMap((each) => each.rows).join(', ')
  return `In ${source}, ${named(unopened.map(({ kid }) => kid))} can't decrypt ${rows}. This data is damaged, unless the key was replaced. In that case, restore the original key.`

  /** Returns rows that the key does not decrypt, up to TRIED of each column, or none if it decrypts at least one. */
  async function unopenedRows(kid: string): Promise<string[]> {
    const rows: string[] = []
    for (const column of keyRing.columns) {
      for (const { row, sealed } of await keyRing.sealedBy(column, kid, 0, TRIED)) {
        try {
          await sealer.reencrypt(sealed)
          return []
        } catch (error) {
          if (!(error instanceof SealBroken)) throw error
          rows.push(`${column.name} of row ${row}`)
        }
      }
    }
    return rows
  }
}

const named = (kids: string[]) =>
  `the key${kids.length === 1 ? '' : 's'} ${kids.map((kid) => `"${kid}"`).join(', ')}`
