/** Ciphertexts, and the errors of opening one. */

/** A ciphertext with the number of its row. */
export type Ciphertext = { row: number; sealed: string }

/** The content of the ciphertext of a row that gives access. */
export type Binding = {
  /** SHA-256 of the secret that the row was made for. */
  secretHash: string
  /** False if ACCESS_EPOCH has changed since, or a right in the row was not written by Mailgrant. */
  isIntact: boolean
}

/** Thrown when the key ring lacks the key that sealed a value: nothing is lost once it is added again. */
export class KeyMissing extends Error {
  readonly kid: string
  constructor(kid: string) {
    super(`the encryption key "${kid}" is not in the ring`)
    this.name = 'KeyMissing'
    this.kid = kid
  }
}

/** Opens the binding of a row. Returns null if the key ring lacks its key, as for a damaged one. */
export const bindingOf = (row: {
  openBinding: () => Promise<Binding | null>
}): Promise<Binding | null> => row.openBinding().catch(nullIfKeyMissing)

/** Takes a value whose key is missing for a damaged one. Throws any other error. */
export function nullIfKeyMissing(error: unknown): null {
  if (error instanceof KeyMissing) return null
  throw error
}

/** Thrown for a ciphertext that is damaged or was moved to another row or column. */
export class SealBroken extends Error {
  override name = 'SealBroken'
}
