/** Compares the encryption keys with what the database holds, before anything is served. */
import { SealBroken } from '../model/sealing.ts'
import type { Services } from '../services.ts'
import type { EncryptionKeys } from './keys.ts'
import { StartFailure } from './start-failure.ts'

/** Ciphertexts that are tried for each key and column: single ones may be damaged. */
const TRIED = 5

/** Throws StartFailure if a key in use is missing, or is another key with the same id. */
export async function checkKeys(
  { keyRing, sealer }: Services['store'],
  { ring, source }: EncryptionKeys,
): Promise<void> {
  const inUse = await keyRing.kidsInUse()
  const missing = inUse.filter((kid) => !ring.some((key) => key.kid === kid))
  if (missing.length > 0) {
    throw new StartFailure(
      `${source} lacks ${named(missing)}, which encrypted stored data. Add it again, after the others: without it nothing is lost, but nothing can be decrypted.`,
    )
  }
  const opens = await Promise.all(inUse.map((kid) => opensSomething(kid)))
  const wrong = inUse.filter((_, index) => !opens[index])
  if (wrong.length > 0) {
    throw new StartFailure(
      `In ${source}, ${named(wrong)} decrypts nothing of what was encrypted under this id. It is another key: put the right one back.`,
    )
  }

  async function opensSomething(kid: string): Promise<boolean> {
    for (const column of keyRing.columns) {
      for (const { sealed } of await keyRing.sealedBy(column, kid, 0, TRIED)) {
        try {
          await sealer.reencrypt(sealed)
          return true
        } catch (error) {
          if (!(error instanceof SealBroken)) throw error
        }
      }
    }
    return false
  }
}

const named = (kids: string[]) =>
  `the key${kids.length === 1 ? '' : 's'} ${kids.map((kid) => `"${kid}"`).join(', ')}`
