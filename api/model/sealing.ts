/** Ciphertexts, and the errors of opening one. */

/** A ciphertext with the number of its row. */
export type Ciphertext = { row: number; sealed: string }

/** Thrown when the key ring lacks the key that sealed a value: nothing is lost once it is added again. */
export class KeyMissing extends Error {
  readonly kid: string
  constructor(kid: string) {
    super(`the encryption key "${kid}" is not in the ring`)
    this.name = 'KeyMissing'
    this.kid = kid
  }
}

/** Thrown for a ciphertext that is damaged or was moved to another row or column. */
export class SealBroken extends Error {
  override name = 'SealBroken'
}
